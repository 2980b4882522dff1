/**
 * Terms that are linear in the policy's outputs, Σᵢ slopeᵢ·μ_θ(sᵢ) + logStd·log σ_θ: what a G2 without a path hands to the
 * line search.
 *
 * @module
 */
import { mlpParameterCount, type PolicyParams } from "../data/parameters.ts";
import type { EvaluatedPolicy } from "../nn/networks/evaluated_policy.ts";
import { networkGradient } from "../nn/passes/network_gradient.ts";

/** Σᵢ slopeᵢ·μ_θ(sᵢ) + logStd·log σ_θ over the transitions of a batch. */
export interface LinearSurrogate {
  /** What tells it from other surrogates. */
  readonly kind: "linear";
  /** [n, obs] normalised */
  readonly observation: Float32Array;
  /** [n, act] by μ */
  readonly slope: Float32Array;
  /** [act] by log σ */
  readonly logStd: Float32Array;
}

/** (surrogate, policy evaluated at its states) ⇒ Σᵢ slopeᵢ·μ_θ(sᵢ) + logStd·log σ_θ. */
export const linearValue = (
  { slope, logStd }: LinearSurrogate,
  { shape, theta, mean }: EvaluatedPolicy,
): number => {
  const first = mlpParameterCount(shape), byStd = logStd.reduce((sum, x, j) => sum + x * theta[first + j], 0);
  return mean.reduce((sum, mu, i) => sum + mu * slope[i], byStd);
};

/** (surrogate, policy) ⇒ Σᵢ slopeᵢ·∇μ_θ(sᵢ) + logStd·∇log σ_θ at the policy's own θ [parameters]. */
export const linearGradient = (
  { observation, slope, logStd }: LinearSurrogate,
  { shape, theta }: PolicyParams,
): Float32Array => {
  const { gradient } = networkGradient(shape, theta, observation, (mean, first, out) => {
    const start = first * shape.sizes[shape.sizes.length - 1];
    out.set(slope.subarray(start, start + mean.length));
    return 0;
  });
  gradient.set(logStd, mlpParameterCount(shape));
  return gradient;
};
