/**
 * What `mscv train` does.
 * (request) ⇒ a run folder
 *
 * @module
 */
import * as Console from "effect/Console";
import * as Effect from "effect/Effect";
import { join } from "node:path";
import type { Pipeline } from "../config/pipeline.ts";
import { hashPipeline, printPipeline } from "../config/print.ts";
import type { ConfigInvalid } from "../config/problems.ts";
import { buildProgram, resolvePipeline } from "../config/resolve.ts";
import { fold, makeKey } from "../math/random.ts";
import { type Checkpoint, readLatestCheckpoint, setAsideAfter } from "../program/checkpoint.ts";
import { writeWhole, writing } from "../program/durable_file.ts";
import { describeEnvironment } from "../program/environment.ts";
import {
  type CheckpointCorrupt,
  type RunFolderExists,
  RunFolderInvalid,
  type RunFolderUnwritable,
  type TrainingFailed,
} from "../program/errors.ts";
import { createRunFolder, defaultRunName, openRunFolder, type RunFolder } from "../program/run_folder.ts";
import { readLog, truncateLog } from "../program/run_log.ts";
import { train } from "../program/train.ts";
import { makeDisplay } from "../report/display.ts";
import { progressLine, summary } from "../report/progress.ts";
import { TensorRuntime } from "../stages/tensor_runtime.ts";
import type { Application, Engine } from "./application.ts";
import { UsageInvalid } from "./exit.ts";
import { defaultPipeline, type TrainRequest } from "./train_request.ts";

/** A run that can start. */
interface Prepared {
  readonly folder: RunFolder;
  readonly pipeline: Pipeline;
  readonly start: Checkpoint;
}

/** What can be wrong before the first iteration. */
export type PrepareError =
  | ConfigInvalid
  | RunFolderExists
  | RunFolderUnwritable
  | RunFolderInvalid
  | CheckpointCorrupt
  | UsageInvalid;

const prepareNew = Effect.fnUntraced(function* (
  { catalog }: Engine,
  request: TrainRequest,
): Effect.fn.Return<Prepared, PrepareError, TensorRuntime> {
  const pipeline = yield* resolvePipeline(request.pipeline ?? defaultPipeline, request.overrides, catalog);
  const { report } = yield* TensorRuntime;
  const name = request.run ?? defaultRunName(pipeline.name, pipeline.seed, new Date());
  const state = catalog.initialState(
    catalog.tasks[pipeline.task],
    pipeline,
    fold(makeKey(pipeline.seed), "initialState"),
  );
  const start = { iteration: 0, steps: 0, seed: pipeline.seed, pipelineHash: hashPipeline(pipeline), state };
  const folder = yield* createRunFolder(join(request.runs, name), {
    pipeline: printPipeline(pipeline),
    environment: describeEnvironment(report),
    checkpoint: start,
  });
  return { folder, pipeline, start };
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

const prepareResumed = Effect.fnUntraced(function* (
  { catalog }: Engine,
  request: TrainRequest,
  path: string,
): Effect.fn.Return<Prepared, PrepareError> {
  yield* refuseMixed(request);
  const folder = yield* openRunFolder(path);
  const pipeline = yield* resolvePipeline(folder.pipeline, request.overrides, catalog);
  const { checkpoint, path: from, skipped } = yield* readLatestCheckpoint(folder.checkpoints);
  for (const corrupt of skipped) yield* Console.error(`warning: ${corrupt.message}`);
  if (skipped.length > 0) yield* Console.error(`warning: falling back to ${from}`);
  if (checkpoint.pipelineHash !== hashPipeline(pipeline)) {
    return yield* new RunFolderInvalid({
      path,
      reason: "pipeline.yaml is not the one that its checkpoints were made with",
    });
  }
  yield* setAsideAfter(folder.checkpoints, checkpoint.iteration);
  yield* truncateLog(folder.metrics, checkpoint.iteration);
  if (request.iterations !== null) {
    yield* writing(folder.pipeline, () => writeWhole(folder.pipeline, printPipeline(pipeline)));
  }
  yield* Console.log(`Resuming ${path} after iteration ${checkpoint.iteration}`);
  return { folder, pipeline, start: checkpoint };
});

/** Runs to the last iteration and shows how it goes. */
export const runTrain: (
  application: Application,
  request: TrainRequest,
) => Effect.Effect<void, PrepareError | TrainingFailed> = Effect.fnUntraced(function* ({ load, output }, request) {
  const engine = yield* Effect.promise(load);
  if (request.workers < 0) {
    return yield* new UsageInvalid({
      message: `Cannot train as --workers must be 0 or more: current value is ${request.workers}`,
    });
  }
  const run = Effect.gen(function* () {
    const { folder, pipeline, start } = yield* request.resume === null
      ? prepareNew(engine, request)
      : prepareResumed(engine, request, request.resume);
    yield* Console.log(
      `${pipeline.name}: ${pipeline.task}, seed ${pipeline.seed}, ${pipeline.iterations} iterations, in ${folder.path}`,
    );
    const { report } = yield* TensorRuntime;
    yield* Console.log(report.line);
    const history = [...readLog(folder.metrics)];
    const display = makeDisplay(output);
    yield* train({
      program: { stages: buildProgram(pipeline, engine.catalog.tasks[pipeline.task], engine.catalog) },
      folder,
      start,
      iterations: pipeline.iterations,
      checkpoint: pipeline.checkpoint,
      observe: (record) =>
        Effect.sync(() => {
          history.push(record);
          display.show(progressLine(history, pipeline.iterations));
        }),
    }).pipe(
      Effect.ensuring(Effect.sync(display.end)),
      Effect.onInterrupt(() => Console.log(`Interrupted. Go on by: deno task train --resume ${folder.path}`)),
    );
    yield* Console.log(summary(history, pipeline.threshold, folder.path));
  });
  yield* Effect.provide(run, engine.services(request.workers));
});
