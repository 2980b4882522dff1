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
import { appendFileSync, mkdirSync } from "node:fs";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import { reasonOf } from "../files/reason.ts";
import { keepTouched } from "../files/folder_lock.ts";
import type { Confines } from "./allowed_modules.ts";
import { type CellEvent, parseEvent } from "./cell_events.ts";
import { boundFailure, CellFailed, type CellTrained, type CellWork } from "./cell_work.ts";
import type { TrainCell } from "./cell_queue.ts";
import type { Progress } from "./ledger_entry.ts";
import { cellFolder, logPath } from "./manifest.ts";
import { withoutSecrets } from "./storage.ts";

/** Program and arguments that train the cell on their standard input. */
export type CellCommand = readonly [program: string, ...args: ReadonlyArray<string>];

/** (where cells are trained, work) ⇒ the command that trains it. Throws where there can be none. */
export type CommandFor = (confines: Confines, work: CellWork) => CellCommand;

const tailLines = 20;
const patience = 20_000; // milliseconds that a process gets to write its checkpoint
const deathsWithoutProgress = { exited: 5, killed: 15 }; // a machine short of memory kills for minutes
const longestPause = 60_000; // milliseconds
const lastWords = 1000; // milliseconds in which output that a process wrote before it ended is still read
const betweenNotes = 1000; // milliseconds
const heartbeat = 10_000; // milliseconds

/**
 * Keeps the last lines of a cell's output. All lines go to the cell's log where that can be written, once the cell's
 * process has accepted its work; before that, nothing may be written.
 */
const makeLog = (path: string) => {
  const tail: Array<string> = [];
  let accepted = false;
  const append = (text: string): void => {
    try {
      mkdirSync(dirname(path), { recursive: true });
      appendFileSync(path, text);
    } catch {
      // a full disk: the tail is kept, and the cell itself tells what it cannot write
    }
  };
  return {
    tail,
    accept: (): void => {
      if (!accepted) append(tail.map((line) => line + "\n").join(""));
      accepted = true;
    },
    write: (line: string): void => {
      tail.push(line);
      if (tail.length > tailLines) tail.shift();
      if (accepted) append(line + "\n");
    },
  };
};

type Log = ReturnType<typeof makeLog>;

/** How a process ended: with a result, without one, or before it began. */
type Ending = Extract<CellEvent, { readonly event: "done" | "failed" }> | Death;

/** An end without a result. */
interface Death {
  readonly event: "died";
  readonly how: string;
  /** Whether a signal ended it. */
  readonly killed: boolean;
}

const notStarted = (error: unknown): Ending => ({
  event: "failed",
  tag: "ProcessNotStarted",
  message: `Cannot start a training process as the machine must have room for one: ${reasonOf(error)}`,
});

/** Starts the program. Throws where the machine cannot start one. */
const startProcess = ([program, ...args]: CellCommand): Deno.ChildProcess =>
  new Deno.Command(program, {
    args,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
    env: { ...withoutSecrets, NO_COLOR: "1" },
  }).spawn();

/** Reads a stream line by line, to its end. */
const hearLines = async (
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  hear: (line: string) => void,
): Promise<void> => {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    lines.forEach(hear);
  }
  if (rest !== "") hear(rest);
};

/** A process with its streams. */
interface Conversation {
  /** Closes its standard input, which tells it to end. */
  readonly letGo: () => void;
  /** How it ended, once it has and all of its output was read. */
  readonly ended: Promise<Death>;
}

/** Sends the process its work, and reads its output. */
const converse = (
  child: Deno.ChildProcess,
  request: unknown,
  log: Log,
  hear: (event: Exclude<CellEvent, { readonly event: "accepted" }>) => void,
): Conversation => {
  const stdin = child.stdin.getWriter(), gone = () => {}; // it ended before it read its work
  stdin.write(new TextEncoder().encode(JSON.stringify(request) + "\n")).catch(gone);
  const said = hearLines(child.stdout, (line) => {
    const event = parseEvent(line);
    if (event === null) log.write(line);
    else if (event.event === "accepted") log.accept();
    else hear(event);
  });
  const heard = Promise.allSettled([said, hearLines(child.stderr, log.write)]);
  const ended = child.status.then(async ({ code, signal }): Promise<Death> => {
    await Promise.race([heard, new Promise((done) => setTimeout(done, lastWords))]); // its own children may hold its pipes
    return { event: "died", how: signal ?? `exit code ${code}`, killed: signal !== null };
  });
  return { letGo: () => void stdin.close().catch(gone), ended };
};

