/**
 * The natural gradient (F + damping)⁻¹g at the frozen policy, with one Fisher matrix for all estimates.
 *
 * @module
 */
import type { PolicyParams } from "../data/parameters.ts";
import { conjugateGradient } from "../math/conjugate_gradient.ts";
import type { Solved } from "./gram.ts";
import { makeFisherProduct } from "../nn/networks/fisher.ts";

/** The metric of a trust-region step. */
export interface FisherMetric {
  /** [rows, obs] normalised states that F averages over */
  readonly observation: Float32Array;
  /** Added to the diagonal of F. */
  readonly damping: number;
}

/** Relative residual, and products at most. Inner products err by its square, .03% at most; without the rests by .25%. */
const SOLVER = { tolerance: 1e-2, iterations: 40 };

/** (g) ⇒ (F + damping)⁻¹g, and what is left of it. */
export type Solve = (gradient: Float32Array) => Solved;

/** (policy, metric, use) ⇒ what `use` makes of the solver. */
export const withNatural = <A>(
  policy: PolicyParams,
  { observation, damping }: FisherMetric,
  use: (solve: Solve) => A,
): A => {
  const fisher = makeFisherProduct(policy, observation, damping);
  try {
    return use((gradient) => {
      const { x } = conjugateGradient(fisher.product, gradient, SOLVER), image = fisher.product(x);
      return { natural: x, rest: gradient.map((g, i) => g - image[i]) };
    });
  } finally {
    fisher.dispose();
  }
};
