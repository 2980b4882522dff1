/**
 * Ã within a bound, so that a few rollouts of a model that errs cannot outweigh all others.
 *
 *   Ã′ = min(b, max(−b, Ã)),   b = c·std(A)
 *
 * Ã′ is a function of state, action and noise as Ã is, and G2 is taken of Ã′: however narrow the bound, the mean of G1 + G2
 * stays. The bound of a half is c times the deviation of A in the other half, and cuts every row wherever that half's signal,
 * baseline and w are computed. Of an ensemble the mean is cut.
 *
 * @module
 */
import type { Batch } from "../data/batch.ts";
import type { Half } from "../data/halves.ts";
import { moments } from "../math/statistics.ts";
import { fitsHalf } from "./cross_fitting.ts";
import type { BoundOptions, FittingOptions } from "./option_groups.ts";

/** (Ã, largest |Ã|) ⇒ Ã within it. */
export const cut = (advantage: number, bound: number): number => Math.min(bound, Math.max(-bound, advantage));

/** (batch, half, A [n], options) ⇒ largest |Ã| for that half, in the unit of A; Infinity for none. */
export const boundOf = (
  batch: Batch,
  half: Half,
  advantage: Float64Array,
  { imaginedBound, fitOn }: BoundOptions & FittingOptions,
): number => {
  if (imaginedBound === 0) return Infinity;
  const { varianceX } = moments(advantage, advantage, fitsHalf(batch, half, fitOn));
  return Math.fround(imaginedBound * Math.sqrt(varianceX)); // as Ã is held
};
