/**
 * Statistics of a sample of returns.
 *
 * @module
 */

/** A sample in numbers. */
export interface SampleSummary {
  readonly count: number;
  readonly mean: number;
  /** NaN for a single value. */
  readonly standardError: number;
  readonly min: number;
  readonly max: number;
}

/** (values) ⇒ count, mean, standard error of the mean, extremes. */
export const summarizeSample = (values: ReadonlyArray<number>): SampleSummary => {
  const count = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const standardError = Math.sqrt(squares / (count - 1) / count);
  return { count, mean, standardError, min: Math.min(...values), max: Math.max(...values) };
};
