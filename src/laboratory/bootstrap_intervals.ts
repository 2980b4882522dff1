/**
 * Confidence intervals by the bootstrap over independent units.
 *
 * @module
 */
import { quantiles } from "../math/aggregate.ts";
import { fold, type Key, makeStream } from "../math/random.ts";

/** An estimate with its 95% interval. */
export interface IntervalEstimate {
  /** the estimate */
  readonly value: number;
  /** lower end */
  readonly low: number;
  /** upper end */
  readonly high: number;
}

/** How often each of n units was drawn, replicate by replicate: [replicates][n]. */
export type Resamples = ReadonlyArray<Float64Array>;

/** (key, replicates, n) ⇒ (resamples): n draws with replacement each. */
export const resample = (key: Key, replicates: number, n: number): Resamples =>
  Array.from({ length: replicates }, (_, b) => {
    const stream = makeStream(fold(key, b)), counts = new Float64Array(n);
    for (let i = 0; i < n; i++) counts[stream.integer(n)]++;
    return counts;
  });

const LEVEL = 0.95;

/**
 * (estimate, replicates) ⇒ (interval): percentiles of the replicates, moved so that they centre on the estimate.
 *
 * Moved, since a unit drawn twice looks like noise that is shared: the replicates of a debiased square lie above it by the
 * variance that was subtracted. Where the square is zero the interval is too wide, up to √3 times. Intervals of a variance are
 * too narrow: of Gaussian estimates they hold it in 90 and 93% of cases with 20 and 60 units.
 *
 * Their centre is the mean; where a few huge ones, such as quotients by nearly nothing, pull that out of the interval itself,
 * it is the median. So the interval holds the estimate.
 */
export const bootstrapInterval = (value: number, replicates: ReadonlyArray<number>): IntervalEstimate => {
  const finite = replicates.filter(Number.isFinite);
  if (!Number.isFinite(value) || finite.length < replicates.length / 2) return { value, low: NaN, high: NaN };
  const tail = (1 - LEVEL) / 2, [low, middle, high] = quantiles(finite, [tail, 0.5, 1 - tail]);
  const mean = finite.reduce((sum, x) => sum + x, 0) / finite.length;
  const centre = low <= mean && mean <= high ? mean : middle;
  return { value, low: value + low - centre, high: value + high - centre };
};

/** The same for what is positive, a variance or a ratio of two: by logarithms, so that no end is below zero. */
export const positiveInterval = (value: number, replicates: ReadonlyArray<number>): IntervalEstimate => {
  if (!(value > 0)) return bootstrapInterval(value, replicates);
  const { low, high } = bootstrapInterval(Math.log(value), replicates.map(Math.log));
  return { value, low: Math.exp(low), high: Math.exp(high) };
};
