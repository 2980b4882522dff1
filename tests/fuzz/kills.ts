/**
 * `train` and `ablate` killed at random moments, over the real stages, until they end: bit for bit what nobody disturbed.
 *
 * @module
 */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fold, type Key, makeStream, type Stream } from "../../src/math/random.ts";
import { logOf } from "../cli/child.ts";
import { below } from "./mutate.ts";
import { temporaryFolder } from "../temporary.ts";

const pipeline = `task: swimmer
iterations: 24
checkpoint: { every: 3, keep: 2 }
networks: { policy: { hidden: [8] }, value: { hidden: [8] }, model: { hidden: [16] } }
program:
  - collect: { steps: 200, environments: 2 }
  - store: { capacity: 600 }
  - fitModel: { updates: 4 }
  - fitValue: { epochs: 2 }
  - estimateGradient: { horizon: 3, coefficient: optimal }
  - trpoUpdate
`;
const study =
  "base: pipeline.yaml\naxes:\n  variant: { a: {}, b: { set: { trpoUpdate: { maxKl: 0.02 } } } }\n  seed: [0, 1]\n";

const makePlace = (): string => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "pipeline.yaml"), pipeline);
  writeFileSync(join(folder, "study.yaml"), study);
  return folder;
};

const start = (args: ReadonlyArray<string>): Deno.ChildProcess =>
  new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "src/cli/main.ts", ...args],
    stdout: "null",
    stderr: "piped",
    env: { NO_COLOR: "1" },
  }).spawn();

const pause = (milliseconds: number): Promise<void> => new Promise((done) => setTimeout(done, milliseconds));

/** A command that is killed and started again, and what is left of it. */
interface Victim {
  readonly name: string;
  /** (folder) ⇒ arguments that begin, or go on. */
  readonly args: (folder: string) => ReadonlyArray<string>;
  /** (folder) ⇒ all that must be equal. */
  readonly result: (folder: string) => string;
  /** Milliseconds within which a kill falls. */
  readonly window: number;
  /** (command) ⇒ processes of which one is killed. */
  readonly targets: (command: Deno.ChildProcess) => ReadonlyArray<number>;
}

const lastState = (run: string): string => {
  const last = readdirSync(join(run, "checkpoints")).filter((name) => /^\d+$/.test(name)).sort().at(-1)!;
  return last + readFileSync(join(run, "checkpoints", last, "state.safetensors")).toString("base64");
};

const runResult = (run: string): string => JSON.stringify(logOf(run)) + lastState(run);

const train: Victim = {
  name: "train",
  args: (folder) =>
    existsSync(join(folder, "a"))
      ? ["train", "--resume", join(folder, "a")]
      : ["train", join(folder, "pipeline.yaml"), "--runs", folder, "--run", "a"],
  result: (folder) => runResult(join(folder, "a")),
  window: 3000,
  targets: ({ pid }) => [pid],
};

/** (process) ⇒ those that it started, where the system tells. */
const childrenOf = (pid: number): ReadonlyArray<number> => {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean).map(Number);
  } catch {
    return [];
  }
};

const ablate: Victim = {
  name: "ablate",
  args: (folder) => ["ablate", join(folder, "study.yaml"), "--out", join(folder, "sweep"), "--slots", "2"],
  result: (folder) => {
    const cells = join(folder, "sweep", "cells");
    return readdirSync(cells).sort().map((name) => name + runResult(join(cells, name))).join("\n");
  },
  window: 8000,
  targets: ({ pid }) => [pid, ...childrenOf(pid)],
};

const victims: ReadonlyArray<Victim> = [train, ablate];

const kill = (pid: number): void => {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // it has ended meanwhile
  }
};

const toEnd = async (child: Deno.ChildProcess): Promise<{ readonly code: number; readonly err: string }> => {
  const { code, stderr } = await child.output();
  return { code, err: new TextDecoder().decode(stderr) };
};

/** (victim) ⇒ its result where nobody disturbs it. */
const undisturbed = async (victim: Victim): Promise<string> => {
  const folder = makePlace(), { code, err } = await toEnd(start(victim.args(folder)));
  if (code !== 0) {
    throw new Error(`Cannot hold kills against an undisturbed ${victim.name} as it must end well: ${err}`);
  }
  const result = victim.result(folder);
  rmSync(folder, { recursive: true });
  return result;
};

/** Kills until the command ends by itself, `limit` times at most. ⇒ kills, and the exit code and words of the last process. */
const killUntilDone = async (victim: Victim, folder: string, stream: Stream, limit: number) => {
  for (let kills = 0;;) {
    const child = start(victim.args(folder)), over = toEnd(child);
    let ended = false;
    void over.then(() => ended = true);
    while (!ended && kills < limit) {
      await Promise.race([over, pause(stream.uniform() * victim.window)]);
      if (ended) break;
      const targets = victim.targets(child), chosen = targets[below(targets.length, stream)];
      kill(chosen);
      kills++;
      if (chosen === child.pid) break;
    }
    const { code, err } = await over;
    if (code !== 137) return { kills, code, err };
  }
};

/** Kills of one command until so many have fallen. (victim, reference, stream, kills) ⇒ (kills, unequal results). */
const killTimes = async (victim: Victim, reference: string, stream: Stream, limit: number) => {
  const folder = makePlace();
  const { kills, code, err } = await killUntilDone(victim, folder, stream, limit);
  const equal = code === 0 && victim.result(folder) === reference;
  if (equal) rmSync(folder, { recursive: true });
  else console.error(`${victim.name}: not what nobody disturbed, code ${code}, in ${folder}\n${err}`);
  return { kills, unequal: equal ? 0 : 1 };
};

const most = 12; // kills of one run, which then may end

/** (milliseconds, key, fewest kills by command) ⇒ how many commands ended otherwise than undisturbed. */
export const killFor = async (
  milliseconds: number,
  key: Key,
  fewest: Readonly<Record<string, number>> = {},
): Promise<number> => {
  const end = performance.now() + milliseconds;
  let unequal = 0;
  for (const victim of victims) {
    const reference = await undisturbed(victim), until = performance.now() + (end - performance.now()) / 2;
    const wanted = fewest[victim.name] ?? 0;
    let kills = 0, runs = 0;
    while (performance.now() < (victim === ablate ? end : until) || kills < wanted) {
      const done = await killTimes(victim, reference, makeStream(fold(fold(key, victim.name), runs++)), most);
      kills += done.kills;
      unequal += done.unequal;
    }
    console.log(`${victim.name}: ${kills} kills in ${runs} runs, ${unequal} unequal`);
  }
  return unequal;
};
