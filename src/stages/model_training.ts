/**
 * How `fitModel` goes through its updates: in pieces, between which the loss looks further ahead, and after which a held-out
 * error may stop it.
 *
 * @module
 */
import type { ReplayMemory } from "../data/memory.ts";
import type { ModelParams } from "../data/parameters.ts";
import { partOf, sampleSegments, type SegmentChoice } from "../data/training_segments.ts";
import { featuresOf, residualOf } from "../imagination/model_reward.ts";
import { fold, type Key, makeStream } from "../math/random.ts";
import type { ModelSegments, ModelTrainOptions } from "../nn/training/dynamics_fit.ts";
import { trainLatent } from "../nn/training/latent_fit.ts";
import { modelError } from "../nn/training/model_error.ts";
import { trainOnSegments } from "../nn/training/segment_training.ts";
import type { ImaginedTask } from "../tasks/task.ts";

/** How a model is trained. */
export interface ModelTraining extends ModelTrainOptions {
  /** segments an update */
  readonly batchSize: number;
  /** β of the KL of the inference network of stochastic dynamics */
  readonly latentWeight: number;
  /** H of the loss, and of the error that stops */
  readonly horizon: number;
  /** growing: 1, 2 … H, an equal share of the updates each */
  readonly curriculum: "constant" | "growing";
  /**
   * share of every batch's steps, at its end, that no update sees; 0, or where no batch is long enough for both parts: none,
   * and every update is made
   */
  readonly heldOut: number;
  /** share of the held-out error that a stretch of updates must take away to count as a gain */
  readonly leastGain: number;
  /** stretches in a row without a gain that end the fit */
  readonly patience: number;
  /** of the segments' ages */
  readonly recency: number;
}

/** A trained model. */
export interface ModelFit {
  readonly model: ModelParams;
  /** [updates made] */
  readonly losses: ReadonlyArray<number>;
  /** updates behind the model that is kept */
  readonly kept: number;
}

/** (task, memory, n, H, key, choice) ⇒ (segments), with what the model learns of the reward. */
export const drawSegments = (
  task: ImaginedTask,
  memory: ReplayMemory,
  count: number,
  horizon: number,
  key: Key,
  choice: Omit<SegmentChoice, "rewardOf"> = {},
): ModelSegments => {
  const learned = task.rewardResidual === "learned";
  const rewardOf: SegmentChoice["rewardOf"] = (batch) => learned ? residualOf(task, batch) : batch.reward;
  const segments = sampleSegments(memory, count, horizon, makeStream(key), { ...choice, rewardOf });
  return { ...segments, residual: learned ? segments.reward : new Float32Array(0) };
};

/** (memory, share of every batch that is to be held out) ⇒ the same; 0 where no batch has steps enough for both parts. */
export const heldOutOf = ({ batches }: ReplayMemory, heldOut: number): number => {
  const isThere = (part: readonly [number, number]) =>
    batches.some((batch) => {
      const [first, end] = partOf(batch, part);
      return end > first;
    });
  return isThere([0, 1 - heldOut]) && isThere([1 - heldOut, 1]) ? heldOut : 0;
};

/** Updates between two looks at the held-out error. */
export const STRETCH = 50;
const PROBE = 1024; // segments behind that error: one look costs as much as one or two updates of 256

/** A run of updates with one horizon. */
interface Piece {
  readonly first: number;
  readonly updates: number;
  readonly horizon: number;
}

/** (training) ⇒ its pieces, in order. */
export const piecesOf = ({ updates, horizon, curriculum, heldOut }: ModelTraining): ReadonlyArray<Piece> => {
  const grown = curriculum === "growing" ? horizon : 1;
  const count = Math.min(updates, heldOut > 0 ? Math.max(grown, Math.ceil(updates / STRETCH)) : grown);
  return Array.from({ length: count }, (_, i) => {
    const first = Math.floor(i * updates / count), end = Math.floor((i + 1) * updates / count);
    const reached = curriculum === "growing" ? 1 + Math.floor(i * horizon / count) : horizon;
    return { first, updates: end - first, horizon: reached };
  });
};

/** A model in training. */
interface InTraining {
  /** with the last θ */
  readonly last: ModelParams;
  /** with the running mean of θ */
  readonly mean: ModelParams;
  /** updates before this fit */
  readonly before: number;
}

/** (model so far, piece) ⇒ the model after it, its learning rates and its running mean those of the whole schedule. */
const trainPiece = (
  task: ImaginedTask,
  memory: ReplayMemory,
  { last: model, mean, before: earlier }: InTraining,
  { first, updates, horizon }: Piece,
  training: ModelTraining,
  key: Key,
) => {
  const { recency, heldOut, decay } = training, last = Math.max(1, training.updates - 1);
  const how = {
    ...training,
    updates,
    horizon,
    learningRate: training.learningRate * decay ** (first / last),
    decay: decay ** ((updates - 1) / last),
  };
  const choice = { recency, part: [0, 1 - heldOut] as const };
  const draw = (count: number, i: number) => drawSegments(task, memory, count, horizon, fold(key, i), choice);
  const features = featuresOf(task), before = { model: mean, updates: earlier + first };
  if (model.latent !== undefined) {
    const single = (count: number, i: number) => drawSegments(task, memory, count, 1, fold(key, i), choice);
    return trainLatent(model, single, how, features, fold(key, "latent"), before);
  }
  return trainOnSegments(model, draw, how, features, before);
};

/** (task, memory, training, key) ⇒ (model ⇒ its error H steps ahead on what no update sees). */
const heldOutError = (
  task: ImaginedTask,
  memory: ReplayMemory,
  { heldOut, horizon, recency }: ModelTraining,
  key: Key,
) => {
  const probe = drawSegments(task, memory, PROBE, horizon, key, { recency, part: [1 - heldOut, 1] });
  return (model: ModelParams): number => modelError(model, probe, featuresOf(task)).state[horizon - 1];
};

/**
 * (task, memory, model, training, key) ⇒ (fit): the last model; where a part is held out, the one of least held-out error,
 * never one without any update.
 *
 * The running mean goes on from fit to fit, with all updates that the model has had: begun anew, it is the mean of few
 * noisy θ, and takes some 250 updates to be as good as the model that it started from.
 */
export const trainByPlan = (
  task: ImaginedTask,
  memory: ReplayMemory,
  start: ModelParams,
  wanted: ModelTraining,
  key: Key,
): ModelFit => {
  const training = { ...wanted, heldOut: heldOutOf(memory, wanted.heldOut) };
  const { heldOut, leastGain, patience } = training, losses: number[] = [], before = start.adam.step;
  const errorOf = heldOut === 0 ? null : heldOutError(task, memory, training, fold(key, "probe"));
  let model = start, last = start, waited = 0, error = before === 0 ? Infinity : errorOf?.(start) ?? Infinity;
  let best = { model, error, kept: 0 };
  for (const [i, piece] of piecesOf(training).entries()) {
    const trained = trainPiece(task, memory, { last, mean: model, before }, piece, training, fold(key, i));
    ({ model, last } = trained);
    losses.push(...trained.losses);
    const known = error;
    error = errorOf?.(model) ?? 0;
    waited = error < (1 - leastGain) * known ? 0 : waited + 1; // new states may make it worse first, and better then
    if (errorOf === null || error < best.error || best.error === Infinity) best = { model, error, kept: losses.length };
    if (errorOf !== null && waited === patience) break;
  }
  return { model: best.model, losses, kept: best.kept };
};
