/**
 * The k-step loss of the dynamics, its gradient and its training in tensors, by the tape: what `unrolledGradient` and
 * `trainOnSegments` are held against.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { ModelParams } from "../../../src/data/parameters.ts";
import type { Features } from "../../../src/nn/networks/dynamics.ts";
import { mlp, mlpOfData } from "../../../src/nn/networks/mlp.ts";
import { type LossGradient, lossGradient } from "../../../src/nn/passes/read.ts";
import {
  inputOf,
  maskSum,
  type ModelLossOptions,
  type ModelMean,
  type ModelSegments,
  type ModelTrainOptions,
  targetOf,
  type TrainedModel,
} from "../../../src/nn/training/dynamics_fit.ts";
import { adamInPlace, copyAdam, makeAverage } from "./plain_training.ts";
import { errorShares } from "../reference.ts";

/** Segments and normalisation as tensors, one of each for a step. */
export interface FitTensors {
  readonly observation: ReadonlyArray<tf.Tensor2D>; // H × [n, obs]
  readonly action: ReadonlyArray<tf.Tensor2D>; // H × [n, act]
  readonly target: ReadonlyArray<tf.Tensor2D>; // H × [n, out] (s′ − s, residual), normalised
  readonly mask: ReadonlyArray<tf.Tensor2D>; // H × [n, 1]
  readonly inputMean: tf.Tensor1D;
  readonly inputScale: tf.Tensor1D;
  readonly outputScale: tf.Tensor1D; // [obs]
}

/** (model, segments) ⇒ (tensors); call within a tidy. */
export const fitTensors = (model: ModelParams, segments: ModelSegments): FitTensors => {
  const { horizon, count: n } = segments;
  const size = segments.observation.length / ((horizon + 1) * n);
  const outputs = model.shape.sizes[model.shape.sizes.length - 1];
  const step = (array: Float32Array, t: number, width: number) =>
    tf.tensor2d(array.subarray(t * n * width, (t + 1) * n * width), [n, width]);
  const steps = <T>(make: (t: number) => T): T[] => Array.from({ length: horizon }, (_, t) => make(t));
  return {
    observation: steps((t) => step(segments.observation, t, size)),
    action: steps((t) => step(segments.action, t, segments.action.length / (horizon * n))),
    target: steps((t) => tf.tensor2d(targetOf(model, segments, t, size), [n, outputs])),
    mask: steps((t) => step(segments.mask, t, 1)),
    inputMean: tf.tensor1d(model.inputMean),
    inputScale: tf.tensor1d(model.inputScale),
    outputScale: tf.tensor1d(model.outputScale.subarray(0, size)),
  };
};

/**
 * (network, segments) ⇒ (per step: normalised errors [n, out] of the predicted state and residual).
 *
 *   e₀ = 0,  e_{h+1} = e_h + y_h − t_h,  y_h = net(features(s_h + e_h·scale), clip(a_h)),  t_h the normalised target
 *
 * This is (ŝ − s)/scale of the model's own unrolled prediction ŝ, without the cancellation of ŝ − s.
 */
export const unrolledErrors = (
  network: (input: tf.Tensor2D, step: number) => tf.Tensor2D,
  tensors: FitTensors,
  features: Features,
): tf.Tensor2D[] => {
  const errors: tf.Tensor2D[] = [];
  let state: tf.Tensor2D | null = null; // e_h [n, obs]
  for (const [h, observation] of tensors.observation.entries()) {
    const [n, size] = observation.shape;
    const from: tf.Tensor2D = state === null ? observation : tf.add(observation, tf.mul(state, tensors.outputScale));
    const input: tf.Tensor2D = tf.mul(
      tf.sub(inputOf(features, from, tensors.action[h]), tensors.inputMean),
      tensors.inputScale,
    );
    let error: tf.Tensor2D = tf.sub(network(input, h), tensors.target[h]);
    const learned = error.shape[1] > size;
    if (state !== null) error = tf.add(error, learned ? tf.pad(state, [[0, 0], [0, 1]]) : state);
    state = learned ? error.slice([0, 0], [n, size]) : error;
    errors.push(error);
  }
  return errors;
};

