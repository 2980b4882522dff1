/**
 * Signals computed with one half's networks and bound, in the order in which an estimate asks for them:
 *
 *   A, Ã₁ … Ã_k ⇒ k ⇒ what is known at that k ⇒ w, u, v ⇒ signal
 *
 * Each is of the whole batch, since what decides about a half must be seen with what corrects that half.
 *
 * @module
 */
import type { Half } from "../data/halves.ts";
import type { Later } from "./later_residuals.ts";

/** Something of either half, by the networks and the bound that correct it. Where these are the same, it is one object. */
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
  /** by half, with what corrects that half */
  readonly halves: ByFold<A>;
  /** of the whole batch, with what corrects the first half: what the next batch may use */
  readonly next: A;
}

/** (k by use, whether the halves differ, at) ⇒ `at(half, k)` by use; where they do not, computed once for each k. */
export const atHorizons = <A>(
  { halves: [first, second], next }: ByUse<number>,
  differ: boolean,
  at: (half: Half, horizon: number) => A,
): ByUse<A> => {
  const ofFirst = at(0, first);
  const ofSecond = differ ? at(1, second) : second === first ? ofFirst : at(0, second);
  const ofNext = next === first ? ofFirst : next === second && !differ ? ofSecond : at(0, next);
  return { halves: [ofFirst, ofSecond], next: ofNext };
};
