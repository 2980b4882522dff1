/**
 * A policy with its means at the states of a batch: one forward pass tells both how far it is from another and how likely
 * it takes the batch's actions.
 *
 * @module
 */
import { mlpParameterCount, type PolicyParams } from "../../data/parameters.ts";
import { networkForward } from "../passes/network_forward.ts";

/** A policy and what it says of n states. */
export interface EvaluatedPolicy extends PolicyParams {
  /** [n, act] μ(s) */
  readonly mean: Float32Array;
}

/** (policy, s [n, obs] normalised) ⇒ (policy, μ(s) [n, act]). */
export const evaluatePolicy = (policy: PolicyParams, observation: Float32Array): EvaluatedPolicy => {
  const { shape, theta } = policy, [inputs] = shape.sizes, size = theta.length - mlpParameterCount(shape);
  const mean = new Float32Array(observation.length / inputs * size);
  networkForward(shape, theta, observation, (part, first) => mean.set(part, first * size));
  return { shape, theta, mean };
};

/**
 * (policy, another, both at the same states) ⇒ mean KL(policy ‖ other) over the states, nats.
 *
 *   KL = Σ log σ_other − log σ + (σ² + (μ − μ_other)²) / (2σ_other²) − ½
 */
export const meanDivergence = (policy: EvaluatedPolicy, other: EvaluatedPolicy): number => {
  const first = mlpParameterCount(policy.shape), size = policy.theta.length - first, n = policy.mean.length / size;
  const distance = new Float64Array(size); // Σ (μ − μ_other)²
  for (let i = 0; i < policy.mean.length; i++) distance[i % size] += (policy.mean[i] - other.mean[i]) ** 2;
  return distance.reduce((sum, squares, j) => {
    const [own, changed] = [policy.theta[first + j], other.theta[first + j]];
    return sum + changed - own + (Math.exp(2 * own) + squares / n) * Math.exp(-2 * changed) / 2 - 0.5;
  }, 0);
};
