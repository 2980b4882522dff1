/**
 * What the line search climbs: terms that are functions of the policy's parameters, each with a value and a gradient.
 *
 *   ratio   mean π_θ/π(a|s)·signal                            G1
 *   linear  Σᵢ slopeᵢ·μ_θ(sᵢ) + logStd·log σ_θ                G2, to first order in the policy's outputs
 *
 * @module
 */
import type { PolicyParams } from "../data/parameters.ts";
import type { EvaluatedPolicy } from "../nn/networks/evaluated_policy.ts";
import { linearGradient, type LinearSurrogate, linearValue } from "./linear.ts";
import { ratioGradient, type RatioSurrogate, ratioValue } from "./ratio.ts";

/** One term of the surrogate of an estimate. Plain records: nothing is computed before it is asked for. */
export type Surrogate = RatioSurrogate | LinearSurrogate;

/** (surrogate, policy evaluated at the states of the batch) ⇒ its value at that policy, in the unit of the return. */
export const surrogateValue = (surrogate: Surrogate, policy: EvaluatedPolicy): number => {
  switch (surrogate.kind) {
    case "ratio":
      return ratioValue(surrogate, policy);
    case "linear":
      return linearValue(surrogate, policy);
  }
};

/** (surrogate, policy that took the batch) ⇒ its gradient there [parameters]. */
export const surrogateGradient = (surrogate: Surrogate, policy: PolicyParams): Float32Array => {
  switch (surrogate.kind) {
    case "ratio":
      return ratioGradient(surrogate, policy);
    case "linear":
      return linearGradient(surrogate, policy);
  }
};

/** (surrogates, policy evaluated at the states of the batch) ⇒ the sum of their values. */
export const totalValue = (surrogates: ReadonlyArray<Surrogate>, policy: EvaluatedPolicy): number =>
  surrogates.reduce((sum, surrogate) => sum + surrogateValue(surrogate, policy), 0);
