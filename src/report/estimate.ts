/**
 * Estimates over seeds with their bootstrap intervals; none below five seeds.
 *
 * @module
 */
import { bootstrapIntervals, type BootstrapOptions, type Strata } from "../math/bootstrap.ts";
import type { Key } from "../math/random.ts";
import { leastSeeds } from "./study.ts";

/** A number with its 95% interval, null where there are too few seeds. */
export interface Estimate {
  readonly estimate: number;
  readonly low: number | null;
  readonly high: number | null;
}

/** Coverage of every interval of a report. */
export const intervalLevel = 0.95;

/** Resamples of the intervals of single numbers, and of each point of a curve. */
export const resampling: Readonly<Record<"numbers" | "curves", BootstrapOptions>> = {
  numbers: { resamples: 10_000, level: intervalLevel },
  curves: { resamples: 1000, level: intervalLevel },
};

/** (samples, statistics, key, options) ⇒ (estimates): intervals only where every stratum of every sample has five. */
export const estimateAll = <A>(
  samples: ReadonlyArray<Strata<A>>,
  statistic: (samples: ReadonlyArray<Strata<A>>) => ReadonlyArray<number>,
  key: Key,
  options: BootstrapOptions = resampling.numbers,
): ReadonlyArray<Estimate> => {
  const enough = samples.every((strata) => strata.every((runs) => runs.length >= leastSeeds));
  const intervals = enough ? bootstrapIntervals(samples, statistic, key, options) : [];
  return statistic(samples).map((estimate, i) => ({
    estimate,
    low: intervals[i]?.low ?? null,
    high: intervals[i]?.high ?? null,
  }));
};

/** (values, key) ⇒ their mean; null for no values. */
export const estimateMean = (
  values: ReadonlyArray<number>,
  key: Key,
  options: BootstrapOptions = resampling.numbers,
): Estimate | null =>
  values.length === 0 ? null : estimateAll(
    [[values]],
    ([[drawn]]) => [drawn.reduce((sum, value) => sum + value, 0) / drawn.length],
    key,
    options,
  )[0];
