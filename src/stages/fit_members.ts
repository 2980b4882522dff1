/**
 * Fitting the dynamics model on the replay memory, as the stages that do so share it.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import * as Schema from "effect/Schema";
import { type Model, networksOf } from "../data/folds.ts";
import { batchSize } from "../data/batch.ts";
import type { Metrics } from "../data/gradient.ts";
import type { ReplayMemory } from "../data/memory.ts";
import type { ModelParams } from "../data/parameters.ts";
import { featuresOf, withReward } from "../imagination/model_reward.ts";
import { fold, type Key } from "../math/random.ts";
import { mean } from "../math/statistics.ts";
import { fitNormalisation } from "../nn/training/dynamics_fit.ts";
import { modelError } from "../nn/training/model_error.ts";
import { SimulatorInvalid } from "../tasks/simulator_invalid.ts";
import type { ImaginedTask, Task } from "../tasks/task.ts";
import { ModelFitDiverged, type TensorsExhausted } from "./errors.ts";
import type { FitResult } from "./fit_timing.ts";
import { drawSegments, heldOutOf, type ModelTraining, STRETCH, trainByPlan } from "./model_training.ts";
import { count, fraction, nonNegative, oneOf, option, type Optional, positive } from "../options/options.ts";
import { TensorRuntime } from "./tensor_runtime.ts";

/** Share of every batch that no update sees, unless another one is said. */
export const heldOutByDefault = 0.1;

/** Options of every stage that fits the model. */
export const modelTrainingOptions: { readonly [K in keyof ModelTraining]: Optional<ModelTraining[K]> } = {
  updates: option(count, 500, "Adam updates of a fit; the most of them where a part is held out"),
  batchSize: option(count, 256, "segments an update"),
  horizon: option(
    count,
    1,
    "steps that the loss unrolls the model's own predictions; 1 is the one-step loss, the only one of stochastic dynamics",
  ),
  curriculum: option(
    oneOf("constant", "growing"),
    "constant",
    "steps that are unrolled: constant: horizon; growing: 1, 2 … horizon, an equal share of the updates each",
  ),
  rewardWeight: option(
    nonNegative,
    10,
    "α, weight of the reward's squared error beside the state's; less where a linear part leaves less of the reward",
  ),
  latentWeight: option(
    nonNegative,
    0.002,
    "β, weight of the KL of the latent's inference network; stochastic dynamics alone",
  ),
  learningRate: option(positive, 0.002, "of the first update"),
  decay: option(fraction, 1, "learning rate of the last update as a fraction of the first"),
  averaging: option(fraction, 0.99, "decay an update of the running mean of θ that becomes the model; 0: the last θ"),
  recency: option(
    Schema.Finite.check(Schema.isGreaterThanOrEqualTo(1)),
    1,
    "p: the age of a segment is uᵖ of the memory's, u uniform; 1 draws all alike, 2 half from the newest quarter",
  ),
  heldOut: option(
    fraction.check(Schema.isLessThan(1)),
    heldOutByDefault,
    "share of the steps, at the end of each batch, that no update sees; their error horizon steps ahead says when a fit " +
      "has made updates enough; 0, and by default where batches are too short: none, and every update is made",
  ),
  leastGain: option(
    fraction,
    0.03,
    `share of the held-out error that ${STRETCH} updates must take away to count as a gain`,
  ),
  patience: option(count, 2, `times ${STRETCH} updates without a gain, in a row, after which a fit ends`),
};

/** Metrics of every stage that fits the model. */
export const modelMetrics: Readonly<Record<"loss" | "heldOutError" | "error" | "updates", string>> = {
  loss: "mean loss of the last tenth of the updates, in units of what the linear part leaves; of an ensemble's first " +
    "member, as all below",
  heldOutError: "mean squared error on the newest batch before it was fitted (all but the first fit), normalised",
  error:
    "mean squared error on the newest batch after the fit, in units of the new normalisation; of a simulator that is " +
    "identified: root mean square of the errors of one step on the steps that it was fitted to, in usual changes of each entry",
  updates: "updates behind the model that is kept; of a simulator: Gauss-Newton updates, mean over the fits",
};

