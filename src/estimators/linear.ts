/**
 * Terms that are linear in the policy's outputs, Σᵢ slopeᵢ·μ_θ(sᵢ) + logStd·log σ_θ, and their gradient.
 *
 * @module
 */
import type { LinearTerm } from "../data/gradient.ts";
import { mlpParameterCount, type Normalizer, type PolicyParams } from "../data/parameters.ts";
import { meanActions } from "../nn/networks/critic.ts";
import { networkGradient } from "../nn/passes/network_gradient.ts";
import { normalizeInto } from "../nn/networks/normalizer.ts";

/** What a linear term is evaluated with. */
export interface LinearContext {
  readonly policy: PolicyParams;
  readonly normalizer: Normalizer;
}

/** (term, θ [parameters]) ⇒ Σᵢ slopeᵢ·μ_θ(sᵢ) + logStd·log σ_θ. */
export const linearSurrogate = (
  { policy, normalizer }: LinearContext,
  { observation, slope, logStd = none }: LinearTerm,
  theta: Float32Array,
): number => {
  const mean = meanActions(policy, theta, normalizeInto(normalizer, observation));
  const first = mlpParameterCount(policy.shape), byStd = logStd.reduce((sum, x, j) => sum + x * theta[first + j], 0);
  return mean.reduce((sum, mu, i) => sum + mu * slope[i], byStd);
};

const none = new Float32Array(0);

/** (term) ⇒ Σᵢ slopeᵢ·∇μ_θ(sᵢ) + logStd·∇log σ_θ at the policy's own θ [parameters]. */
export const linearGradient = (
  { policy: { shape, theta }, normalizer }: LinearContext,
  { observation, slope, logStd = none }: LinearTerm,
): Float32Array => {
  const { gradient } = networkGradient(shape, theta, normalizeInto(normalizer, observation), (mean, first, out) => {
    const start = first * shape.sizes[shape.sizes.length - 1];
    out.set(slope.subarray(start, start + mean.length));
    return 0;
  });
  gradient.set(logStd, mlpParameterCount(shape));
  return gradient;
};
