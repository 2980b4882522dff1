/**
 * What comes before the first iteration of `mscv train`: a new run folder, or one that is opened again.
 * (request) ⇒ (folder, pipeline, start), locked against other processes
 *
 * @module
 */
import * as Console from "effect/Console";
import * as Effect from "effect/Effect";
import type * as Scope from "effect/Scope";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { nameFault } from "../config/names.ts";
import type { Pipeline } from "../config/pipeline.ts";
import { expectedToGoOn } from "./expected.ts";
import { hashPipeline, printPipeline } from "../config/print.ts";
import type { ConfigInvalid } from "../config/problems.ts";
import { resolvePipeline, stateBefore } from "../config/resolve.ts";
import { fold, makeKey } from "../math/random.ts";
import type { SettingInvalid } from "../nn/kernels/environment.ts";
import { type Checkpoint, setAsideAfter } from "./checkpoint.ts";
import { writeWhole, writing } from "../files/durable_file.ts";
import { describeEnvironment, resumeEnvironment } from "./environment.ts";
import type { CheckpointCorrupt, RunFolderExists, RunFolderInvalid } from "./errors.ts";
import type { RunFolderBusy, RunFolderUnwritable } from "../files/errors.ts";
import type { StageDefect } from "../program/errors.ts";
import { readLatestCheckpoint } from "./read_checkpoint.ts";
import {
  cleanRunFolder,
  createRunFolder,
  defaultRunName,
  openRunFolder,
  removeRunFolder,
  type RunFolder,
} from "./run_folder.ts";
import { isLocked, lockRunFolder, type RunLock } from "../files/folder_lock.ts";
import { readLog, truncateLog } from "./run_log.ts";
import { liftThrown } from "../program/thrown.ts";
import type { TensorsExhausted } from "../stages/errors.ts";
import { TensorRuntime } from "../stages/tensor_runtime.ts";
import type { Engine } from "./engine.ts";
import { refuseForbidden } from "../sandbox/denials.ts";
import { UsageInvalid } from "../config/usage.ts";
import { defaultPipeline, type TrainRequest } from "./train_request.ts";

/** A run that can start. */
export interface Prepared {
  /** Where it keeps its files. */
  readonly folder: RunFolder;
  /** Of the folder. */
  readonly lock: RunLock;
  /** Resolved. */
  readonly pipeline: Pipeline;
  /** What the first iteration starts from. */
  readonly start: Checkpoint;
  /** Whether its folder was made just now. */
  readonly isNew: boolean;
}

/** What can be wrong before the first iteration. */
export type PrepareError =
  | ConfigInvalid
  | RunFolderBusy
  | RunFolderExists
  | RunFolderUnwritable
  | RunFolderInvalid
  | CheckpointCorrupt
  | SettingInvalid
  | StageDefect
  | TensorsExhausted
  | UsageInvalid;

const longestRunName = 150; // a name of a pipeline, seed and time

/** A run is a folder below --runs, and its name no path. */
const refuseName = (run: string | null): Effect.Effect<void, UsageInvalid> => {
  const fault = run === null ? null : nameFault(run, longestRunName);
  return fault === null ? Effect.void : Effect.fail(
    new UsageInvalid({ message: `Cannot train as --run must ${fault}: current value is ${JSON.stringify(run)}` }),
  );
};

const prepareNew = Effect.fnUntraced(function* (
  { catalog }: Engine,
  request: TrainRequest,
): Effect.fn.Return<Prepared, PrepareError, TensorRuntime | Scope.Scope> {
  const pipeline = yield* resolvePipeline(request.pipeline ?? defaultPipeline, request.overrides, catalog);
  const { report } = yield* TensorRuntime;
  yield* refuseName(request.run);
  yield* refuseForbidden(request.runs);
  const name = request.run ?? defaultRunName(pipeline.name, pipeline.seed, new Date());
  const key = fold(makeKey(pipeline.seed), "initialState");
  const state = yield* liftThrown(
    "initialState",
    Effect.sync(() => stateBefore(pipeline, catalog, key)),
  );
  const start = { iteration: 0, steps: 0, seed: pipeline.seed, pipelineHash: hashPipeline(pipeline), state };
  const folder = yield* createRunFolder(join(request.runs, name), {
    pipeline: printPipeline(pipeline),
    environment: describeEnvironment(report),
    checkpoint: start,
  });
  const lock = yield* Effect.tapErrorTag(
    lockRunFolder(folder.path),
    "RunFolderUnwritable",
    () => Effect.ignore(removeRunFolder(folder.path)),
  );
  return { folder, lock, pipeline, start, isNew: true };
});

