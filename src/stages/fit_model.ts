/**
 * Stage `fitModel`: (memory, model) ⇒ (model).
 *
 * @module
 */
import * as Effect from "effect/Effect";
import * as Schema from "effect/Schema";
import type { ReplayMemory } from "../data/memory.ts";
import type { ModelParams } from "../data/parameters.ts";
import { sampleSegments } from "../data/segments.ts";
import { featuresOf, residualOf, withReward } from "../imagination/model_reward.ts";
import { fold, type Key, makeStream } from "../math/random.ts";
import { fitNormalisation, modelError, type ModelSegments, trainModel } from "../nn/dynamics_fit.ts";
import { trainOneStep } from "../nn/one_step_fit.ts";
import type { ImaginedTask } from "../tasks/task.ts";
import { type MemoryEmpty, ModelFitDiverged, type TensorsExhausted } from "./errors.ts";
import { fitByTiming, fitMetrics, type FitTiming, fitTiming } from "./fit_timing.ts";
import { count, fraction, nonNegative, option, type OptionsOf, positive } from "./options.ts";
import { defineStage, type Stage, type StageDefinition } from "./stage.ts";
import { TensorRuntime } from "./tensor_runtime.ts";

/** Options of `fitModel`. */
export const fitModelOptions: OptionsOf<{
  updates: number;
  batchSize: number;
  horizon: number;
  rewardWeight: number;
  learningRate: number;
  decay: number;
  averaging: number;
  recency: number;
  fit: FitTiming;
}> = Schema.Struct({
  updates: option(count, 200, "Adam updates an iteration"),
  batchSize: option(count, 256, "segments an update"),
  horizon: option(count, 1, "steps that the loss unrolls the model's own predictions; 1 is the one-step loss"),
  rewardWeight: option(nonNegative, 10, "α, weight of the reward's squared error beside the state's"),
  learningRate: option(positive, 0.002, "of the first update"),
  decay: option(fraction, 0.1, "learning rate of the last update as a fraction of the first"),
  averaging: option(fraction, 0, "decay an update of the running mean of θ that becomes the model; 0: the last θ"),
  recency: option(
    Schema.Finite.check(Schema.isGreaterThanOrEqualTo(1)),
    1,
    "p: the age of a segment is uᵖ of the memory's, u uniform; 1 draws all alike, 2 half from the newest quarter",
  ),
  fit: fitTiming,
});

/** The type of the stage `fitModel`. */
export type FitModel = Stage<
  "memory" | "model",
  "model",
  ModelFitDiverged | MemoryEmpty | TensorsExhausted,
  TensorRuntime
>;

const SAMPLE = 4096; // transitions behind the normalisation, and behind the reported errors

const drawSegments = (
  task: ImaginedTask,
  memory: ReplayMemory,
  size: number,
  horizon: number,
  key: Key,
  recency = 1,
): ModelSegments => {
  const learned = task.rewardResidual === "learned";
  const segments = sampleSegments(
    memory,
    size,
    horizon,
    makeStream(key),
    (batch) => learned ? residualOf(task, batch) : batch.reward,
    recency,
  );
  return { ...segments, residual: learned ? segments.reward : new Float32Array(0) };
};

const normalised = (task: ImaginedTask, memory: ReplayMemory, model: ModelParams, key: Key): ModelParams => {
  const { observation, action, residual } = drawSegments(task, memory, SAMPLE, 1, key);
  const half = observation.length / 2;
  const transitions = {
    action,
    residual,
    observation: observation.slice(0, half),
    nextObservation: observation.slice(half),
  };
  return fitNormalisation(model, transitions, featuresOf(task));
};

const firstNonFinite = (values: ArrayLike<number>): number => {
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) return i;
  return -1;
};

/** Fits the dynamics f, and what it learns of the reward, on k-step segments drawn from the memory. */
export const fitModel: StageDefinition<typeof fitModelOptions, FitModel> = defineStage({
  name: "fitModel",
  summary: "fits the dynamics model on segments from the replay memory",
  options: fitModelOptions,
  metrics: {
    loss: "mean loss of the last tenth of the updates, in normalised units",
    heldOutError:
      "mean squared error on the newest batch before it was fitted (all but the first iteration), normalised",
    error: "mean squared error on the newest batch after the fit, in units of the new normalisation",
    ...fitMetrics,
  },
  make: (task, { horizon, recency, fit: timing, ...how }): FitModel => {
    const { updates, batchSize } = how;
    const fit = Effect.fnUntraced(function* (memory: ReplayMemory, previous: ModelParams, key: Key) {
      const runtime = yield* TensorRuntime;
      const imagined = withReward(task.imagined, previous.reward), features = featuresOf(imagined);
      const newest = { batches: memory.batches.slice(-1) };
      const fitted = yield* runtime.scoped("fitModel", () => {
        const probe = drawSegments(imagined, newest, SAMPLE, horizon, fold(key, "probe"));
        const errorOf = (model: ModelParams) => modelError(model, probe, features).state[horizon - 1];
        const minibatch = fold(key, "minibatch");
        const start = normalised(imagined, memory, previous, fold(key, "normalisation"));
        const draw = (count: number, i: number) =>
          drawSegments(imagined, memory, count, horizon, fold(minibatch, i), recency);
        const { model, losses } = horizon === 1
          ? trainOneStep(start, draw, how, features)
          : trainModel(start, (i) => draw(batchSize, i), how, features);
        const heldOut = previous.adam.step === 0 ? {} : { heldOutError: errorOf(previous) };
        return { model, losses, metrics: { ...heldOut, error: errorOf(model) } };
      });
      const update = firstNonFinite(fitted.losses);
      if (update >= 0) return yield* Effect.fail(new ModelFitDiverged({ quantity: "loss", update }));
      if (firstNonFinite(fitted.model.theta) >= 0) {
        return yield* Effect.fail(new ModelFitDiverged({ quantity: "theta", update: updates }));
      }
      const tail = fitted.losses.subarray(Math.floor(updates * 0.9));
      const loss = tail.reduce((a, b) => a + b, 0) / tail.length;
      return { params: fitted.model, metrics: { loss, ...fitted.metrics } };
    });
    return {
      name: "fitModel",
      reads: ["memory", "model"],
      writes: ["model"],
      run: Effect.fnUntraced(function* ({ memory, model: previous }, key) {
        const request = { stage: "fitModel", timing, memory, previous };
        const { params: model, metrics } = yield* fitByTiming(request, (seen, start) => fit(seen, start, key));
        return { model, metrics };
      }),
    };
  },
});
