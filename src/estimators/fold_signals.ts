/**
 * Signals computed with one fold's networks, in the order in which an estimate asks for them:
 *
 *   A, Ã₁ … Ã_k ⇒ k ⇒ what is known at that k ⇒ w, u, v ⇒ signal
 *
 * Each is of the whole batch, since what decides about a half must be seen with that half's networks.
 *
 * @module
 */
import type { Half } from "../data/halves.ts";
import type { Later } from "./later_residuals.ts";

/** Something of either fold. Where no fit was cross-fitted, both are the same. */
export type ByFold<A> = readonly [A, A];

/** A, and what was imagined of it. */
export interface FoldSignals {
  /** A [n] */
  readonly advantage: Float64Array;
  /** Ã₁ … Ã_k, each [n]; empty for no control variate */
  readonly imagined: ReadonlyArray<ArrayLike<number>>;
}

/** What is known once k is chosen. */
export interface SignalsAtHorizon {
  /** k; 0 for no control variate, and nothing else then */
  readonly horizon: number;
  /** later residuals; null where they are kept */
  readonly later: Later | null;
  /** [n, 2·act] G2 of the rows with w = 1, as `leastVarianceWeight` takes it; null where it does not decide w */
  readonly gradientRows: Float64Array | null;
}

/** Something for either half of the batch, and for the batch to come. */
export interface ByUse<A> {
  /** by half, with that half's networks */
  readonly halves: ByFold<A>;
  /** of the whole batch, with the first fold's networks: what the next batch may use */
  readonly next: A;
}

/** (k by use, whether folds differ, at) ⇒ `at(fold, k)` by use, computed once for each fold and k. */
export const atHorizons = <A>(
  { halves: [first, second], next }: ByUse<number>,
  isCrossFitted: boolean,
  at: (fold: Half, horizon: number) => A,
): ByUse<A> => {
  const ofFirst = at(0, first);
  const ofSecond = isCrossFitted ? at(1, second) : second === first ? ofFirst : at(0, second);
  const ofNext = next === first ? ofFirst : next === second && !isCrossFitted ? ofSecond : at(0, next);
  return { halves: [ofFirst, ofSecond], next: ofNext };
};