const kill = (child: Deno.ChildProcess): void => {
  try {
    child.kill("SIGKILL");
  } catch {
    // it has ended meanwhile
  }
};

/** Runs one process to its end; when interrupted, the process gets time to write a checkpoint. */
const runProcess = (
  commandFor: CommandFor,
  confines: Confines,
  work: CellWork,
  log: Log,
  observe: (progress: Omit<Progress, "host">) => void,
): Effect.Effect<Ending> =>
  Effect.callback<Ending>((resume) => {
    let child: Deno.ChildProcess;
    try {
      child = startProcess(commandFor(confines, work));
    } catch (error) {
      return resume(Effect.succeed(notStarted(error)));
    }
    let ending: Ending | null = null;
    const { letGo, ended } = converse(child, { ...confines, work }, log, (event) => {
      if (event.event === "progress") return observe(event);
      ending = event;
      letGo();
    });
    void ended.then((death) => resume(Effect.succeed(ending ?? death)));
    return Effect.promise(async () => {
      letGo();
      const timer = setTimeout(() => kill(child), patience);
      await ended;
      clearTimeout(timer);
    });
  });

/**
 * Counts deaths of a cell's processes since the last iteration that was new; a resume from further back begins anew.
 */
const makeDeathCount = () => {
  let start: number | null = null, earlierStart = 0, furthest = -1, deaths = 0;
  return {
    reached: (iterations: number): void => {
      if (start === null && iterations < earlierStart) furthest = -1; // what was beyond is lost
      start ??= iterations;
      if (iterations > furthest) [furthest, deaths] = [iterations, 0];
    },
    died: (): number => {
      [earlierStart, start] = [start ?? earlierStart, null];
      return ++deaths;
    },
  };
};

/** (death, how many in a row) ⇒ why no further process is started; null: one is. */
const givenUp = ({ how, killed }: Death, deaths: number): string | null => {
  if (deaths < (killed ? deathsWithoutProgress.killed : deathsWithoutProgress.exited)) return null;
  const hint = how === "SIGKILL" ? ", which a system sends that is short of memory: fewer --slots need less" : "";
  return `Its process must not end by itself: ${how}, ${deaths} times without a new iteration${hint}`;
};

/** (deaths in a row) ⇒ milliseconds before the next process: 0.2, 0.4, 0.8 s … a minute. */
export const pauseAfter = (deaths: number): number => Math.min(longestPause, 100 * 2 ** deaths);

/**
 * (command of a cell, where it is trained, told of every iteration and every ten seconds) ⇒ trains a cell; a
 * process that is killed is followed by another.
 */
export const trainInProcess = (
  commandFor: CommandFor,
  confines: Confines,
  note: (work: CellWork, progress: Progress) => Effect.Effect<void>,
): TrainCell =>
(work) => {
  const host = hostname(), log = makeLog(logPath(work.folder, work.id)), count = makeDeathCount();
  let noted = -Infinity, progress = { iterations: 0, steps: 0 };
  const tell = Effect.suspend(() => {
    noted = performance.now();
    return note(work, { ...progress, host });
  });
  const observe = (next: typeof progress) => {
    progress = next;
    count.reached(next.iterations);
    if (performance.now() - noted >= betweenNotes) Effect.runFork(tell);
  };
  const training = Effect.gen(function* (): Effect.fn.Return<CellTrained, CellFailed> {
    while (true) {
      const ending = yield* runProcess(commandFor, confines, work, log, observe);
      if (ending.event === "done") return { iterations: ending.iterations, steps: ending.steps, host };
      const failed = (tag: string, reason: string) =>
        boundFailure(new CellFailed({ id: work.id, tag, reason, log: [...log.tail], ...progress, host }));
      if (ending.event === "failed") return yield* failed(ending.tag, ending.message);
      log.write(`The process of ${work.id} ended by itself: ${ending.how}`);
      const deaths = count.died(), reason = givenUp(ending, deaths);
      if (reason !== null) return yield* failed("ProcessDied", reason);
      yield* Effect.sleep(pauseAfter(deaths));
    }
  });
  const alive = Effect.forever(Effect.andThen(tell, Effect.sleep(heartbeat)));
  const touched = keepTouched(join(work.folder, cellFolder(work.id))); // the cell's own thread is busy
  return Effect.raceFirst(training, Effect.raceFirst(alive, touched));
};
