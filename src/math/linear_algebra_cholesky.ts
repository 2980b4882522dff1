/**
 * Cholesky factorisation of small dense matrices, in place and without allocation.
 *
 * @module
 */

/**
 * (a symmetric positive definite) ⇒ (a = L with L Lᵀ = a, and the reciprocals 1/L_ii on the diagonal).
 *
 * @param a  [n, n] row-major; only the lower triangle is read and written
 * @returns  false where a pivot is not a positive number; `a` is then spoilt
 */
export const factorCholesky = (a: Float64Array, n: number): boolean => {
  for (let i = 0; i < n; i++) {
    const rowI = i * n;
    for (let j = 0; j < i; j++) {
      const rowJ = j * n;
      let sum = a[rowI + j];
      for (let k = 0; k < j; k++) sum -= a[rowI + k] * a[rowJ + k];
      a[rowI + j] = sum * a[rowJ + j];
    }
    let pivot = a[rowI + i];
    for (let k = 0; k < i; k++) pivot -= a[rowI + k] * a[rowI + k];
    if (!(pivot > 0)) return false;
    a[rowI + i] = 1 / Math.sqrt(pivot);
  }
  return true;
};

/**
 * (factor, b) ⇒ (x) with L Lᵀ x = b; `x` may be `b`.
 *
 * @param factor  [n, n] from `factorCholesky`
 * @param b       [n]
 * @param x       [n] written
 */
export const solveCholesky = (factor: Float64Array, n: number, b: Float64Array, x: Float64Array): void => {
  for (let i = 0; i < n; i++) {
    let sum = b[i];
    for (let k = 0; k < i; k++) sum -= factor[i * n + k] * x[k];
    x[i] = sum * factor[i * n + i];
  }
  for (let i = n - 1; i >= 0; i--) {
    let sum = x[i];
    for (let k = i + 1; k < n; k++) sum -= factor[k * n + i] * x[k];
    x[i] = sum * factor[i * n + i];
  }
};
