/**
 * What `mscv train` does.
 * (request) ⇒ a run folder
 *
 * @module
 */
import * as Console from "effect/Console";
import * as Effect from "effect/Effect";
import type * as Scope from "effect/Scope";
import { basename, join } from "node:path";
import { isAblation } from "../config/ablation.ts";
import { printPipeline } from "../config/print.ts";
import { nameFault } from "../config/names.ts";
import { UsageInvalid } from "../config/usage.ts";
import { writing } from "../files/durable_file.ts";
import { followRun } from "../interchange/event_writer.ts";
import { beginRun } from "../run/begin_run.ts";
import type { Engine } from "../run/engine.ts";
import type { BeginError, Prepared, ReopenError } from "../run/prepared.ts";
import { reopenRun } from "../run/reopen_run.ts";
import { defaultRunName } from "../run/run_folder.ts";
import { readLog } from "../run/run_log.ts";
import { resolveSource } from "../run/run_source.ts";
import { startOf } from "../run/started.ts";
import { trainPrepared } from "../run/train_prepared.ts";
import { refuseForbidden } from "../sandbox/denials.ts";
import { makeDisplay } from "../report/display.ts";
import { progressLine, summary } from "../report/progress.ts";
import { TensorRuntime } from "../stages/tensor_runtime.ts";
import type { Application } from "./application.ts";
import type { TrainRequest } from "./train_command.ts";

const longestRunName = 150; // a name of a pipeline, seed and time

const invalid = (message: string): Effect.Effect<never, UsageInvalid> => Effect.fail(new UsageInvalid({ message }));

/** A run is a folder below --runs, and its name no path. */
const refuseName = (run: string | null): Effect.Effect<void, UsageInvalid> => {
  const fault = run === null ? null : nameFault(run, longestRunName);
  return fault === null
    ? Effect.void
    : invalid(`Cannot train as --run must ${fault}: current value is ${JSON.stringify(run)}`);
};

const refuseMixed = (request: TrainRequest): Effect.Effect<void, UsageInvalid> => {
  const extra = [
    ...(request.pipeline === null ? [] : ["a pipeline"]),
    ...(request.run === null ? [] : ["--run"]),
    ...request.overrides.map((override) => `"${override}"`),
  ];
  return extra.length === 0 ? Effect.void : invalid(
    `Cannot resume a run as its pipeline must stay what it was: --resume is given together with ${extra.join(", ")}` +
      " (only --iterations and --workers may be)",
  );
};

/** An ablation is many runs, which another command trains. */
const refuseAblation = (file: string): Effect.Effect<void, UsageInvalid> =>
  isAblation(file)
    ? invalid(`Cannot train by ${file} as it must be a pipeline: it is an ablation. Try: deno task ablate ${file}`)
    : Effect.void;

const prepareNew = Effect.fnUntraced(function* (request: TrainRequest, file: string, engine: Engine) {
  yield* refuseAblation(file);
  const { run, runs, iterations } = request;
  const set = [...request.overrides, ...(iterations === null ? [] : [`iterations=${iterations}`])];
  const made = yield* resolveSource({ pipeline: file, set }, "", engine), { name, seed } = made.pipeline;
  yield* refuseName(run);
  yield* refuseForbidden(runs);
  if (request.tensorboard !== null) yield* refuseForbidden(request.tensorboard);
  return yield* beginRun(made, join(runs, run ?? defaultRunName(name, seed, new Date())));
});

const prepareResumed = Effect.fnUntraced(function* (request: TrainRequest, path: string, engine: Engine) {
  yield* refuseMixed(request);
  const { iterations, changes } = request;
  const prepared = yield* reopenRun(path, iterations === null ? "asConfigured" : { iterations }, engine, changes);
  yield* Console.log(`Resuming ${path} after iteration ${prepared.start.iteration}`);
  return prepared;
});

/** Runs to the last iteration and shows how it goes. */
const trainAndShow = Effect.fnUntraced(function* (
  prepared: Prepared,
  { output }: Application,
  { tensorboard }: TrainRequest,
) {
  const { folder, pipeline } = prepared.run, { name, task, seed, iterations } = pipeline;
  yield* Console.log(`${name}: ${task}, seed ${seed}, ${iterations} iterations, in ${folder.path}`);
  const { report, threads } = yield* TensorRuntime;
  yield* Console.log(`${report.line}, ${threads} thread${threads === 1 ? "" : "s"}`);
  const history = [...readLog(folder.metrics).records], display = makeDisplay(output);
  const follow = tensorboard === null ? null : yield* writing(tensorboard, () =>
    followRun(tensorboard, {
      name: basename(folder.path),
      pipeline: printPipeline(pipeline),
      history,
      began: startOf(folder),
    }));
  let lost: string | null = null; // what keeps TensorBoard's file from being written, which stops no training
  const training = trainPrepared(prepared, (record) => {
    history.push(record);
    lost ??= follow?.(record) ?? null;
    display.show(progressLine(history, iterations));
  });
  yield* training.pipe(
    Effect.ensuring(Effect.sync(display.end)),
    Effect.ensuring(
      Effect.suspend(() =>
        lost === null ? Effect.void : Console.error(`warning: ${tensorboard} lacks iterations: ${lost}`)
      ),
    ),
    Effect.onInterrupt(() => Console.log(`Interrupted. Go on by: deno task train --resume ${folder.path}`)),
  );
  yield* Console.log(summary(history, pipeline.threshold ?? null, folder.path));
});

/** Trains a new run, or goes on with one. */
export const runTrain = Effect.fnUntraced(function* (application: Application, request: TrainRequest, file: string) {
  const { workers, resume } = request;
  if (workers < 0) {
    return yield* invalid(`Cannot train as --workers must be 0 or more: current value is ${workers}`);
  }
  const engine = yield* Effect.promise(application.load);
  const prepare: Effect.Effect<Prepared, BeginError | ReopenError, TensorRuntime | Scope.Scope> = resume === null
    ? prepareNew(request, file, engine)
    : prepareResumed(request, resume, engine);
  const run = Effect.flatMap(prepare, (prepared) => trainAndShow(prepared, application, request));
  yield* Effect.provide(Effect.scoped(run), engine.services(workers));
});
