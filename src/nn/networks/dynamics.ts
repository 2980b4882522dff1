/**
 * The learned dynamics f: (s, a) ⇒ (s′ − s, learned part of the reward), as imagined rollouts use it.
 *
 *   f(x) = μ + σ·(x̂·S + net(x̂)),  x̂ the normalised features and action,  S by least squares, σ of what these leave
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { mlpParameterCount, type MlpShape, type ModelParams, skipCount } from "../../data/parameters.ts";
import { fold, type Key } from "../../math/random.ts";
import { makeAdam } from "../training/adam.ts";
import type { ControlRange } from "../../math/control_range.ts";
import { clip, clipActions } from "../passes/clip.ts";
import type { Program } from "../passes/column_program.ts";
import { makeLatent } from "./latent.ts";
import { initializeMlp, mlpFrozen } from "./mlp.ts";

/** What `makeModel` builds. */
export interface ModelOptions {
  readonly inputSize: number; // features + act
  readonly latentSize?: number; // η; 0 for deterministic dynamics
  readonly outputSize: number; // obs + learned reward outputs (0 or 1)
  readonly hidden: ReadonlyArray<number>; // sizes of the hidden layers
  readonly activation: MlpShape["activation"];
  readonly reward: ModelParams["reward"];
  /** deviations; 0 for none */
  readonly outputBound?: number;
  /** whether a linear part lies under the network; never under stochastic dynamics */
  readonly linear?: boolean;
}

/** (options, key) ⇒ (model) with orthogonal weights, output gain .1, and no normalisation yet. */
export const makeModel = (options: ModelOptions, key: Key): ModelParams => {
  const { inputSize, outputSize, hidden, activation, reward, outputBound = 0, latentSize = 0 } = options;
  const linear = options.linear === true && latentSize === 0;
  const sizes = [inputSize + latentSize, ...hidden, outputSize];
  const shape: MlpShape = linear ? { sizes, activation, skip: true } : { sizes, activation };
  return {
    shape,
    theta: initializeMlp(shape, key, 0.1),
    adam: makeAdam(mlpParameterCount(shape)),
    inputMean: new Float32Array(inputSize),
    inputScale: new Float32Array(inputSize).fill(1),
    outputMean: new Float32Array(outputSize),
    outputScale: new Float32Array(outputSize).fill(1),
    ...(linear ? { outputDeviation: new Float32Array(outputSize).fill(1) } : {}),
    reward,
    ...(outputBound > 0 ? { outputBound } : {}),
    ...(latentSize > 0 ? { latent: makeLatent(options, hidden, latentSize, fold(key, "latent")) } : {}),
  };
};

/** (model) ⇒ standard deviations [out] of what it predicts. */
export const deviationsOf = (
  { outputScale, outputDeviation }: Pick<ModelParams, "outputScale" | "outputDeviation">,
): Float32Array => outputDeviation ?? outputScale;

/** (model) ⇒ the units [out] in which its layers speak, in deviations of what it predicts; 0 of what never changes. */
export const unitsOf = (model: Pick<ModelParams, "outputScale" | "outputDeviation">): Float64Array => {
  const deviation = deviationsOf(model);
  return Float64Array.from(model.outputScale, (scale, j) => (deviation[j] === 0 ? 0 : scale / deviation[j]));
};

/** (model) ⇒ mean and reach [out] of its outputs, which stay within mean ± reach; null where they are not bounded. */
export const outputRange = (
  model: ModelParams,
): { readonly mean: Float32Array; readonly reach: Float32Array } | null => {
  const { outputMean, outputBound } = model;
  return outputBound === undefined
    ? null
    : { mean: outputMean, reach: deviationsOf(model).map((s) => s * outputBound) };
};

/** Network inputs made from raw observations, and the range that actions are clipped to beside them. */
export interface Features {
  /** ([n, obs]) ⇒ ([n, features]), differentiable */
  (observation: tf.Tensor2D): tf.Tensor2D;
  /** [act] of actions as inputs; absent: ±1 everywhere */
  readonly controlRange?: ControlRange | undefined;
}

/** The same as a program on columns. */
export interface FeatureProgram {
  /** (obs) ⇒ (program) */
  readonly program: (observationSize: number) => Program;
  /** [act] of actions as inputs; absent: ±1 everywhere */
  readonly controlRange?: ControlRange | undefined;
}

