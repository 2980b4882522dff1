/**
 * Fitting the dynamics: real segments, normalisation and targets, what training takes and returns.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { type ModelParams, skipCount } from "../../data/parameters.ts";
import { clipActions } from "../passes/clip.ts";
import { deviationsOf, type Features } from "../networks/dynamics.ts";
import { readTensor } from "../passes/read.ts";
import { type Renormalised, withLinearPart } from "./linear_part.ts";

/** Real segments of H steps, time-major; with H = 1 they are transitions. */
export interface ModelSegments {
  readonly horizon: number; // H
  readonly count: number; // n
  readonly observation: Float32Array; // [H + 1, n, obs] not normalised; the last one of a step is before a reset
  readonly action: Float32Array; // [H, n, act] before clipping
  readonly residual: Float32Array; // [H, n] reward to learn; empty where the model learns none
  readonly mask: Float32Array; // [H, n] 1: the step counts, 0: it lies beyond the end of the episode
}

/** Transitions from which a normalisation is taken. */
export interface ModelTransitions {
  readonly observation: Float32Array; // [n, obs]
  readonly action: Float32Array; // [n, act]
  readonly nextObservation: Float32Array; // [n, obs]
  readonly residual: Float32Array; // [n]; empty where the model learns none
  readonly different?: number; // of the n, at most, where they are drawn with repetition; absent: all
}

const MINIMAL_DEVIATION = 1e-4; // relative to 1; an input that varies less is taken as constant
const MINIMAL_CHANGE = 1e-6; // of an entry's own deviation, of a reward relative to 1: what varies less is its mean

/**
 * (model, transitions) ⇒ (model) with means and standard deviations of its inputs and outputs. A model that has been
 * trained goes on predicting what it did: θ takes up the difference, so that training starts warm.
 *
 * The deviation of an output that has never changed, as a goal among the observations, is 0: it is predicted exactly,
 * whatever the network says, and no loss sees it. One that has changed before, and happens not to in these transitions,
 * keeps its deviation.
 *
 * Where the model has a linear part, that is fitted anew, and its layers go on adding what they did.
 */
export const fitNormalisation = (model: ModelParams, data: ModelTransitions, features: Features): ModelParams => {
  const [inputs, outputs] = [model.inputMean.length, model.outputMean.length];
  const size = outputs - (data.residual.length > 0 ? 1 : 0);
  const n = data.observation.length / size;
  const input = readTensor(() =>
    inputOf(features, tf.tensor2d(data.observation, [n, size]), tf.tensor2d(data.action, [n, data.action.length / n]))
  );
  const output = new Float64Array(n * outputs);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < size; j++) {
      output[i * outputs + j] = data.nextObservation[i * size + j] - data.observation[i * size + j];
    }
    if (outputs > size) output[i * outputs + size] = data.residual[i];
  }
  const [ofInput, ofState, ofOutput] = [
    statistics(input, inputs),
    statistics(data.observation, size),
    statistics(output, outputs),
  ];
  const known = model.adam.step === 0 ? new Float32Array(outputs) : deviationsOf(model);
  const deviation = ofOutput.deviation.map((s, j) => s > MINIMAL_CHANGE * (ofState.deviation[j] ?? 1) ? s : known[j]);
  const normalised = renormalised(model, {
    inputMean: ofInput.mean,
    inputScale: ofInput.deviation.map((s) => (s > MINIMAL_DEVIATION ? 1 / s : 1)),
    outputMean: ofOutput.mean,
    outputScale: deviation,
  });
  if (model.shape.skip === undefined) return normalised.model;
  const { inputMean, inputScale, outputMean } = normalised.model;
  return withLinearPart({ ...normalised, model: { ...normalised.model, outputDeviation: deviation } }, {
    input: eachEntry(input, inputs, (x, j) => (x - inputMean[j]) * inputScale[j]),
    output: eachEntry(output, outputs, (y, j) => deviation[j] > 0 ? (y - outputMean[j]) / deviation[j] : 0),
    different: data.different ?? n,
  });
};

/** (x [n, width], width, of) ⇒ `of` each entry and its column, [n, width]. */
const eachEntry = (
  x: Float32Array | Float64Array,
  width: number,
  of: (value: number, column: number) => number,
): Float32Array => {
  const found = new Float32Array(x.length);
  for (let i = 0; i < x.length;) for (let j = 0; j < width; j++, i++) found[i] = of(x[i], j);
  return found;
};

type Normalisation = Pick<ModelParams, "inputMean" | "inputScale" | "outputMean" | "outputScale">;

/**
 * (model, normalisation) ⇒ (model with it): the same function where the model has been trained.
 *
 *   (x − m)·c W = (x − m′)·c′ (W·c/c′) + (m′ − m)·c W,   h W·σ + μ = (h W·σ/σ′ + (μ − μ′)/σ′)·σ′ + μ′,  σ′ = 0: as it is
 *
 * S is an input's weights, as those of the first layer are, and an output's, as those of the last.
 */
