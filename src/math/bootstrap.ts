/**
 * Bootstrap intervals over runs, resampled within tasks.
 *
 * @module
 */
import { quantiles } from "./aggregate.ts";
import { fold, type Key, makeStream, type Stream } from "./random.ts";

/** A sample by stratum; runs of a task, or pairs of runs. */
export type Strata<A> = ReadonlyArray<ReadonlyArray<A>>;

/** Both ends of an interval. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** How intervals are made. */
export interface BootstrapOptions {
  /** Number of resamples. */
  readonly resamples: number;
  /** Coverage, such as .95. */
  readonly level: number;
}

const resampleStrata = <A>(strata: Strata<A>, stream: Stream): Strata<A> =>
  strata.map((runs) => runs.map(() => runs[stream.integer(runs.length)]));

/**
 * (samples, statistic of resamples, key) ⇒ (interval): every stratum of every sample is resampled on its own, with
 * replacement; the interval holds the middle `level` of the statistic. Source: the percentile method, as rliable has it.
 *
 * @param samples    one by argument of the statistic, such as the scores of X and those of Y
 * @param statistic  one number or a list of them, each with its interval; NaN: this resample says nothing on it
 */
export const bootstrapIntervals = <A>(
  samples: ReadonlyArray<Strata<A>>,
  statistic: (resampled: ReadonlyArray<Strata<A>>) => ReadonlyArray<number>,
  key: Key,
  { resamples, level }: BootstrapOptions,
): ReadonlyArray<Interval> => {
  const stream = makeStream(fold(key, "bootstrap"));
  const draws = Array.from(
    { length: resamples },
    () => statistic(samples.map((strata) => resampleStrata(strata, stream))),
  );
  const tail = (1 - level) / 2;
  return (draws[0] ?? []).map((_, i) => {
    const values = draws.map((draw) => draw[i]).filter((value) => !Number.isNaN(value));
    const [low, high] = quantiles(values, [tail, 1 - tail]);
    return { low, high };
  });
};