const refuseMixed = (request: TrainRequest): Effect.Effect<void, UsageInvalid> => {
  const extra = [
    ...(request.pipeline === null ? [] : ["a pipeline"]),
    ...(request.run === null ? [] : ["--run"]),
    ...request.overrides.filter((override) => !override.startsWith("iterations=")).map((override) => `"${override}"`),
  ];
  return extra.length === 0 ? Effect.void : Effect.fail(
    new UsageInvalid({
      message:
        `Cannot resume a run as its pipeline must stay what it was: --resume is given together with ${
          extra.join(", ")
        }` +
        " (only --iterations and --workers may be)",
    }),
  );
};

/** Records the environment that the run goes on in, and warns where its numbers may be others. */
const recordEnvironment = Effect.fnUntraced(function* ({ environment }: RunFolder, iteration: number) {
  const { report } = yield* TensorRuntime;
  const recorded = yield* writing(environment, () => existsSync(environment) ? readFileSync(environment, "utf8") : "");
  const { text, warning } = resumeEnvironment(recorded, { ...report }, iteration);
  if (warning !== null) yield* Console.error(`warning: ${warning}`);
  yield* writing(environment, () => writeWhole(environment, text));
});

/** Locks a run folder; where the disk is full, once it is rid of what killed writers left there. */
const lockOnFullDisk = (folder: RunFolder) =>
  Effect.catchTag(
    lockRunFolder(folder.path),
    "RunFolderUnwritable",
    (error) =>
      isLocked(folder.path)
        ? Effect.fail(error)
        : Effect.andThen(Effect.ignore(cleanRunFolder(folder)), lockRunFolder(folder.path)),
  );

const prepareResumed = Effect.fnUntraced(function* (
  { catalog }: Engine,
  request: TrainRequest,
  path: string,
): Effect.fn.Return<Prepared, PrepareError, TensorRuntime | Scope.Scope> {
  yield* refuseMixed(request);
  yield* refuseForbidden(path);
  const folder = yield* openRunFolder(path);
  const lock = yield* lockOnFullDisk(folder);
  const pipeline = yield* resolvePipeline(folder.pipeline, request.overrides, catalog);
  yield* cleanRunFolder(folder);
  const expected = yield* expectedToGoOn(pipeline, catalog);
  const { checkpoint, path: from, skipped } = yield* readLatestCheckpoint(folder.checkpoints, expected);
  for (const corrupt of skipped) yield* Console.error(`warning: ${corrupt.message}`);
  if (skipped.length > 0) yield* Console.error(`warning: falling back to ${from}`);
  if (pipeline.iterations < checkpoint.iteration) {
    return yield* new UsageInvalid({
      message: `Cannot resume ${path} as its iterations must be at least the ${checkpoint.iteration} that are done: ` +
        `current value is ${pipeline.iterations}`,
    });
  }
  yield* setAsideAfter(folder.checkpoints, checkpoint.iteration);
  const { warning } = readLog(folder.metrics);
  if (warning !== null) yield* Console.error(`warning: ${warning}`);
  yield* truncateLog(folder.metrics, checkpoint.iteration);
  if (request.iterations !== null) {
    yield* writing(folder.pipeline, () => writeWhole(folder.pipeline, printPipeline(pipeline)));
  }
  yield* recordEnvironment(folder, checkpoint.iteration);
  yield* Console.log(`Resuming ${path} after iteration ${checkpoint.iteration}`);
  return { folder, lock, pipeline, start: checkpoint, isNew: false };
});

/** (request) ⇒ a run that can start; its folder is locked until the scope ends. */
export const prepareRun = (
  engine: Engine,
  request: TrainRequest,
): Effect.Effect<Prepared, PrepareError, TensorRuntime | Scope.Scope> =>
  request.resume === null ? prepareNew(engine, request) : prepareResumed(engine, request, request.resume);
