/**
 * The critic Q(s, a) of estimators with a first-order control variate: a value function over [normalised s, a].
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { CriticParams, PolicyParams } from "../../data/parameters.ts";
import type { Key } from "../../math/random.ts";
import { mlpFrozen } from "./mlp.ts";
import { policyMeanFrozen } from "./policy.ts";
import { readTensor } from "../passes/read.ts";
import { makeValue, predictValue } from "./value.ts";

/** What `makeCritic` builds. */
export interface CriticOptions {
  readonly observationSize: number;
  readonly actionSize: number;
  readonly hidden: ReadonlyArray<number>; // sizes of the tanh layers
}

/** (options, key) ⇒ (critic): orthogonal weights, output gain 1; the target θ′ starts as θ. */
export const makeCritic = ({ observationSize, actionSize, hidden }: CriticOptions, key: Key): CriticParams =>
  makeValue({ observationSize: observationSize + actionSize, hidden }, key);

/** (s [n, obs] normalised, a [n, act]) ⇒ the critic's input [n, obs + act]. */
export const criticInput = (observation: Float32Array, action: Float32Array, actionSize: number): Float32Array => {
  const n = action.length / actionSize,
    width = observation.length / n,
    out = new Float32Array(n * (width + actionSize));
  for (let i = 0, at = 0; i < n; i++, at += width + actionSize) {
    out.set(observation.subarray(i * width, (i + 1) * width), at);
    out.set(action.subarray(i * actionSize, (i + 1) * actionSize), at + width);
  }
  return out;
};

/** (critic, s [n, obs] normalised, a [n, act]) ⇒ Q(s, a) [n]. */
export const predictCritic = (
  critic: Pick<CriticParams, "shape" | "theta">,
  observation: Float32Array,
  action: Float32Array,
  actionSize: number,
): Float32Array => predictValue(critic, criticInput(observation, action, actionSize));

/** (critic, s [n, obs] normalised, a [n, act]) ⇒ ∂Q/∂a at (s, a) [n, act]. */
export const actionGradient = (
  { shape, theta }: Pick<CriticParams, "shape" | "theta">,
  observation: Float32Array,
  action: Float32Array,
  actionSize: number,
): Float32Array =>
  readTensor(() => {
    const n = action.length / actionSize, parameters = tf.tensor1d(theta), width = shape.sizes[0];
    const q = (x: tf.Tensor) => tf.sum(mlpFrozen(shape, parameters, x as tf.Tensor2D)) as tf.Scalar;
    const slope = tf.grad(q)(tf.tensor2d(criticInput(observation, action, actionSize), [n, width]));
    return tf.slice(slope, [0, width - actionSize], [n, actionSize]);
  });

/** (policy, θ [parameters], s [n, obs] normalised) ⇒ μ_θ(s) [n, act]. */
export const meanActions = (
  { shape }: Pick<PolicyParams, "shape">,
  theta: Float32Array,
  observation: Float32Array,
): Float32Array =>
  readTensor(() => {
    const width = shape.sizes[0];
    return policyMeanFrozen(
      shape,
      tf.tensor1d(theta),
      tf.tensor2d(observation, [observation.length / width, width]),
    );
  });