const SAMPLE = 4096; // transitions behind the reported errors, and behind the normalisation at least
const NORMALISING = 16384; // behind the normalisation and the linear part
const NUMBERS = 2 ** 21; // of their inputs at most: wide ones are looked at on fewer transitions

const normalised = (
  task: ImaginedTask,
  memory: ReplayMemory,
  model: ModelParams,
  heldOut: number,
  key: Key,
): ModelParams => {
  const part = [0, 1 - heldOutOf(memory, heldOut)] as const;
  const seen = part[1] * memory.batches.reduce((sum, batch) => sum + batchSize(batch), 0);
  const count = Math.max(SAMPLE, Math.min(NORMALISING, Math.floor(NUMBERS / model.inputMean.length)));
  const { observation, action, residual } = drawSegments(task, memory, count, 1, key, { part });
  const half = observation.length / 2;
  const transitions = {
    action,
    residual,
    different: seen * (1 - Math.exp(-count / seen)), // of draws with repetition, as expected
    observation: observation.slice(0, half),
    nextObservation: observation.slice(half),
  };
  return fitNormalisation(model, transitions, featuresOf(task));
};

const firstNonFinite = (values: ArrayLike<number>): number => {
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) return i;
  return -1;
};

/** What fitting a model may fail with. */
export type ModelFitError = ModelFitDiverged | TensorsExhausted;

/** (memory, ensemble, key) ⇒ (ensemble with all its members fitted, metrics of the first). */
export type FitMembers = (
  memory: ReplayMemory,
  previous: Model,
  key: Key,
) => Effect.Effect<FitResult<Model>, ModelFitError, TensorRuntime>;

/** (task, training, stage's name) ⇒ (fit). Throws SimulatorInvalid where a simulator stands in the model's place. */
export const modelFitter = (task: Task, training: ModelTraining, stage: string): FitMembers => {
  if (task.imagined.simulation !== undefined) {
    throw new SimulatorInvalid(
      task.name,
      `no stage may train a network in its place: "${stage}" does, leave it out` +
        (stage === "fitModel" ? ', or let it "identify" factors' : ""),
    );
  }
  const fitMember = Effect.fnUntraced(function* (memory: ReplayMemory, previous: ModelParams, key: Key) {
    const runtime = yield* TensorRuntime;
    const imagined = withReward(task.imagined, previous.reward), { horizon } = training;
    const fitted = yield* runtime.scoped(stage, () => {
      const newest = { batches: memory.batches.slice(-1) };
      const probe = drawSegments(imagined, newest, SAMPLE, horizon, fold(key, "probe"));
      const errorOf = (model: ModelParams) => modelError(model, probe, featuresOf(imagined)).state[horizon - 1];
      const start = normalised(imagined, memory, previous, training.heldOut, fold(key, "normalisation"));
      const { model, losses, kept } = trainByPlan(imagined, memory, start, training, fold(key, "minibatch"));
      const heldOut: Metrics = previous.adam.step === 0 ? {} : { heldOutError: errorOf(previous) };
      return { model, losses, metrics: { ...heldOut, error: errorOf(model), updates: kept } };
    });
    const update = firstNonFinite(fitted.losses);
    if (update >= 0) return yield* Effect.fail(new ModelFitDiverged({ quantity: "loss", update }));
    if (firstNonFinite(fitted.model.theta) >= 0) {
      return yield* Effect.fail(new ModelFitDiverged({ quantity: "theta", update: training.updates }));
    }
    const loss = mean(fitted.losses.slice(Math.floor(fitted.losses.length * 0.9)));
    return { params: fitted.model, metrics: { loss, ...fitted.metrics } };
  });
  return Effect.fnUntraced(function* (memory: ReplayMemory, previous: Model, key: Key) {
    const [first, ...others] = networksOf(previous, stage).members,
      { params, metrics } = yield* fitMember(memory, first, key);
    const fitted: [ModelParams, ...ModelParams[]] = [params];
    for (const [i, member] of others.entries()) {
      fitted.push((yield* fitMember(memory, member, fold(key, `member ${i + 1}`))).params);
    }
    return { params: { members: fitted }, metrics };
  });
};
