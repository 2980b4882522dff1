/**
 * G2 by the better of two: path derivatives and mirrored pairs, mixed by inverse variance.
 *
 *   g = α·p + (1 − α)·q,   α = E[(q − p)·q]/E[(q − p)²] for each of the policy's outputs, μ and log σ
 *
 * p and q have the same mean in every state, so that any α leaves it. Independent as they are given the state, E[(q − p)·q]
 * is Var q and E[(q − p)²] their sum: α is the share by inverse variance. The α of one half is decided on the rows of the
 * other.
 *
 * Source: total propagation, Parmas et al. 2018, "PIPPS: Flexible Model-Based Policy Search Robust to the Curse of Chaos"
 * (arXiv 1902.01240). Departure: one α an output of the policy in place of one a step of the path, from another half.
 *
 * @module
 */
import type { Batch } from "../data/batch.ts";
import type { PolicyParams } from "../data/parameters.ts";
import type { Metrics } from "../data/gradient.ts";
import { fitsHalf } from "./cross_fitting.ts";
import type { ByUse } from "./fold_signals.ts";
import type { CoefficientOptions, FittingOptions } from "./option_groups.ts";
import { type OutputSlopes, slopeRows } from "./output_slopes.ts";

/** The same derivatives of every row's imagined mean, taken in both ways. */
export interface BothSlopes {
  /** p, by path derivatives */
  readonly path: OutputSlopes;
  /** q, by mirrored pairs */
  readonly pairs: OutputSlopes;
}

/** α of each output, within [0, 1]. */
export interface PathShares {
  /** [act] of the slopes by μ */
  readonly mean: Float64Array;
  /** [act] of the slopes by log σ */
  readonly logStd: Float64Array;
}

const share = (
  p: Float32Array,
  q: Float32Array,
  output: number,
  size: number,
  where: (i: number) => boolean,
): number => {
  let product = 0, square = 0;
  for (let i = output, row = 0; i < p.length; i += size, row++) {
    if (!where(row)) continue;
    const difference = q[i] - p[i];
    product += difference * q[i];
    square += difference ** 2;
  }
  return square > 0 ? Math.min(1, Math.max(0, product / square)) : 0.5;
};

/** (p and q, width of an action, which rows may decide) ⇒ (α). */
export const pathShares = ({ path, pairs }: BothSlopes, size: number, where: (i: number) => boolean): PathShares => {
  const of = (output: keyof OutputSlopes) =>
    Float64Array.from({ length: size }, (_, j) => share(path[output], pairs[output], j, size, where));
  return { mean: of("mean"), logStd: of("logStd") };
};

/** (p and q, α) ⇒ α·p + (1 − α)·q. */
export const mixSlopes = ({ path, pairs }: BothSlopes, shares: PathShares): OutputSlopes => {
  const of = (output: keyof OutputSlopes) => {
    const alpha = shares[output], size = alpha.length, q = pairs[output];
    return path[output].map((p, i) => alpha[i % size] * p + (1 - alpha[i % size]) * q[i]);
  };
  return { mean: of("mean"), logStd: of("logStd") };
};

/** What is mixed, and what the mix decides. */
export interface Mixable {
  /** p and q; null where G2 is taken in one way */
  readonly both: BothSlopes | null;
  /** as it will be taken */
  readonly slopes: OutputSlopes | null;
  /** [n, 2·act] as it decides w; null where it does not */
  readonly gradientRows: Float64Array | null;
  /** α; null where nothing is mixed */
  readonly shares: PathShares | null;
}

/** (batch, policy, what is known at each k, options) ⇒ the same with its p and q mixed, for each half by the other one. */
export const mixed = <K extends Mixable>(
  batch: Batch,
  policy: PolicyParams,
  { halves: [first, second], next }: ByUse<K>,
  { fitOn, coefficient }: FittingOptions & CoefficientOptions,
): ByUse<K> => {
  const mix = (known: K, where: (i: number) => boolean): K => {
    if (known.both === null) return known;
    const shares = pathShares(known.both, batch.actionSize, where), slopes = mixSlopes(known.both, shares);
    return {
      ...known,
      shares,
      slopes,
      gradientRows: coefficient === "leastVariance" ? slopeRows(policy, slopes) : null,
    };
  };
  return {
    halves: [mix(first, fitsHalf(batch, 0, fitOn)), mix(second, fitsHalf(batch, 1, fitOn))],
    next: mix(next, () => true),
  };
};

/** Meanings of `mixMetrics`. */
export const mixMeanings: Readonly<Record<string, string>> = {
  pathShare: "share of path derivatives in a mixed G2, mean over the policy's outputs and the two halves",
};

/** (what is known at each k) ⇒ what to report of the mix; nothing where nothing is mixed. */
export const mixMetrics = ({ halves }: ByUse<Mixable>): Metrics => {
  const all = halves.flatMap(({ shares }) => (shares === null ? [] : [...shares.mean, ...shares.logStd]));
  return all.length === 0 ? {} : { pathShare: all.reduce((sum, alpha) => sum + alpha / all.length, 0) };
};
