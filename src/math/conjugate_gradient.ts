/**
 * Conjugate gradient for A x = b with A symmetric and positive definite, known by its products.
 *
 * @module
 */

/** Options of `conjugateGradient`. */
export interface ConjugateGradientOptions {
  /** at most */
  readonly iterations: number;
  /** stops at ‖b − A x‖ ≤ tolerance·‖b‖ */
  readonly tolerance: number;
}

/** What `conjugateGradient` returns. */
export interface ConjugateGradientResult {
  /** [parameters] */
  readonly x: Float32Array;
  /** ‖b − A x‖ / ‖b‖ by recurrence; 0 where b is 0 */
  readonly residual: number;
  /** products taken */
  readonly iterations: number;
  /** xᵀA x = xᵀ(b − residual), without another product */
  readonly curvature: number;
}

/**
 * (A, b) ⇒ (x), starting at x = 0. Iterates are kept in float64; vectors meet `product` in float32.
 *
 * Ends early when a direction has no positive curvature (A is not positive definite, or not finite): x is then the last
 * good iterate and `residual` tells.
 *
 * Source: Hestenes and Stiefel 1952.
 */
export const conjugateGradient = (
  product: (v: Float32Array) => Float32Array,
  b: Float32Array,
  options: ConjugateGradientOptions,
): ConjugateGradientResult => {
  const x = new Float64Array(b.length);
  const residual = Float64Array.from(b);
  const direction = Float64Array.from(b);
  const start = dot(residual, residual);
  let squared = start;
  let iterations = 0;
  while (iterations < options.iterations && Math.sqrt(squared) > options.tolerance * Math.sqrt(start)) {
    const image = Float64Array.from(product(Float32Array.from(direction)));
    iterations++;
    const alongDirection = dot(direction, image);
    if (!(alongDirection > 0)) break;
    const step = squared / alongDirection;
    for (let i = 0; i < x.length; i++) {
      x[i] += step * direction[i];
      residual[i] -= step * image[i];
    }
    const next = dot(residual, residual);
    const ratio = next / squared;
    for (let i = 0; i < x.length; i++) direction[i] = residual[i] + ratio * direction[i];
    squared = next;
  }
  let curvature = 0;
  for (let i = 0; i < x.length; i++) curvature += x[i] * (b[i] - residual[i]);
  return { x: Float32Array.from(x), residual: start === 0 ? 0 : Math.sqrt(squared / start), iterations, curvature };
};

const dot = (a: Float64Array, b: Float64Array): number => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
};