/** A frozen model as tensors: both normalisations are folded into the first and the last layer. */
export interface ModelTensors {
  readonly shape: MlpShape;
  readonly theta: tf.Tensor1D;
  readonly range: { readonly mean: tf.Tensor1D; readonly reach: tf.Tensor1D } | null; // of the outputs
}

/** (model) ⇒ (tensors), which the caller frees by `disposeModel`. */
export const modelTensors = (model: ModelParams): ModelTensors => {
  const range = outputRange(model);
  return {
    shape: model.shape,
    theta: tf.tensor1d(foldNormalisation(model)),
    range: range === null ? null : { mean: tf.tensor1d(range.mean), reach: tf.tensor1d(range.reach) },
  };
};

/** Frees a model's tensors. */
export const disposeModel = (model: ModelTensors): void => tf.dispose([model.theta, model.range ?? {}]);

/**
 * (model) ⇒ (θ of the network that takes raw inputs and returns raw outputs).
 *
 *   ((x − m)·c) W + b = x (cW) + (b − (m·c) W),   (h W + b)·σ + μ = h (W·σ) + (b·σ + μ),
 *   ((x − m)·c) S·σ = x (cS·σ) − (m·c) S·σ
 */
export const foldNormalisation = (model: ModelParams): Float32Array => {
  const { sizes } = model.shape;
  const theta = model.theta.slice();
  const [inputs, first] = [sizes[0], sizes[1]];
  const [before, outputs] = [sizes[sizes.length - 2], sizes[sizes.length - 1]];
  for (let o = 0; o < first; o++) {
    let offset = 0;
    for (let i = 0; i < model.inputMean.length; i++) { // η, after these, is not normalised
      const scaled = theta[i * first + o] * model.inputScale[i];
      offset += model.inputMean[i] * scaled;
      theta[i * first + o] = scaled;
    }
    theta[inputs * first + o] -= offset;
  }
  const skip = theta.length - skipCount(model.shape), last = skip - (before + 1) * outputs;
  for (let o = 0; o < outputs; o++) {
    for (let i = 0; i <= before; i++) theta[last + i * outputs + o] *= model.outputScale[o]; // weights, then bias
    let offset = model.outputMean[o];
    for (let at = skip + o, i = 0; at < theta.length; at += outputs, i++) {
      theta[at] *= model.inputScale[i] * model.outputScale[o];
      offset -= model.inputMean[i] * theta[at];
    }
    theta[last + before * outputs + o] += offset;
  }
  return theta;
};

/** (y [n, out], range) ⇒ y within it; no gradient passes where it was cut. */
const bounded = (output: tf.Tensor2D, range: ModelTensors["range"]): tf.Tensor2D => {
  if (range === null) return output;
  const { mean, reach } = range, positive = tf.where(tf.greater(reach, 0), reach, tf.onesLike(reach));
  return tf.add(mean, tf.mul(reach, clip(tf.div(tf.sub(output, mean), positive) as tf.Tensor2D, 1)));
};

/** What the model predicts. */
export interface Prediction {
  readonly nextObservation: tf.Tensor2D; // [n, obs]
  readonly rewardResidual: tf.Tensor1D | null; // [n]; null where the model learns no part of the reward
}

/**
 * (model, s [n, obs], a [n, act]) ⇒ (s′, learned part of the reward), differentiable in s and a; θ is a constant.
 * The action is clipped to the control range first, and no gradient passes where it was clipped.
 *
 * @param latent  [n, latent] η of stochastic dynamics; null where they are deterministic
 */
export const predictDynamics = (
  model: ModelTensors,
  features: Features,
  observation: tf.Tensor2D,
  action: tf.Tensor2D,
  latent: tf.Tensor2D | null = null,
): Prediction => {
  const known = [features(observation), clipActions(action, features.controlRange)];
  const input = tf.concat(latent === null ? known : [...known, latent], 1);
  const output = bounded(mlpFrozen(model.shape, model.theta, input), model.range);
  const [n, size] = observation.shape;
  const learned = output.shape[1] > size;
  const change = learned ? output.slice([0, 0], [n, size]) : output;
  return {
    nextObservation: tf.add(observation, change),
    rewardResidual: learned ? output.slice([0, size], [n, 1]).as1D() : null,
  };
};