/** Weight of every output column in the loss: 1/obs for states, the reward's weight for the residual; times v. */
const columnWeights = (model: ModelParams, size: number, rewardWeight: number): tf.Tensor1D =>
  tf.tensor1d(errorShares(model, size).map((v, j) => v * (j < size ? 1 / size : rewardWeight)));

/**
 * (model, segments) ⇒ (loss, ∇θ loss), H steps unrolled on the model's own predictions.
 *
 *   loss = Σ mask · (mean over obs of e² + α·e_residual²) / Σ mask,  errors normalised by the output's deviation
 */
export const modelGradient = (
  model: ModelParams,
  segments: ModelSegments,
  options: ModelLossOptions,
  features: Features,
): LossGradient =>
  lossGradient((theta) => {
    const tensors = fitTensors(model, segments);
    const network = (input: tf.Tensor2D, h: number) => (h === 0 ? mlpOfData : mlp)(model.shape, theta, input);
    const weights = columnWeights(model, tensors.outputScale.size, options.rewardWeight);
    const total = unrolledErrors(network, tensors, features)
      .map((error, h) => tf.sum(tf.mul(tf.mul(tf.square(error), weights), tensors.mask[h])))
      .reduce((sum, term) => tf.add(sum, term));
    return tf.div(total, Math.max(1, maskSum(segments.mask))) as tf.Scalar;
  }, model.theta);

/** (model, minibatch of update i) ⇒ (model, loss of every update): Adam on `modelGradient`. */
export const trainModel = (
  model: ModelParams,
  sampleMinibatch: (update: number) => ModelSegments,
  options: ModelTrainOptions,
  features: Features,
  mean: ModelMean = { model, updates: 0 },
): TrainedModel => {
  const theta = model.theta.slice();
  let adam = copyAdam(model.adam);
  const losses = new Float64Array(options.updates);
  const average = makeAverage(mean.model.theta, options.averaging, mean.updates);
  for (let i = 0; i < options.updates; i++) {
    const { loss, gradient } = modelGradient({ ...model, theta }, sampleMinibatch(i), options, features);
    const learningRate = options.learningRate * options.decay ** (i / Math.max(1, options.updates - 1));
    adam = adamInPlace(theta, gradient, adam, { learningRate });
    losses[i] = loss;
    average.add(theta, i);
  }
  const last = { ...model, theta, adam };
  return { model: { ...last, theta: average.mean(theta) }, last, losses };
};

/** As `modelError`. */
export const tensorModelError = (
  { shape, theta, ...model }: ModelParams,
  segments: ModelSegments,
  features: Features,
): { readonly state: number[]; readonly residual: number[] } => {
  const { mask, count: n, horizon } = segments, outputs = model.outputMean.length;
  const size = segments.observation.length / ((horizon + 1) * n);
  const padding = model.latent?.size ?? 0; // η = 0
  const deviation = model.outputDeviation ?? model.outputScale;
  return tf.tidy(() => {
    const parameters = tf.tensor1d(theta), tensors = fitTensors({ shape, theta, ...model }, segments);
    const network = (x: tf.Tensor2D) => mlpOfData(shape, parameters, tf.pad(x, [[0, 0], [0, padding]]));
    const means = unrolledErrors(network, tensors, features).map((error, h) => {
      const weight = tf.div(tensors.mask[h], maskSum(mask.subarray(h * n, (h + 1) * n)) || 1);
      const squares = Array.from(tf.sum(tf.mul(tf.square(error), weight), 0).dataSync()); // [out]
      return squares.map((square, j) => square * (model.outputScale[j] / deviation[j]) ** 2);
    });
    return {
      state: means.map((mean) => mean.slice(0, size).reduce((a, b) => a + b) / size),
      residual: outputs > size ? means.map((mean) => mean[size]) : [],
    };
  });
};
