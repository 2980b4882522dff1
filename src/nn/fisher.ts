/**
 * Products of the policy's Fisher matrix with vectors, for the conjugate gradient of TRPO.
 *
 * @module
 */
import tf from "@tensorflow/tfjs";
import { mlpParameterCount, type PolicyParams } from "../data/parameters.ts";
import { mlpEngine } from "./mlp_engine.ts";
import { policyLogStd } from "./policy.ts";
import { readTensor } from "./read.ts";

/** A matrix by its products, with tensors that the caller gives back. */
export interface FisherProduct {
  /** (v [parameters]) ⇒ (F v + damping·v [parameters]). */
  readonly product: (v: Float32Array) => Float32Array;
  /** Frees the cached activations. */
  readonly dispose: () => void;
}

/**
 * (policy, observation [n, obs] normalised, damping) ⇒ (product).
 *
 *   F v = 1/n Σᵢ Jᵢᵀ Σ⁻¹ Jᵢ v for the parameters of μ, and exactly 2·v for logStd, J = ∂μ/∂θ
 *
 * This is the Hessian of the mean KL(old ‖ new) at new = old. One forward-mode and one reverse-mode pass on cached
 * activations: the tensor library's gradient of a gradient is wrong for tanh.
 */
export const makeFisherProduct = (
  params: PolicyParams,
  observation: Float32Array,
  damping: number,
): FisherProduct => {
  const { shape } = params;
  const [count, inputs] = [mlpParameterCount(shape), shape.sizes[0]];
  const n = observation.length / inputs;
  const cached = tf.tidy(() => {
    const theta = tf.tensor1d(params.theta);
    const x = tf.tensor2d(observation, [n, inputs]);
    const hidden = mlpEngine().forward(shape, theta, x).slice(0, -1);
    const precision = tf.div(tf.exp(tf.mul(policyLogStd(shape, theta), -2)), n) as tf.Tensor1D;
    return { theta, precision, layers: [x, ...hidden] };
  });
  const product = (v: Float32Array): Float32Array => {
    const out = readTensor(() => {
      const { theta, precision, layers } = cached;
      const rate = mlpEngine().tangent(shape, theta, layers, tf.tensor1d(v));
      return mlpEngine().backward(shape, theta, layers, tf.mul(rate, precision), "theta").theta!;
    });
    for (let i = count; i < v.length; i++) out[i] = 2 * v[i];
    for (let i = 0; i < v.length; i++) out[i] += damping * v[i];
    return out;
  };
  return { product, dispose: () => tf.dispose(cached) };
};
