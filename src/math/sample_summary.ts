/**
 * A sample in numbers, in float64.
 *
 * @module
 */

/** A sample in numbers. */
export interface SampleSummary {
  /** n, size of the sample. */
  readonly count: number;
  /** x̄ */
  readonly mean: number;
  /** Of the mean: √(Σ(x − x̄)² / (n − 1) / n); null for a single value. */
  readonly standardError: number | null;
  /** Smallest value. */
  readonly min: number;
  /** Largest value. */
  readonly max: number;
}

/** (values [n], one at least) ⇒ count, mean, standard error of the mean, extremes. */
export const summarizeSample = (values: ReadonlyArray<number>): SampleSummary => {
  const count = values.length, total = values.reduce((sum, value) => sum + value, 0), mean = total / count;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return {
    count,
    mean,
    standardError: count > 1 ? Math.sqrt(squares / (count - 1) / count) : null,
    min: values.reduce((a, b) => Math.min(a, b)),
    max: values.reduce((a, b) => Math.max(a, b)),
  };
};
