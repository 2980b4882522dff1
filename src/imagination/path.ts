/**
 * The path-derivative surrogate of G2 and its gradient ∇ᵗθ: θ counts at the first step only.
 *
 * @module
 */
import tf from "@tensorflow/tfjs";
import type { PathTerm } from "../data/gradient.ts";
import type { Normalizer, PolicyParams } from "../data/parameters.ts";
import { normalizeTensor } from "../nn/normalizer.ts";
import { policyLogStd, policyMean } from "../nn/policy.ts";
import type { ImaginedTask } from "../tasks/task.ts";
import { imaginedAdvantages } from "./advantage.ts";
import { chunks, noiseOf, rowsOf } from "./chunks.ts";
import { type TensorWorld, tensorWorld } from "./world.ts";

/** What a path term is evaluated with: the policy of the later steps, which stays as it was when the batch was taken. */
export interface PathContext {
  readonly task: ImaginedTask;
  readonly policy: PolicyParams;
  readonly normalizer: Normalizer;
}

/** (θ, rows) ⇒ Σᵢ weightᵢ·Ã(sᵢ, μ_θ(sᵢ) + σ_θ·ε₀ᵢ, …) over the rows. */
const surrogateOf = (world: TensorWorld, path: PathTerm, rows: readonly [number, number]) => {
  const actionSize = world.std.size, observationSize = world.normalizer.mean.length;
  const observation = rowsOf(path.observation, observationSize, rows);
  const normalized = normalizeTensor(world.statistics, observation);
  const noise = noiseOf(path.noise, path.horizon, actionSize, rows);
  const weight = tf.tensor1d(path.weight.subarray(...rows));
  const { shape } = world.policy;
  return (theta: tf.Tensor): tf.Scalar => {
    const std = tf.exp(policyLogStd(shape, theta as tf.Tensor1D));
    const action: tf.Tensor2D = tf.add(policyMean(shape, theta as tf.Tensor1D, normalized), tf.mul(std, noise[0]));
    const [advantage] = imaginedAdvantages(world, observation, action, noise, path.form, "last");
    return tf.sum(tf.mul(weight, advantage));
  };
};

const inWorld = <A>(
  { task, policy, normalizer }: PathContext,
  path: PathTerm,
  visit: (world: TensorWorld) => A,
): void => {
  tf.tidy(() => {
    visit(tensorWorld({ task, policy, normalizer, value: path.value, model: path.model }));
  });
};

/** (path, θ [parameters]) ⇒ the surrogate Σᵢ weightᵢ·Ãᵢ(θ). */
export const pathSurrogate = (context: PathContext, path: PathTerm, theta: Float32Array): number => {
  let total = 0;
  for (const rows of chunks(path.weight.length)) {
    inWorld(context, path, (world) => total += surrogateOf(world, path, rows)(tf.tensor1d(theta)).dataSync()[0]);
  }
  return total;
};

/** (path) ⇒ gradient of the surrogate at the policy's own θ, [parameters]. */
export const pathGradient = (context: PathContext, path: PathTerm): Float32Array => {
  const total = new Float32Array(context.policy.theta.length);
  for (const rows of chunks(path.weight.length)) {
    inWorld(context, path, (world) => {
      const gradient = tf.grad(surrogateOf(world, path, rows))(world.policyTheta).dataSync();
      for (let i = 0; i < total.length; i++) total[i] += gradient[i];
    });
  }
  return total;
};
