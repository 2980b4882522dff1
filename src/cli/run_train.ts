/**
 * What `mscv train` does.
 * (request) ⇒ a run folder
 *
 * @module
 */
import * as Console from "effect/Console";
import * as Effect from "effect/Effect";
import type { TrainingFailed } from "../run/errors.ts";
import { type IterationRecord, readLog } from "../run/run_log.ts";
import { makeDisplay } from "../report/display.ts";
import { progressLine, summary } from "../report/progress.ts";
import { TensorRuntime } from "../stages/tensor_runtime.ts";
import type { Application } from "./application.ts";
import { UsageInvalid } from "../config/usage.ts";
import { type PrepareError, prepareRun } from "../run/prepare_run.ts";
import { trainPrepared } from "../run/train_prepared.ts";
import type { TrainRequest } from "../run/train_request.ts";

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
    const prepared = yield* prepareRun(engine, request), { folder, pipeline } = prepared;
    yield* Console.log(
      `${pipeline.name}: ${pipeline.task}, seed ${pipeline.seed}, ${pipeline.iterations} iterations, in ${folder.path}`,
    );
    const { report } = yield* TensorRuntime;
    yield* Console.log(report.line);
    const history = [...readLog(folder.metrics).records];
    const display = makeDisplay(output);
    const observe = (record: IterationRecord) =>
      Effect.sync(() => {
        history.push(record);
        display.show(progressLine(history, pipeline.iterations));
      });
    yield* trainPrepared(engine, prepared, observe).pipe(
      Effect.ensuring(Effect.sync(display.end)),
      Effect.onInterrupt(() => Console.log(`Interrupted. Go on by: deno task train --resume ${folder.path}`)),
    );
    yield* Console.log(summary(history, pipeline.threshold, folder.path));
  });
  yield* Effect.provide(Effect.scoped(run), engine.services(request.workers));
});
