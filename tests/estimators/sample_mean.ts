/** Means over independent batches with their standard errors, and how far from an expectation they lie. */
import { assert } from "@std/assert";

/** Of one component. */
export interface SampleMean {
  readonly mean: number;
  /** standard error of the mean */
  readonly error: number;
  /** of one batch */
  readonly variance: number;
}

/** (number of batches, draw of batch i) ⇒ mean, standard error and variance of each component. */
export const sampleMean = (batches: number, draw: (i: number) => ArrayLike<number>): SampleMean[] => {
  const draws = Array.from({ length: batches }, (_, i) => Float64Array.from(draw(i)));
  return Array.from(draws[0], (_, j) => {
    const mean = draws.reduce((sum, x) => sum + x[j], 0) / batches;
    const variance = draws.reduce((sum, x) => sum + (x[j] - mean) ** 2, 0) / (batches - 1);
    return { mean, error: Math.sqrt(variance / batches), variance };
  });
};

/** |mean − expected| in standard errors, of the component that is furthest. */
export const furthest = (found: ReadonlyArray<SampleMean>, expected: ReadonlyArray<number>): number =>
  Math.max(...found.map(({ mean, error }, j) => Math.abs(mean - expected[j]) / error));

/**
 * |mean − expected| within 4 standard errors: P(|z| > 4) = 6.3e-5, so that of 4 components a correct estimator fails in
 * one of 4,000 choices of the key; the key is fixed.
 */
export const assertWithin = (found: ReadonlyArray<SampleMean>, expected: ReadonlyArray<number>, what: string): void =>
  found.forEach(({ mean, error }, j) =>
    assert(Math.abs(mean - expected[j]) < 4 * error, `${what}: component ${j}: ${mean} ± ${error}, not ${expected[j]}`)
  );

/** (v) ⇒ (x ⇒ components of x in an orthonormal basis of what is orthogonal to v, by Gram and Schmidt). */
export const acrossOf = (v: ReadonlyArray<number>): (x: ArrayLike<number>) => number[] => {
  const dot = (a: ArrayLike<number>, b: ArrayLike<number>) => Array.from(a).reduce((sum, x, i) => sum + x * b[i], 0);
  const basis: number[][] = [];
  for (const candidate of [v, ...v.map((_, i) => v.map((_, j) => (i === j ? 1 : 0)))]) {
    const rest = basis.reduce((x, b) => x.map((c, i) => c - dot(x, b) * b[i]), [...candidate]),
      norm = Math.hypot(...rest);
    if (norm > 1e-6 && basis.length < v.length) basis.push(rest.map((x) => x / norm));
  }
  return (x) => basis.slice(1).map((b) => dot(x, b));
};

/** (a, b) ⇒ a − b. */
export const minus = (a: Float32Array, b: Float32Array): Float32Array => a.map((x, i) => x - b[i]);
