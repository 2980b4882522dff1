/**
 * Terms that are linear in the policy's mean, Σᵢ slopeᵢ·μ_θ(sᵢ), and their gradient.
 *
 * @module
 */
import type { LinearTerm } from "../data/gradient.ts";
import type { Normalizer, PolicyParams } from "../data/parameters.ts";
import { meanActions } from "../nn/critic.ts";
import { networkGradient } from "../nn/network_gradient.ts";
import { normalizeInto } from "../nn/normalizer.ts";

/** What a linear term is evaluated with. */
export interface LinearContext {
  readonly policy: PolicyParams;
  readonly normalizer: Normalizer;
}

/** (term, θ [parameters]) ⇒ Σᵢ slopeᵢ·μ_θ(sᵢ). */
export const linearSurrogate = (
  { policy, normalizer }: LinearContext,
  { observation, slope }: LinearTerm,
  theta: Float32Array,
): number =>
  meanActions(policy, theta, normalizeInto(normalizer, observation)).reduce((sum, mu, i) => sum + mu * slope[i], 0);

/** (term) ⇒ Σᵢ slopeᵢ·∇μ_θ(sᵢ) at the policy's own θ [parameters]; log σ takes no part. */
export const linearGradient = (
  { policy: { shape, theta }, normalizer }: LinearContext,
  { observation, slope }: LinearTerm,
): Float32Array =>
  networkGradient(shape, theta, normalizeInto(normalizer, observation), (mean, first, out) => {
    const start = first * shape.sizes[shape.sizes.length - 1];
    out.set(slope.subarray(start, start + mean.length));
    return 0;
  }).gradient;
