/**
 * Sweeps of small cells over fake stages, and the processes that train them.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { randomUUID } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import process from "node:process";
import { DatabaseSync } from "node:sqlite";
import { databasePath, readSweep, type Sweep } from "../../src/sweep/manifest.ts";
import { logOf } from "../cli/child.ts";
import { temporaryFolder } from "../temporary.ts";

/** A place for one sweep, whose processes are told from all others by a variable of their environment. */
export interface Place {
  readonly file: string;
  readonly out: string;
  readonly mark: string;
}

const base = (milliseconds: number) =>
  `task: pendulum
iterations: 12
checkpoint: { every: 3, keep: 2 }
program: [{ collect: { milliseconds: ${milliseconds} } }, store, trpoUpdate]
`;

const axes = `axes:
  variant: { a: {}, b: { set: { trpoUpdate: { maxKl: 0.02 } } } }
  seed: [0, 1, 2]
`;

/** (milliseconds of an iteration) ⇒ a new place with an ablation of six cells. */
export const makePlace = (milliseconds = 40, more = axes): Place => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "base.yaml"), base(milliseconds));
  writeFileSync(join(folder, "study.yaml"), `base: base.yaml\n${more}`);
  return { file: join(folder, "study.yaml"), out: join(folder, "sweep"), mark: randomUUID() };
};

const markVariable = "MSCV_TEST_MARK";

const started = new Set<Deno.ChildProcess>();

/** Starts a command over fake stages in a working folder, its output collected. */
export const startCommand = (
  { mark }: Place,
  args: ReadonlyArray<string>,
  environment: Readonly<Record<string, string>> = {},
  folder = ".",
): Deno.ChildProcess => {
  const child = new Deno.Command(Deno.execPath(), {
    // manual: of two that set up packages at once, one says on stderr that it waits
    args: ["run", "-A", "--no-check", "--node-modules-dir=manual", resolve("tests/cli/fake_main.ts"), ...args],
    cwd: folder,
    stdout: "piped",
    stderr: "piped",
    env: { NO_COLOR: "1", [markVariable]: mark, ...environment },
  }).spawn();
  started.add(child);
  void child.status.then(() => started.delete(child));
  return child;
};

/** Ends what a failed test has left, which would take the cells of the next one. */
export const endStarted = async (): Promise<void> => {
  const left = [...started];
  for (const child of left) kill(child.pid);
  await Promise.all(left.map((child) => child.status));
};

/** Starts `ablate`, two cells at a time. */
export const startAblate = (place: Place, ...more: ReadonlyArray<string>): Deno.ChildProcess =>
  startCommand(place, ["ablate", place.file, "--out", place.out, "--slots", "2", ...more]);

/** (child) ⇒ what it has said so far, on both streams. */
export const collect = ({ stdout, stderr }: Deno.ChildProcess): { readonly text: () => string } => {
  let text = "";
  for (const stream of [stdout, stderr]) {
    void (async () => {
      for await (const part of stream.pipeThrough(new TextDecoderStream())) text += part;
    })();
  }
  return { text: () => text };
};

/** A process that belongs to a place. */
export interface Running {
  readonly pid: number;
  readonly command: string;
}

/** (file of a process, or of a run that goes on) ⇒ its text; "" where it is gone meanwhile, or another user's. */
export const readAsFound = (path: string): string => {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
};

/** (such a folder) ⇒ names of what is in it; none where it is gone meanwhile, or no folder. */
export const namesAsFound = (path: string): ReadonlyArray<string> => {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
};

/** (such a folder) ⇒ the paths of what is in it and below it, but of folders that hold something. */
export const filesAsFound = (path: string): ReadonlyArray<string> =>
  namesAsFound(path).flatMap((name) => {
    const below = filesAsFound(join(path, name));
    return below.length > 0 ? below : [join(path, name)];
  });

/** Whether processes can be listed: on Linux. */
export const canList = existsSync("/proc/self/environ");

