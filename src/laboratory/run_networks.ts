/**
 * The networks that `mscv lab` measures with: as the next iteration fits them for its gradient.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import type { Pipeline } from "../config/pipeline.ts";
import { buildProgram } from "../config/resolve.ts";
import type { Batch } from "../data/batch.ts";
import { MeasurementFailed } from "./errors.ts";
import type { FrozenNetworks } from "./frozen.ts";
import type { Refit } from "./measure.ts";
import { fold, type Key, makeKey } from "../math/random.ts";
import type { Checkpoint } from "../run/checkpoint.ts";
import { TrainingFailed } from "../run/errors.ts";
import { iterate } from "../program/iterate.ts";
import type { RunFolder } from "../run/run_folder.ts";
import { Sampler } from "../rollout/sampler.ts";
import type { StageServices, TrainState } from "../stages/stage.ts";
import type { Engine } from "../run/engine.ts";

/** A checkpoint of a run, with the pipeline that made it. */
export interface Place {
  readonly folder: RunFolder;
  readonly pipeline: Pipeline;
  readonly checkpoint: Checkpoint;
}

/** (state) ⇒ what an estimator sees of it. */
export const networksOf = ({ memory: _memory, envs: _envs, ...networks }: TrainState): FrozenNetworks => networks;

/** The state in which the next iteration estimates its gradient: all stages before that one are run, as training would. */
export const fitNext = ({ folder, pipeline, checkpoint }: Place, { catalog }: Engine, key: Key) => {
  const before = pipeline.program.findIndex(({ stage }) => stage === "estimateGradient");
  const stages = buildProgram(pipeline, catalog).slice(0, before);
  const iteration = checkpoint.iteration + 1;
  return iterate({ stages }, checkpoint.state, key, iteration).pipe(
    Effect.map(({ state }) => state),
    Effect.mapError(({ stage, error }) =>
      new TrainingFailed({ iteration, stage, quantity: "", cause: error, checkpoint: folder.path })
    ),
  );
};

/**
 * (place, engine) ⇒ (refit): the next iteration, from the checkpoint's state, as if it had collected the given batch. What
 * the fits see of that batch is the pipeline's own option (`fit`: before, after, crossfit).
 */
export const refitOn = (place: Place, engine: Engine): Effect.Effect<Refit, never, StageServices> =>
  Effect.map(
    Effect.context<StageServices>(),
    (services): Refit => (batch: Batch, index) =>
      fitNext(place, engine, fold(fold(makeKey(place.checkpoint.seed), "inSample"), index)).pipe(
        Effect.provideService(Sampler, { sample: ({ envs }) => Effect.succeed({ batch, envs }) }),
        Effect.provideContext(services),
        Effect.map(networksOf),
        Effect.mapError(({ message }) => new MeasurementFailed({ part: "the refit", reason: message })),
      ),
  );
