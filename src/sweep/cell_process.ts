/**
 * Training of one cell in a process of its own: training blocks the thread that it runs in, for longer than a runner
 * may be silent.
 *
 * The process is given its work on standard input and lives as long as that stays open, so that it ends with whoever
 * started it, even by kill -9. It tells of every iteration on standard output.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import { spawn } from "node:child_process";
import { appendFileSync, mkdirSync } from "node:fs";
import { hostname } from "node:os";
import { dirname } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { type CellEvent, parseEvent } from "./cell_events.ts";
import { CellFailed, type CellTrained, type CellWork } from "./cell_work.ts";
import type { TrainCell } from "./cell_queue.ts";
import type { Progress } from "./ledger.ts";
import { logPath } from "./manifest.ts";
import { withoutSecrets } from "./storage.ts";

/** Program and arguments that train the cell on their standard input. */
export type CellCommand = readonly [program: string, ...args: ReadonlyArray<string>];

/** (main module) ⇒ the command `cell` of this program. */
export const cellCommand = (main: string): CellCommand =>
  Deno.build.standalone ? [Deno.execPath(), "cell"] : [Deno.execPath(), "run", "--allow-all", main, "cell"];

const tailLines = 20;
const patience = 20_000; // milliseconds that a process gets to write its checkpoint
const deathsWithoutProgress = 5;
const betweenNotes = 1000; // milliseconds

/** Keeps the end of what a cell says, and appends all of it to the cell's log where that can be written. */
const makeLog = (path: string) => {
  const tail: Array<string> = [];
  return {
    tail,
    write: (line: string): void => {
      tail.push(line);
      if (tail.length > tailLines) tail.shift();
      try {
        mkdirSync(dirname(path), { recursive: true });
        appendFileSync(path, line + "\n");
      } catch {
        // a full disk: the tail is kept, and the cell itself tells what it cannot write
      }
    },
  };
};

type Log = ReturnType<typeof makeLog>;

/** How a process ended: by its own word, or without one. */
type Ending = Extract<CellEvent, { readonly event: "done" | "failed" }> | {
  readonly event: "died";
  readonly how: string;
};

/** Runs one process to its end; when interrupted, the process gets time to write a checkpoint. */
const runProcess = (
  [program, ...args]: CellCommand,
  work: CellWork,
  log: Log,
  observe: (progress: Omit<Progress, "host">) => void,
): Effect.Effect<Ending> =>
  Effect.callback<Ending>((resume) => {
    let ending: Ending | null = null;
    const child = spawn(program, args, {
      stdio: ["pipe", "pipe", "pipe"],
      env: { ...withoutSecrets(process.env), NO_COLOR: "1" },
    });
    child.stdin.on("error", () => {}); // it ended before it read its work
    child.stdin.write(JSON.stringify(work) + "\n");
    createInterface({ input: child.stdout }).on("line", (line) => {
      const event = parseEvent(line);
      if (event === null) log.write(line);
      else if (event.event === "progress") observe(event);
      else {
        ending = event;
        child.stdin.end(); // which lets it go
      }
    });
    createInterface({ input: child.stderr }).on("line", log.write);
    const ended = new Promise<void>((done) => {
      const end = (how: string) => {
        resume(Effect.succeed(ending ?? { event: "died", how }));
        done();
      };
      child.once("error", (error) => end(error.message));
      child.once("close", (code, signal) => end(signal ?? `exit code ${code}`));
    });
    return Effect.promise(async () => {
      child.stdin.end();
      const timer = setTimeout(() => child.kill("SIGKILL"), patience);
      await ended;
      clearTimeout(timer);
    });
  });

/** (command, told of every iteration) ⇒ trains a cell; a process that is killed is followed by another. */
export const trainInProcess = (
  command: CellCommand,
  note: (work: CellWork, progress: Progress) => Effect.Effect<void>,
): TrainCell =>
  Effect.fnUntraced(function* (work: CellWork): Effect.fn.Return<CellTrained, CellFailed> {
    const host = hostname();
    const log = makeLog(logPath(work.folder, work.id));
    let deaths = 0, furthest = -1, noted = -Infinity, progress = { iterations: 0, steps: 0 };
    const observe = (next: typeof progress) => {
      progress = next;
      if (next.iterations > furthest) [furthest, deaths] = [next.iterations, 0];
      if (performance.now() - noted < betweenNotes) return;
      noted = performance.now();
      Effect.runFork(note(work, { ...next, host }));
    };
    while (true) {
      const ending = yield* runProcess(command, work, log, observe);
      if (ending.event === "done") return { iterations: ending.iterations, steps: ending.steps, host };
      const failed = (tag: string, reason: string) =>
        new CellFailed({ id: work.id, tag, reason, log: [...log.tail], ...progress, host });
      if (ending.event === "failed") return yield* failed(ending.tag, ending.message);
      log.write(`The process of ${work.id} ended by itself: ${ending.how}`);
      if (++deaths >= deathsWithoutProgress) {
        const reason = `Its process must not end by itself: ${ending.how}, ${deaths} times without a new iteration`;
        return yield* failed("ProcessDied", reason);
      }
      yield* Effect.sleep(`${deaths * 200} millis`);
    }
  });
