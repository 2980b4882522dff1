/**
 * A new run.
 * (pipeline, path) ⇒ a run folder, locked against other processes
 *
 * @module
 */
import * as Effect from "effect/Effect";
import type * as Scope from "effect/Scope";

import type { Pipeline } from "../config/pipeline.ts";
import { hashPipeline, printPipeline } from "../config/print.ts";
import { stateBefore } from "../config/resolve.ts";
import { taskOf } from "../config/task_in_pipeline.ts";
import { fold, makeKey } from "../math/random.ts";
import { liftThrown } from "../program/thrown.ts";
import { refuseForbidden } from "../sandbox/denials.ts";
import { TensorRuntime } from "../stages/tensor_runtime.ts";
import type { Engine } from "./engine.ts";
import { describeEnvironment } from "./environment.ts";
import type { BeginError, Prepared } from "./prepared.ts";
import { refuseChanges } from "./own_sources.ts";
import { createRunFolder } from "./run_folder.ts";

/** What a new run is made from. */
export interface NewRun {
  /** Resolved. */
  readonly pipeline: Pipeline;
  readonly engine: Engine;
}

/** (pipeline, path of the new folder) ⇒ a run that can start; its folder is locked until the scope ends. */
export const beginRun: (
  run: NewRun,
  path: string,
) => Effect.Effect<Prepared, BeginError, TensorRuntime | Scope.Scope> = Effect.fnUntraced(
  function* ({ pipeline, engine }, path) {
    const { report } = yield* TensorRuntime, { catalog } = engine;
    yield* refuseForbidden(path);
    yield* refuseChanges(null, pipeline, ' (leave "sources" out of the pipeline to begin with what they are now)');
    const task = taskOf(pipeline, catalog), key = fold(makeKey(pipeline.seed), "initialState");
    const state = yield* liftThrown("initialState", Effect.sync(() => stateBefore(pipeline, catalog, key)));
    const start = { iteration: 0, steps: 0, seed: pipeline.seed, pipelineHash: hashPipeline(pipeline, catalog), state };
    const { folder, lock } = yield* createRunFolder(path, {
      pipeline: printPipeline(pipeline),
      environment: describeEnvironment(report),
      checkpoint: start,
      use: pipeline.use,
    });
    return { run: { folder, pipeline, task, engine }, lock, start, isNew: true };
  },
);
