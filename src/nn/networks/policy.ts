/**
 * The Gaussian policy a = μ(s) + exp(logStd)·ε over normalised observations, with θ = [parameters of μ, logStd [act]].
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { mlpParameterCount, type MlpShape, type PolicyParams } from "../../data/parameters.ts";
import type { ControlRange } from "../../math/control_range.ts";
import type { Key } from "../../math/random.ts";
import { initializeMlp, mlpFrozen, mlpOfData } from "./mlp.ts";

const LOG_2PI = Math.log(2 * Math.PI);

/** What `makePolicy` builds. */
export interface PolicyOptions {
  readonly observationSize: number;
  readonly actionSize: number;
  readonly hidden: ReadonlyArray<number>; // sizes of the tanh layers
  readonly logStd: number; // initial log standard deviation of every action
}

/** (options, key) ⇒ (policy): orthogonal weights, the output's gain .01, so that μ starts near zero. */
export const makePolicy = (options: PolicyOptions, key: Key): PolicyParams => {
  const { observationSize, actionSize, hidden, logStd } = options;
  const shape: MlpShape = { sizes: [observationSize, ...hidden, actionSize], activation: "tanh" };
  const count = mlpParameterCount(shape);
  const theta = new Float32Array(count + actionSize).fill(logStd, count);
  theta.set(initializeMlp(shape, key, 0.01));
  return { shape, theta };
};

/** (θ, obs [n, obs] normalised) ⇒ (μ [n, act]), differentiable in θ; the observation is data. */
export const policyMean = (shape: MlpShape, theta: tf.Tensor1D, observation: tf.Tensor2D): tf.Tensor2D =>
  mlpOfData(shape, theta, observation);

/** (θ, obs [n, obs] normalised) ⇒ (μ [n, act]), differentiable in the observation; θ is a constant. */
export const policyMeanFrozen = (shape: MlpShape, theta: tf.Tensor1D, observation: tf.Tensor2D): tf.Tensor2D =>
  mlpFrozen(shape, theta, observation);

/**
 * (policy, control range) ⇒ the policy in the range's own units: its mean about the middles, σ in halves of the range. Over
 * ±1 it stays what it is.
 */
export const overRange = (policy: PolicyParams, range: ControlRange): PolicyParams => {
  const theta = policy.theta.slice(), size = range.length, logStd = theta.length - size, bias = logStd - size;
  range.forEach(([low, high], j) => {
    theta[bias + j] += (low + high) / 2;
    theta[logStd + j] += Math.log((high - low) / 2);
  });
  return { ...policy, theta };
};

/** (θ) ⇒ (logStd [act]), differentiable in θ. */
export const policyLogStd = (shape: MlpShape, theta: tf.Tensor1D): tf.Tensor1D =>
  theta.slice(mlpParameterCount(shape), shape.sizes[shape.sizes.length - 1]);

/**
 * (θ, obs [n, obs] normalised, a [n, act]) ⇒ (log π(a|s) [n]), differentiable in θ.
 *
 *   log π = −½ Σ ((a − μ)/σ)² − Σ log σ − ½·act·log 2π
 */
export const logProbability = (
  shape: MlpShape,
  theta: tf.Tensor1D,
  observation: tf.Tensor2D,
  action: tf.Tensor2D,
): tf.Tensor1D =>
  tf.tidy(() => {
    const logStd = policyLogStd(shape, theta);
    const noise = tf.mul(tf.sub(action, policyMean(shape, theta, observation)), tf.exp(tf.neg(logStd)));
    const constant = tf.add(tf.sum(logStd), 0.5 * logStd.size * LOG_2PI);
    return tf.sub(tf.mul(tf.sum(tf.square(noise), 1), -0.5), constant) as tf.Tensor1D;
  });
