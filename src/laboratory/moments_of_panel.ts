/**
 * Estimates of the panel ⇒ moments with intervals, each beside its match.
 *
 * @module
 */
import { type BiasVariance, biasVariance, once, productsOf } from "./bias_variance.ts";
import type { Metric, SolvedEstimate } from "./gram.ts";
import { bootstrapInterval, type IntervalEstimate, positiveInterval, type Resamples } from "./bootstrap_intervals.ts";

/** Moments of one estimator in one metric. */
export type MomentIntervals = { readonly [K in keyof BiasVariance | "squaredError"]: IntervalEstimate };

/** Moments beside those of the match, from the same batches. */
export interface RelativeIntervals {
  /** Var / Var of the match */
  readonly variance: IntervalEstimate;
  /** improvement / improvement of the match */
  readonly improvement: IntervalEstimate;
}

/** One estimator in one metric. */
export interface Measured {
  /** bias², variance and what follows from them */
  readonly moments: MomentIntervals;
  /** beside the match */
  readonly relative: RelativeIntervals;
  /** Beside the likelihood ratio that is centred on its own batch, as published TRPO is; null where it isn't measured. */
  readonly published: RelativeIntervals | null;
}

/** Draws of batches and of reference blocks that all estimators share, so that differences are paired. */
export interface Draws {
  readonly batches: Resamples;
  readonly truth: Resamples;
}

/** Moments as they are, and one for each draw. */
export interface Replicated {
  readonly value: BiasVariance;
  readonly replicates: ReadonlyArray<BiasVariance>;
}

/** (estimates of one estimator, truth, metric, draws) ⇒ (moments as they are, and of each draw). */
export const replicate = (
  estimates: ReadonlyArray<SolvedEstimate>,
  truth: ReadonlyArray<SolvedEstimate>,
  metric: Metric,
  draws: Draws,
): Replicated => {
  const products = productsOf(estimates, truth, metric);
  return {
    value: biasVariance(products),
    replicates: draws.batches.map((weight, b) => biasVariance(products, weight, draws.truth[b])),
  };
};

const intervalOf = ({ value, replicates }: Replicated, of: (x: BiasVariance) => number): IntervalEstimate =>
  bootstrapInterval(of(value), replicates.map(of));

const ratioInterval = (a: Replicated, b: Replicated, of: (x: BiasVariance) => number): IntervalEstimate =>
  bootstrapInterval(of(a.value) / of(b.value), a.replicates.map((x, i) => of(x) / of(b.replicates[i])));

const momentsOf = (x: Replicated): MomentIntervals => ({
  biasSquared: intervalOf(x, (m) => m.biasSquared),
  variance: positiveInterval(x.value.variance, x.replicates.map((m) => m.variance)),
  squaredError: intervalOf(x, (m) => m.biasSquared + m.variance),
  signal: intervalOf(x, (m) => m.signal),
  cosine: intervalOf(x, (m) => m.cosine),
  direction: intervalOf(x, (m) => m.direction),
  coherence: intervalOf(x, (m) => m.coherence),
  selfCosine: intervalOf(x, (m) => m.selfCosine),
  improvement: intervalOf(x, (m) => m.improvement),
});

const relativeTo = (x: Replicated, other: Replicated): RelativeIntervals => ({
  variance: positiveInterval(
    x.value.variance / other.value.variance,
    x.replicates.map(({ variance }, i) => variance / other.replicates[i].variance),
  ),
  improvement: ratioInterval(x, other, (m) => m.improvement),
});

/**
 * (estimates of each estimator, index of each one's match, truth, metric, draws) ⇒ (moments of each).
 *
 * @param published  index of the likelihood ratio centred on its own batch, of those that have one
 */
export const measurePanel = (
  estimates: ReadonlyArray<ReadonlyArray<SolvedEstimate>>,
  matches: ReadonlyArray<number>,
  truth: ReadonlyArray<SolvedEstimate>,
  metric: Metric,
  draws: Draws,
  published: ReadonlyArray<number> = [],
): ReadonlyArray<Measured> => {
  const replicated = estimates.map((own) => replicate(own, truth, metric, draws));
  return replicated.map((x, i) => ({
    moments: momentsOf(x),
    relative: relativeTo(x, replicated[matches[i]]),
    published: (published[i] ?? -1) < 0 ? null : relativeTo(x, replicated[published[i]]),
  }));
};

/** What makes a step along one estimate gain more than along another: cosine ≈ direction × coherence, as ratios. */
export type Cause = { readonly [K in "cosine" | "direction" | "coherence"]: IntervalEstimate };

/** (estimates of one estimator, of another, truth, metric, draws) ⇒ (ratios), paired. */
export const causeOf = (
  one: ReadonlyArray<SolvedEstimate>,
  other: ReadonlyArray<SolvedEstimate>,
  truth: ReadonlyArray<SolvedEstimate>,
  metric: Metric,
  draws: Draws,
): Cause => {
  const [a, b] = [one, other].map((own) => replicate(own, truth, metric, draws));
  const ratio = (of: keyof Cause) => ratioInterval(a, b, (m) => m[of]);
  return { cosine: ratio("cosine"), direction: ratio("direction"), coherence: ratio("coherence") };
};

/** Variances at several sizes of a batch. */
export interface VarianceBySize {
  /** transitions of a batch, ascending */
  readonly steps: ReadonlyArray<number>;
  /** of one estimate, by size */
  readonly variance: ReadonlyArray<IntervalEstimate>;
  /** of log variance on log size: −1 where estimates average independent samples */
  readonly slope: IntervalEstimate;
}

/** (x, y) ⇒ slope of the least-squares line. */
const slopeOf = (x: ReadonlyArray<number>, y: ReadonlyArray<number>): number => {
  const centre = (v: ReadonlyArray<number>) => v.reduce((a, b) => a + b, 0) / v.length;
  const mx = centre(x), my = centre(y);
  const products = x.reduce((sum, v, i) => sum + (v - mx) * (y[i] - my), 0);
  return products / x.reduce((sum, v) => sum + (v - mx) ** 2, 0);
};

/** ([sizes] steps, [sizes][m] estimates, metric, draws of batches) ⇒ (variance by size). */
export const varianceBySize = (
  steps: ReadonlyArray<number>,
  estimates: ReadonlyArray<ReadonlyArray<SolvedEstimate>>,
  metric: Metric,
  batches: Resamples,
): VarianceBySize => {
  const products = estimates.map((own) => productsOf(own, own.slice(0, 2), metric)); // the truth plays no part here
  const at = (weight: Float64Array) => products.map((p) => biasVariance(p, weight, once(2)).variance);
  const value = at(once(estimates[0].length)), replicates = batches.map(at);
  const logs = steps.map(Math.log);
  const slope = (variances: ReadonlyArray<number>) => slopeOf(logs, variances.map(Math.log));
  return {
    steps,
    variance: value.map((v, i) => positiveInterval(v, replicates.map((r) => r[i]))),
    slope: bootstrapInterval(slope(value), replicates.map(slope)),
  };
};
