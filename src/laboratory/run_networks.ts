/**
 * The networks that `mscv lab` measures with: as the next iteration fits them for its gradient.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import { buildProgram } from "../config/resolve.ts";
import type { Batch } from "../data/batch.ts";
import type { ReplayMemory } from "../data/memory.ts";
import { MeasurementFailed } from "./errors.ts";
import type { FrozenNetworks } from "./frozen.ts";
import type { Refit } from "./measure.ts";
import { fold, type Key, makeKey } from "../math/random.ts";
import { TrainingFailed } from "../run/errors.ts";
import { iterate } from "../program/iterate.ts";
import type { Run } from "../run/open_run.ts";
import { Sampler } from "../rollout/sampler.ts";
import type { StageServices, TrainState } from "../stages/stage.ts";

/** (state, memory before its policy collects, how many of its batches at most) ⇒ what an estimator sees of it. */
export const networksOf = (
  { memory: _memory, envs: _envs, ...networks }: TrainState,
  { batches }: ReplayMemory,
  looked: number = batches.length,
): FrozenNetworks => ({ ...networks, earlier: batches.toReversed().slice(0, looked) });

/** The state in which the next iteration estimates its gradient: all stages before that one are run, as training would. */
export const fitNext = ({ folder, pipeline, checkpoint, engine }: Run, key: Key) => {
  const before = pipeline.program.findIndex(({ stage }) => stage === "estimateGradient");
  const stages = buildProgram(pipeline, engine.catalog).slice(0, before);
  const iteration = checkpoint.iteration + 1;
  return iterate({ stages }, checkpoint.state, key, iteration).pipe(
    Effect.map(({ state }) => state),
    Effect.mapError(({ stage, error }) =>
      new TrainingFailed({ iteration, stage, quantity: "", cause: error, checkpoint: folder.path })
    ),
  );
};

/**
 * (run, how many earlier batches estimators look at) ⇒ (refit): the next iteration, from the checkpoint's state, as if it had collected the given batch. What
 * the fits see of that batch is the pipeline's own option (`fit`: before, after, crossfit).
 */
export const refitOn = (run: Run, looked: number): Effect.Effect<Refit, never, StageServices> =>
  Effect.map(
    Effect.context<StageServices>(),
    (services): Refit => (batch: Batch, index) =>
      fitNext(run, fold(fold(makeKey(run.checkpoint.seed), "inSample"), index)).pipe(
        Effect.provideService(Sampler, { sample: ({ envs }) => Effect.succeed({ batch, envs }) }),
        Effect.provideContext(services),
        Effect.map((state) => networksOf(state, run.checkpoint.state.memory, looked)),
        Effect.mapError(({ message }) => new MeasurementFailed({ part: "the refit", reason: message })),
      ),
  );
