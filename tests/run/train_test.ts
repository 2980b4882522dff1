import { assert, assertEquals, assertInstanceOf, assertMatch, assertStringIncludes } from "@std/assert";
import * as Effect from "effect/Effect";
import * as Fiber from "effect/Fiber";
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeKey } from "../../src/math/random.ts";
import { type Checkpoint, listCheckpoints, setAsideAfter } from "../../src/run/checkpoint.ts";
import { RunFolderBusy, RunFolderUnwritable } from "../../src/files/errors.ts";
import { RunFolderExists, TrainingFailed } from "../../src/run/errors.ts";
import { isLocked, lockRunFolder } from "../../src/files/folder_lock.ts";
import { lockPath } from "../../src/files/lock_file.ts";
import { readLatestCheckpoint } from "../../src/run/read_checkpoint.ts";
import {
  createRunFolder,
  defaultRunName,
  openRunFolder,
  type RunDescription,
  type RunFolder,
} from "../../src/run/run_folder.ts";
import { type IterationRecord, readLog, truncateLog } from "../../src/run/run_log.ts";
import { train } from "../../src/run/train.ts";
import { collect, expectedLike, fakeState, fakeTask, store, trpoUpdate } from "../program/fakes.ts";
import { startHolder } from "../files/lock_processes.ts";
import { temporaryFolder } from "../temporary.ts";

const start: Checkpoint = { iteration: 0, steps: 0, seed: 4, pipelineHash: "h", state: fakeState(makeKey(4)) };
const description = { pipeline: "task: pendulum\n", environment: { deno: "x" }, checkpoint: start, use: [] };

/** A new run folder that nobody has locked any more. */
const created = async (path: string, from: RunDescription = description): Promise<RunFolder> =>
  (await Effect.runPromise(Effect.scoped(createRunFolder(path, from)))).folder;
const refused = (path: string, from: RunDescription = description) =>
  Effect.runPromise(Effect.flip(Effect.scoped(createRunFolder(path, from))));
const newFolder = () => created(join(temporaryFolder(), "run"));

interface Options {
  readonly nanAfter?: number;
  readonly failAfter?: number;
  readonly milliseconds?: number;
  readonly every?: number;
  readonly observe?: (record: IterationRecord) => void;
  /** Whether another machine has taken the folder over. */
  readonly lost?: () => boolean;
}

const running = (folder: RunFolder, from: Checkpoint, iterations: number, options: Options = {}) => {
  const { every = 3, observe = () => {}, milliseconds = 0, lost = () => false, ...update } = options;
  const busy = new RunFolderBusy({ path: folder.path, lock: "run.lock", pid: 7, host: "elsewhere" });
  return train({
    program: { stages: [collect(fakeTask, { milliseconds }), store(fakeTask), trpoUpdate(fakeTask, update)] },
    folder,
    lock: { stillOurs: Effect.suspend(() => lost() ? Effect.fail(busy) : Effect.void) },
    start: from,
    iterations,
    checkpoint: { every, keep: 2 },
    evaluation: null,
    observe,
  });
};

const logOf = (folder: RunFolder) => readLog(folder.metrics).records.map(({ seconds: _, ...record }) => record);
const latest = (folder: RunFolder) =>
  Effect.runSync(readLatestCheckpoint(folder.checkpoints, expectedLike(start.state, 4)));

Deno.test("a run writes a line an iteration and checkpoints: every third, the last, two kept", async () => {
  const folder = await newFolder();
  const end = await Effect.runPromise(running(folder, start, 8));
  assertEquals([end.iteration, end.steps], [8, 64]);
  assertEquals(
    logOf(folder).map(({ iteration, steps }) => [iteration, steps]),
    [1, 2, 3, 4, 5, 6, 7, 8].map((i) => [i, 8 * i]),
  );
  assertEquals(listCheckpoints(folder.checkpoints), [6, 8]);
  assertEquals(latest(folder).checkpoint, end);
  assertEquals(readFileSync(folder.pipeline, "utf8"), description.pipeline);
});

