/**
 * The likelihood-ratio term: mean π_θ/π(a|s)·signal, whose gradient at the policy that acted is mean ∇ log π(a|s)·signal.
 *
 * @module
 */
import type { Batch } from "../data/batch.ts";
import { mlpParameterCount, type Normalizer, type PolicyParams } from "../data/parameters.ts";
import type { EvaluatedPolicy } from "../nn/networks/evaluated_policy.ts";
import { normalizeInto } from "../nn/networks/normalizer.ts";
import { likelihoodGradient } from "../nn/networks/policy_gradient.ts";

/** mean π_θ(a|s)/π(a|s)·signal over the transitions of a batch: G1. */
export interface RatioSurrogate {
  /** What tells it from other surrogates. */
  readonly kind: "ratio";
  /** [n, obs] normalised */
  readonly observation: Float32Array;
  /** [n, act] as sampled */
  readonly action: Float32Array;
  /** [n] log π(a|s) of the policy that acted, nats */
  readonly logProb: Float32Array;
  /** [n] A minus all that is subtracted from it, the factor of ∇ log π */
  readonly signal: Float32Array;
}

/** (batch, its observations normalised, signal [T, N]) ⇒ (surrogate). */
export const ratioOf = (
  { action, logProb }: Batch,
  observation: Float32Array,
  signal: Float32Array,
): RatioSurrogate => ({ kind: "ratio", observation, action, logProb, signal });

/** (surrogate, policy evaluated at its states) ⇒ mean π_θ/π·signal. */
export const ratioValue = (
  { action, logProb, signal }: RatioSurrogate,
  { shape, theta, mean }: EvaluatedPolicy,
): number => {
  const first = mlpParameterCount(shape), size = theta.length - first, n = logProb.length;
  const deviation = Float64Array.from(theta.subarray(first), Math.exp);
  const constant = 0.5 * size * Math.log(2 * Math.PI) + theta.subarray(first).reduce((sum, logStd) => sum + logStd, 0);
  let total = 0;
  for (let i = 0, at = 0; i < n; i++) {
    let squares = 0;
    for (let j = 0; j < size; j++, at++) {
      const noise = (action[at] - mean[at]) / deviation[j];
      squares += noise * noise;
    }
    total += Math.exp(-0.5 * squares - constant - logProb[i]) * signal[i];
  }
  return total / n;
};

/** (surrogate, policy that acted) ⇒ mean ∇ log π(a|s)·signal [parameters]. */
export const ratioGradient = ({ observation, action, signal }: RatioSurrogate, policy: PolicyParams): Float32Array =>
  likelihoodGradient(policy, observation, action, signal);

/** (policy, batch, signal [T, N]) ⇒ mean ∇ log π_θ(a|s)·signal [parameters]. */
export const scoreGradient = (
  policy: PolicyParams,
  normalizer: Normalizer,
  batch: Batch,
  signal: Float32Array,
): Float32Array => likelihoodGradient(policy, normalizeInto(normalizer, batch.observation), batch.action, signal);
