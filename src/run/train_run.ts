/**
 * Training as a library: a run from a pipeline or a program, new or gone on with.
 * (source, folder) ⇒ (run)
 *
 * @module
 */
import * as Effect from "effect/Effect";
import type * as Scope from "effect/Scope";
import { basename } from "node:path";
import type { ConfigInvalid } from "../config/problems.ts";
import { UsageInvalid } from "../config/usage.ts";
import type { SettingInvalid } from "../nn/kernels/environment.ts";
import type { TensorRuntime } from "../stages/tensor_runtime.ts";
import { beginRun } from "./begin_run.ts";
import { type Engine, loadEngine } from "./engine.ts";
import type { Run } from "./open_run.ts";
import type { BeginError, Prepared, ReopenError } from "./prepared.ts";
import { type Changes, reopenRun } from "./reopen_run.ts";
import { isRunFolder } from "./run_folder.ts";
import type { IterationRecord } from "./run_log.ts";
import { type PipelineSource, type ProgramSource, resolveSource } from "./run_source.ts";
import type { TrainingEnd } from "./train.ts";
import { trainPrepared } from "./train_prepared.ts";

/** With what to train; what is not given comes with this package. */
export interface TrainOptions extends Partial<Engine> {
  /** Threads that share the work, this one among them; 0, the default, and 1: this one alone, with the same numbers. */
  readonly workers?: number;
  /** Is told of every iteration once it is in the log. */
  readonly observe?: (record: IterationRecord) => void;
}

/** A run to be trained. */
export type TrainRunRequest = (PipelineSource | ProgramSource) & TrainOptions & {
  /** Path of the run's folder: a new one, or that of a run with the same pipeline, which goes on. */
  readonly folder: string;
};

/** With what to go on. */
export interface ResumeOptions extends TrainOptions {
  /** In total; default: as many as the run's pipeline says. */
  readonly iterations?: number;
  /** What becomes of it where its own modules have changed; default: it is refused. */
  readonly changes?: Changes;
}

/** What keeps a run from being trained to its end. */
export type TrainRunError = BeginError | ConfigInvalid | ReopenError | SettingInvalid | TrainingEnd | UsageInvalid;

type Preparing = Effect.Effect<Prepared, BeginError | ReopenError, TensorRuntime | Scope.Scope>;

const trainTo = (
  preparing: Preparing,
  engine: Engine,
  { workers = 0, observe = () => {} }: TrainOptions,
): Effect.Effect<Run, TrainRunError> =>
  Number.isSafeInteger(workers) && workers >= 0
    ? Effect.flatMap(preparing, (prepared) => trainPrepared(prepared, observe)).pipe(
      Effect.scoped,
      Effect.provide(engine.services(workers)),
    )
    : Effect.fail(
      new UsageInvalid({ message: `Cannot train as workers must be 0 or more: current value is ${workers}` }),
    );

/**
 * (pipeline or program, folder) ⇒ (run), trained to its last iteration, at its last checkpoint. A folder that holds a run
 * with the same pipeline goes on where that one stopped, bit for bit; iterations, checkpoints, evaluation, name and
 * threshold may be others.
 *
 * A program is written down as the `pipeline.yaml` of its folder, so that `openRun`, `resumeRun` and every command work on it
 * by a catalog with the same task, estimators and stages, or by themselves where `use` names the modules that export what is
 * one's own. A program with a stage that no definition made cannot be, and is refused.
 *
 * It is an Effect: `Effect.runPromise` runs it, and interrupting it writes a checkpoint first. Warnings go to the console.
 *
 * Fails, before any compute: ConfigInvalid with every problem of the pipeline; UsageInvalid; RunFolderInvalid where the
 * folder holds another run; RunFolderBusy where another process trains in it; CheckpointCorrupt; SettingInvalid. Later:
 * TrainingFailed with stage, iteration and the last good checkpoint; RunFolderUnwritable.
 *
 * @example A program of one iteration, then two more
 * ```ts
 * import { trainRun } from "./train_run.ts";
 * import { program } from "../program/program.ts";
 * import { collect } from "../stages/collect.ts";
 * import { estimateGradient } from "../stages/estimate_gradient.ts";
 * import { fitValue } from "../stages/fit_value.ts";
 * import { store } from "../stages/store.ts";
 * import { trpoUpdate } from "../stages/trpo_update.ts";
 * import { getTask } from "../tasks/registry.ts";
 * import * as Effect from "effect/Effect";
 *
 * const task = getTask("reacher"), place = Deno.makeTempDirSync();
 * const request = {
 *   task,
 *   program: program(
 *     collect(task, { steps: 100, environments: 2 }),
 *     store(task),
 *     fitValue(task, { epochs: 1 }),
 *     estimateGradient(task, { estimator: "likelihoodRatio" }),
 *     trpoUpdate(task),
 *   ),
 *   networks: { policy: { hidden: [8] }, value: { hidden: [8] } },
 *   folder: `${place}/mine`,
 * };
 * await Effect.runPromise(trainRun({ ...request, iterations: 1 }));
 * const { checkpoint } = await Effect.runPromise(trainRun({ ...request, iterations: 3 }));
 * if (checkpoint.steps !== 300) throw new Error("three iterations collect 300 steps");
 * Deno.removeSync(place, { recursive: true });
 * ```
 */
export const trainRun: (request: TrainRunRequest) => Effect.Effect<Run, TrainRunError> = Effect.fnUntraced(
  function* (request: TrainRunRequest) {
    const { folder, workers: _, observe: __, catalog: ___, services: ____, ...source } = request;
    const own = yield* Effect.promise(() => loadEngine(request));
    const made = yield* resolveSource(source, basename(folder), own);
    const { pipeline, engine } = made;
    const preparing: Preparing = isRunFolder(folder) ? reopenRun(folder, { pipeline }, engine) : beginRun(made, folder);
    return yield* trainTo(preparing, engine, request);
  },
);

/**
 * (path of a run folder) ⇒ (run): it goes on where it stopped, bit for bit, to as many iterations as are given.
 *
 * Fails as `trainRun` does on the folder of a run; UsageInvalid where more iterations are done already.
 *
 * @example To go on with a run, on the services of the package
 * ```ts
 * import { resumeRun, trainRun } from "./train_run.ts";
 * import * as Effect from "effect/Effect";
 *
 * const place = Deno.makeTempDirSync(), folder = `${place}/mine`, set = ["collect.steps=100", "fitValue.epochs=1"];
 * await Effect.runPromise(trainRun({ pipeline: "pipelines/reacher_trpo.yaml", set, iterations: 1, folder }));
 * const { checkpoint } = await Effect.runPromise(resumeRun(folder, { iterations: 2 }));
 * if (checkpoint.iteration !== 2) throw new Error("two iterations are done");
 * Deno.removeSync(place, { recursive: true });
 * ```
 */
export const resumeRun: (path: string, options?: ResumeOptions) => Effect.Effect<Run, TrainRunError> = Effect
  .fnUntraced(
    function* (path: string, options: ResumeOptions = {}) {
      const engine = yield* Effect.promise(() => loadEngine(options)), { iterations } = options;
      const goal = iterations === undefined ? "asConfigured" : { iterations };
      return yield* trainTo(reopenRun(path, goal, engine, options.changes), engine, options);
    },
  );