Deno.test("a resumed run equals the uninterrupted one, bit for bit", async () => {
  const [whole, parted] = [await newFolder(), await newFolder()];
  const end = await Effect.runPromise(running(whole, start, 9));
  await Effect.runPromise(running(parted, start, 4));
  await Effect.runPromise(running(parted, latest(parted).checkpoint, 9));
  assertEquals(latest(parted).checkpoint, end);
  assertEquals(logOf(parted), logOf(whole));
});

Deno.test("a run that falls back behind its log drops the lines that it will write anew", async () => {
  const [whole, parted] = [await newFolder(), await newFolder()];
  await Effect.runPromise(running(whole, start, 8));
  await Effect.runPromise(running(parted, start, 7));
  writeFileSync(join(parted.checkpoints, "000007", "manifest.json"), "{");
  writeFileSync(parted.metrics, readFileSync(parted.metrics, "utf8") + '{"iteration":8,"ste');
  const { checkpoint } = latest(parted);
  assertEquals(checkpoint.iteration, 6);
  Effect.runSync(truncateLog(parted.metrics, 6));
  Effect.runSync(setAsideAfter(parted.checkpoints, 6));
  assertEquals(listCheckpoints(parted.checkpoints).at(-1), 6);
  await Effect.runPromise(running(parted, checkpoint, 8));
  assertEquals(logOf(parted), logOf(whole));
  assertEquals(latest(parted).checkpoint, latest(whole).checkpoint);
});

Deno.test("NaN stops the run by iteration, stage and quantity, and the last whole iteration is saved", async () => {
  const folder = await newFolder();
  const error = await Effect.runPromise(Effect.flip(running(folder, start, 20, { nanAfter: 5 })));
  assertInstanceOf(error, TrainingFailed);
  assertEquals([error.iteration, error.stage, error.quantity], [5, "trpoUpdate", "policy.theta"]);
  assertEquals(error.checkpoint, join(folder.checkpoints, "000004"));
  assertStringIncludes(error.message, `The last good checkpoint is ${error.checkpoint}`);
  assertStringIncludes(error.message, 'Cannot finish iteration 5 as stage "trpoUpdate" failed.');
  assertStringIncludes(error.message, "policy.theta must be finite");
  const whole = await newFolder();
  assertEquals(latest(folder).checkpoint, await Effect.runPromise(running(whole, start, 4)));
  assertEquals(logOf(folder).length, 4);
});

Deno.test("a stage's own error carries its quantity", async () => {
  const error = await Effect.runPromise(Effect.flip(running(await newFolder(), start, 20, { failAfter: 1 })));
  assertInstanceOf(error, TrainingFailed);
  assertEquals([error.iteration, error.stage, error.quantity], [1, "trpoUpdate", "G2"]);
  assertMatch(error.message, /Cannot estimate the gradient as G2 must be finite.*\n.*000000/);
});

Deno.test("an interrupted run writes a checkpoint of its last whole iteration", async () => {
  const folder = await newFolder();
  const fiber = Effect.runFork(running(folder, start, 1000, { milliseconds: 5, every: 1000 }));
  while (logOf(folder).length < 4) await new Promise((done) => setTimeout(done, 5));
  await Effect.runPromise(Fiber.interrupt(fiber));
  const { checkpoint } = latest(folder);
  assert(checkpoint.iteration >= 3);
  const whole = await newFolder();
  assertEquals(checkpoint, await Effect.runPromise(running(whole, start, checkpoint.iteration)));
});

Deno.test("a run folder that exists is refused", async () => {
  const folder = await newFolder();
  const error = await refused(folder.path);
  assertInstanceOf(error, RunFolderExists);
  assertStringIncludes(error.message, `--resume ${folder.path}`);
});

Deno.test("a run folder appears whole, with the checkpoint before the first iteration, or not at all", async () => {
  const runs = temporaryFolder(), path = join(runs, "run");
  const broken = { ...start, state: { ...start.state, normalizer: NaN } } as unknown as Checkpoint; // cannot be packed
  const error = await refused(path, { ...description, checkpoint: broken });
  assertInstanceOf(error, RunFolderUnwritable);
  assertStringIncludes(error.message, `Cannot write ${path} `);
  assertEquals(readdirSync(runs), []);
  assertEquals(latest(await created(path)).checkpoint, start);
  assertEquals(readdirSync(runs), ["run"]);
});

