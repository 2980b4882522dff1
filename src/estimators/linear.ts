/**
 * Terms that are linear in the policy's outputs, Σᵢ slopeᵢ·μ_θ(sᵢ) + logStd·log σ_θ: what G2 hands to the line search, which
 * imagines nothing again.
 *
 * @module
 */
import { mlpParameterCount, type PolicyParams } from "../data/parameters.ts";
import { evaluatePolicy } from "../nn/networks/evaluated_policy.ts";
import { networkGradient } from "../nn/passes/network_gradient.ts";

/** Σᵢ slopeᵢ·μ_θ(sᵢ) + logStd·log σ_θ over states of its own: those of the batch, of a half of it, or of earlier batches. */
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

/** (surrogate, policy) ⇒ Σᵢ slopeᵢ·μ_θ(sᵢ) + logStd·log σ_θ. */
export const linearValue = ({ observation, slope, logStd }: LinearSurrogate, policy: PolicyParams): number => {
  const first = mlpParameterCount(policy.shape), { mean } = evaluatePolicy(policy, observation);
  const byStd = logStd.reduce((sum, x, j) => sum + x * policy.theta[first + j], 0);
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

/** (surrogate, factor) ⇒ `factor` times the surrogate. */
export const scaledLinear = (surrogate: LinearSurrogate, factor: number): LinearSurrogate => ({
  ...surrogate,
  slope: surrogate.slope.map((x) => factor * x),
  logStd: surrogate.logStd.map((x) => factor * x),
});