const renormalised = (model: ModelParams, to: Normalisation): Renormalised => {
  const shift = new Float64Array(to.outputMean.length);
  if (model.adam.step === 0) return { model: { ...model, ...to }, shift };
  const { sizes } = model.shape, theta = model.theta.slice();
  const [inputs, first] = [sizes[0], sizes[1]];
  const [before, outputs] = [sizes[sizes.length - 2], sizes[sizes.length - 1]];
  const skip = theta.length - skipCount(model.shape), last = skip - (before + 1) * outputs;
  const offset = intoInputs(theta, 0, first, model, to);
  for (let o = 0; o < first; o++) theta[inputs * first + o] += offset[o];
  const bySkip = skip < theta.length ? intoInputs(theta, skip, outputs, model, to) : new Float64Array(outputs);
  for (let o = 0; o < outputs; o++) {
    if (to.outputScale[o] === 0) continue;
    const ratio = model.outputScale[o] / to.outputScale[o];
    for (let i = 0; i <= before; i++) theta[last + i * outputs + o] *= ratio; // weights, then bias
    for (let at = skip + o; at < theta.length; at += outputs) theta[at] *= ratio;
    shift[o] = bySkip[o] * ratio + (model.outputMean[o] - to.outputMean[o]) / to.outputScale[o];
    theta[last + before * outputs + o] += shift[o];
  }
  return { model: { ...model, ...to, theta }, shift };
};

/** (θ, place of weights [in, width] of the inputs, old and new normalisation): rescales them ⇒ what the bias goes up by [width]. */
const intoInputs = (
  theta: Float32Array,
  at: number,
  width: number,
  from: Normalisation,
  to: Normalisation,
): Float64Array => {
  const offset = new Float64Array(width);
  for (let i = 0; i < to.inputMean.length; i++) {
    for (let o = 0; o < width; o++) {
      const weight = theta[at + i * width + o] * from.inputScale[i];
      offset[o] += weight * (to.inputMean[i] - from.inputMean[i]);
      theta[at + i * width + o] = weight / to.inputScale[i];
    }
  }
  return offset;
};

/** (x [n, d]) ⇒ (mean [d], standard deviation [d]). */
const statistics = (x: Float32Array | Float64Array, size: number): { mean: Float32Array; deviation: Float32Array } => {
  const [mean, deviation] = [new Float32Array(size), new Float32Array(size)];
  const n = x.length / size;
  const sum = new Float64Array(size), squares = new Float64Array(size);
  for (let i = 0; i < x.length;) for (let j = 0; j < size; j++, i++) sum[j] += x[i];
  for (let i = 0; i < x.length;) for (let j = 0; j < size; j++, i++) squares[j] += (x[i] - sum[j] / n) ** 2;
  for (let j = 0; j < size; j++) {
    if (n === 0) continue;
    mean[j] = sum[j] / n;
    deviation[j] = Math.sqrt(squares[j] / n);
  }
  return { mean, deviation };
};

/** (s [n, obs], a [n, act]) ⇒ the network's raw input [n, in]. */
export const inputOf = (features: Features, observation: tf.Tensor2D, action: tf.Tensor2D): tf.Tensor2D =>
  tf.concat([features(observation), clipActions(action, features.controlRange)], 1);

/** Normalised (s′ − s, residual) of step t, [n, out]; 0 of what never changes. */
export const targetOf = (model: ModelParams, segments: ModelSegments, t: number, size: number): Float32Array => {
  const { count: n, observation, residual } = segments;
  const outputs = model.outputMean.length;
  const target = new Float32Array(n * outputs);
  for (let i = 0; i < n; i++) {
    const from = (t * n + i) * size;
    for (let j = 0; j < outputs; j++) {
      const raw = j < size ? observation[from + n * size + j] - observation[from + j] : residual[t * n + i];
      if (model.outputScale[j] > 0) target[i * outputs + j] = (raw - model.outputMean[j]) / model.outputScale[j];
    }
  }
  return target;
};

/** What a loss of the dynamics weighs. */
export interface ModelLossOptions {
  /** α of the reward's squared error */
  readonly rewardWeight: number;
}

/** (mask) ⇒ how many steps count. */
export const maskSum = (mask: Float32Array): number => {
  let sum = 0;
  for (let i = 0; i < mask.length; i++) sum += mask[i];
  return sum;
};

/** How a model is trained. */
export interface ModelTrainOptions extends ModelLossOptions {
  /** Adam updates */
  readonly updates: number;
  /** of the first update */
  readonly learningRate: number;
  /** the last update's rate as a fraction of the first; falls exponentially, 1: constant */
  readonly decay: number;
  /** decay of the running mean of θ that is returned; 0: the last θ */
  readonly averaging: number;
}

/** A trained model, and how its loss went. */
export interface TrainedModel {
  readonly model: ModelParams; // of the running mean
  readonly last: ModelParams; // of the last θ, from which training goes on
  readonly losses: Float64Array; // [updates]
}

/** The running mean of a model whose training goes on, and the updates that it has followed. */
export interface ModelMean {
  readonly model: ModelParams;
  readonly updates: number;
}
