/**
 * What the line search climbs: terms that are functions of the policy's parameters, each with a value and a gradient.
 *
 *   ratio   mean π_θ/π(a|s)·signal                            G1
 *   path    Σᵢ weightᵢ·Ã(sᵢ, μ_θ(sᵢ) + σ_θ·ε₀ᵢ, ε₁ᵢ …)        G2 by path derivatives
 *   linear  Σᵢ slopeᵢ·μ_θ(sᵢ) + logStd·log σ_θ                G2 by pairs, or by a critic
 *
 * @module
 */
import type { PolicyParams } from "../data/parameters.ts";
import { pathGradient, type PathSurrogate, pathValue } from "../imagination/path.ts";
import type { EvaluatedPolicy } from "../nn/networks/evaluated_policy.ts";
import { linearGradient, type LinearSurrogate, linearValue } from "./linear.ts";
import { ratioGradient, type RatioSurrogate, ratioValue } from "./ratio.ts";

/** One term of the surrogate of an estimate. Plain records: nothing is computed before it is asked for. */
export type Surrogate = RatioSurrogate | PathSurrogate | LinearSurrogate;

/** (surrogate, policy evaluated at the states of the batch) ⇒ its value there, in the unit of the return. */
export const surrogateValue = (surrogate: Surrogate, policy: EvaluatedPolicy): number => {
  switch (surrogate.kind) {
    case "ratio":
      return ratioValue(surrogate, policy);
    case "path":
      return pathValue(surrogate, policy.theta);
    case "linear":
      return linearValue(surrogate, policy);
  }
};

/** (surrogate, policy that took the batch) ⇒ its gradient there [parameters]. */
export const surrogateGradient = (surrogate: Surrogate, policy: PolicyParams): Float32Array => {
  switch (surrogate.kind) {
    case "ratio":
      return ratioGradient(surrogate, policy);
    case "path":
      return pathGradient(surrogate);
    case "linear":
      return linearGradient(surrogate, policy);
  }
};

/** (surrogates, policy evaluated at the states of the batch) ⇒ the sum of their values. */
export const totalValue = (surrogates: ReadonlyArray<Surrogate>, policy: EvaluatedPolicy): number =>
  surrogates.reduce((sum, surrogate) => sum + surrogateValue(surrogate, policy), 0);