Deno.test("a run folder is locked from before it appears, without a moment between, until its maker lets go", async () => {
  const path = join(temporaryFolder(), "run"), names: string[] = [];
  await Effect.runPromise(Effect.scoped(Effect.gen(function* () {
    const { lock } = yield* createRunFolder(path, description);
    names.push(...readdirSync(path));
    yield* lock.stillOurs;
    assertEquals(isLocked(path), true);
    assertInstanceOf(yield* Effect.flip(lockRunFolder(path)), RunFolderBusy);
  })));
  assertEquals([names.includes("run.lock"), isLocked(path), readdirSync(path).includes("run.lock")], [
    true,
    false,
    false,
  ]);
});

Deno.test("half-made run folders are removed where their maker is gone, and left where it is at work", async () => {
  const runs = temporaryFolder(), made = (name: string) => join(runs, `.tmp-run-${name}`);
  for (const name of ["alive", "dead", "foreign", "empty", "early"]) mkdirSync(made(name));
  writeFileSync(join(made("early"), ".tmp-lock-7"), ""); // killed before its lock appeared
  const [alive, dead] = [await startHolder(made("alive")), await startHolder(made("dead"))];
  await dead.end("killed");
  writeFileSync(lockPath(made("foreign")), JSON.stringify({ pid: dead.pid, host: "elsewhere" }));
  mkdirSync(join(runs, ".tmp-of-another-program"));
  await created(join(runs, "run"));
  assertEquals(readdirSync(runs).sort(), [".tmp-of-another-program", ".tmp-run-alive", ".tmp-run-foreign", "run"]);
  assertEquals(readdirSync(join(runs, "run")).sort(), ["checkpoints", "environment.json", "pipeline.yaml"]);
  await alive.end("asked");
});

Deno.test("a folder that cannot be written is named, with the cause", async () => {
  const file = join(temporaryFolder(), "file");
  writeFileSync(file, "");
  const error = await refused(join(file, "run"));
  assertInstanceOf(error, RunFolderUnwritable);
  assertStringIncludes(error.message, `Cannot write ${join(file, "run")}`);
  assertStringIncludes(error.message, "ENOTDIR");
});

Deno.test("a full disk is named, with the file, and the checkpoints stay", async () => {
  const folder = await newFolder();
  await Effect.runPromise(running(folder, start, 3));
  Deno.removeSync(folder.metrics);
  symlinkSync("/dev/full", folder.metrics);
  const error = await Effect.runPromise(Effect.flip(running(folder, latest(folder).checkpoint, 6)));
  assertInstanceOf(error, RunFolderUnwritable);
  assertStringIncludes(error.message, folder.metrics);
  assertStringIncludes(error.message, "No space left on device");
  assertEquals(latest(folder).checkpoint.iteration, 3);
});

Deno.test("a folder without a pipeline is no run", () => {
  const error = Effect.runSync(Effect.flip(openRunFolder(temporaryFolder())));
  assertStringIncludes(error.message, "must be the folder of a run");
});

Deno.test("runs are named by pipeline, seed and time", () => {
  assertEquals(
    defaultRunName("hopper_mscv", 3, new Date("2020-01-02T03:04:05.678Z")),
    "hopper_mscv-seed3-2020-01-02-030405",
  );
});

Deno.test("whoever has lost the folder to another machine writes nothing more into it, and says who has it", async () => {
  const folder = await newFolder(), done: number[] = [];
  const options = { every: 1, observe: ({ iteration }: IterationRecord) => void done.push(iteration) };
  const error = await Effect.runPromise(
    Effect.flip(running(folder, start, 9, { ...options, lost: () => done.length >= 2 })),
  );
  assertInstanceOf(error, RunFolderBusy);
  assertEquals(error.host, "elsewhere");
  assertEquals(logOf(folder).map(({ iteration }) => iteration), [1, 2]);
  assertEquals(listCheckpoints(folder.checkpoints), [0, 1]); // that of iteration 2 came too late
});
