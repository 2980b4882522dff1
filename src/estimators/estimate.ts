/**
 * What `estimateGradient` hands to `trpoUpdate`.
 *
 * @module
 */
import type { PolicyParams } from "../data/parameters.ts";
import { type Surrogate, surrogateGradient } from "./surrogate.ts";

/** Gradient of the expected return by θ of the policy, with all that the line search needs. */
export interface GradientEstimate {
  /** [parameters] the ascent direction before the natural-gradient step */
  readonly gradient: Float32Array;
  /** its summands by name: g1, g2 */
  readonly terms: Readonly<Record<string, Float32Array>>;
  /** the surrogate's terms: the gradient of their sum, at the policy that took the batch, is `gradient` */
  readonly surrogates: ReadonlyArray<Surrogate>;
  /**
   * What the estimator declares of itself with these options and networks: its mean is the likelihood-ratio gradient of
   * the expected return. A return that the time limit or the end of the batch cuts bootstraps with V, and forbids that.
   */
  readonly unbiased: boolean;
  /**
   * It declares, too, whether its mean is that of the likelihood ratio with the same A, whatever A's own bias by V.
   * False where samples decided about their own correction, or a summand is missing.
   */
  readonly keepsMean: boolean;
}

/** What an estimate declares of its mean. */
export type Declarations = Pick<GradientEstimate, "unbiased" | "keepsMean">;

/** (estimate) ⇒ factor of ∇ log π of every transition, [T, N]; empty where no surrogate is a likelihood ratio. */
export const signalOf = ({ surrogates }: Pick<GradientEstimate, "surrogates">): Float32Array =>
  surrogates.find((surrogate) => surrogate.kind === "ratio")?.signal ?? new Float32Array(0);

/** A surrogate with its gradient at the policy that took the batch. */
export interface Differentiated {
  readonly surrogate: Surrogate;
  /** [parameters] */
  readonly gradient: Float32Array;
}

/** (policy that took the batch, surrogate) ⇒ the surrogate with its gradient there. */
export const differentiate = (policy: PolicyParams, surrogate: Surrogate): Differentiated => ({
  surrogate,
  gradient: surrogateGradient(surrogate, policy),
});

const sum = (arrays: ReadonlyArray<Float32Array>, length: number): Float32Array =>
  Float32Array.from({ length }, (_, i) => arrays.reduce((total, x) => total + x[i], 0));

/** (G1, declarations) ⇒ the estimate G1. */
export const oneTermEstimate = ({ surrogate, gradient }: Differentiated, declared: Declarations): GradientEstimate => ({
  gradient,
  terms: { g1: gradient },
  surrogates: [surrogate],
  ...declared,
});

/** (G1, the surrogates of G2, declarations) ⇒ the estimate G1 + G2. */
export const twoTermEstimate = (
  first: Differentiated,
  second: ReadonlyArray<Differentiated>,
  declared: Declarations,
): GradientEstimate => {
  const g1 = first.gradient, g2 = sum(second.map(({ gradient }) => gradient), g1.length);
  return {
    gradient: sum([g1, g2], g1.length),
    terms: { g1, g2 },
    surrogates: [first, ...second].map(({ surrogate }) => surrogate),
    ...declared,
  };
};
