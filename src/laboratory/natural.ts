/**
 * The natural gradient (F + damping)⁻¹g at the frozen policy, with one Fisher matrix for all estimates.
 *
 * @module
 */
import type { PolicyParams } from "../data/parameters.ts";
import { conjugateGradient } from "../math/conjugate_gradient.ts";
import { makeFisherProduct } from "../nn/fisher.ts";

/** The metric of a trust-region step. */
export interface FisherMetric {
  /** [rows, obs] normalised states that F averages over */
  readonly observation: Float32Array;
  /** Added to the diagonal of F. */
  readonly damping: number;
}

/** Relative residual, and products at most. Inner products err by its square, .02% at a residual of 5e-3 (20 products). */
const SOLVER = { tolerance: 1e-2, iterations: 40 };

/** (policy, metric, use) ⇒ what `use` makes of the solver g ⇒ (F + damping)⁻¹g. */
export const withNatural = <A>(
  policy: PolicyParams,
  { observation, damping }: FisherMetric,
  use: (solve: (gradient: Float32Array) => Float32Array) => A,
): A => {
  const fisher = makeFisherProduct(policy, observation, damping);
  try {
    return use((gradient) => conjugateGradient(fisher.product, gradient, SOLVER).x);
  } finally {
    fisher.dispose();
  }
};