/** (place) ⇒ its processes. */
export const processesOf = ({ mark }: Place): ReadonlyArray<Running> =>
  readdirSync("/proc").filter((name) => /^\d+$/.test(name))
    .filter((name) => readAsFound(`/proc/${name}/environ`).includes(`${markVariable}=${mark}`))
    .map((name) => ({ pid: Number(name), command: readAsFound(`/proc/${name}/cmdline`).replaceAll("\0", " ").trim() }))
    .filter(({ command }) => command !== ""); // one that has ended and is not yet waited for

/** (place) ⇒ the processes that train its cells. */
export const trainersOf = (place: Place): ReadonlyArray<Running> =>
  processesOf(place).filter(({ command }) => command.endsWith(" cell"));

/** (place, work) ⇒ what `work` gives, while the processes that train its cells now stand still, so that none comes to its end. */
export const whileHeld = async <A>(place: Place, work: () => Promise<A>): Promise<A> => {
  const held = trainersOf(place);
  for (const { pid } of held) kill(pid, "SIGSTOP");
  try {
    return await work();
  } finally {
    for (const { pid } of held) kill(pid, "SIGCONT");
  }
};

/** Waits for so many milliseconds. */
export const pause = (milliseconds: number): Promise<void> => new Promise((done) => setTimeout(done, milliseconds));

/** Waits until something holds; three minutes without it are a failure, also on a busy machine. */
export const until = async (what: string, holds: () => boolean, patience = 180_000): Promise<void> => {
  for (let waited = 0; !holds(); waited += 20) {
    if (waited > patience) throw new Error(`Cannot wait any longer for ${what}`);
    await pause(20);
  }
};

/** Kills without a chance to clean up, or sends another signal. */
export const kill = (pid: number, signal: Deno.Signal = "SIGKILL"): void => {
  try {
    process.kill(pid, signal);
  } catch {
    // it has ended meanwhile
  }
};

/** (place) ⇒ the sweep in its folder. */
export const sweepOf = ({ out }: Place): Sweep => {
  const sweep = readSweep(out);
  if (sweep === null) throw new Error(`Cannot read a sweep in ${out}`);
  return sweep;
};

const finalState = (run: string): string => {
  const last = readdirSync(join(run, "checkpoints")).filter((name) => /^\d+$/.test(name)).sort().at(-1)!;
  return readFileSync(join(run, "checkpoints", last, "state.safetensors")).toString("base64");
};

/** Iterations that are logged so far, of all cells or of one. */
export const iterationsLogged = (place: Place, cell = ""): number => {
  const cells = join(place.out, "cells");
  return namesAsFound(cells).filter((name) => name.includes(cell))
    .reduce((sum, name) => sum + readAsFound(join(cells, name, "metrics.jsonl")).split("\n").length - 1, 0);
};

/** Every cell is done and recorded once, its numbers are those of the undisturbed sweep, and no process is left. */
export const assertUndisturbed = async (place: Place, undisturbed: Place): Promise<void> => {
  const cells = sweepOf(place).cells, expected = sweepOf(undisturbed).cells;
  assertEquals(cells.map(({ id, state }) => [id, state]), expected.map(({ id }) => [id, "done"]));
  for (const [i, { folder }] of cells.entries()) {
    assertEquals(logOf(folder), logOf(expected[i].folder)); // iterations 1 … 12, each once
    assertEquals(finalState(folder), finalState(expected[i].folder));
  }
  assertEquals(
    readdirSync(join(place.out, "outcomes")).sort(),
    cells.map(({ id }) => `${id}.json`).sort(),
  );
  if (canList) {
    await until("the last process", () => processesOf(place).length === 0);
  }
};

/** (place) ⇒ keys of the outcomes that the embedded engine recorded. */
export const recordedKeys = ({ out }: Place): ReadonlyArray<string> => {
  const database = new DatabaseSync(databasePath(out));
  const rows = database.prepare("SELECT work_key FROM mscv_cells WHERE outcome IS NOT NULL ORDER BY work_key").all();
  database.close();
  return rows.map((row) => String(row.work_key));
};
