/**
 * Cholesky factorisation of small dense matrices, in place and without allocation.
 *
 * It runs from the last row up, LᵀL instead of LLᵀ: where rows are the nodes of a tree, parents before children, zeros
 * between branches stay zeros and are skipped.
 *
 * @module
 */

/**
 * (a symmetric positive definite) ⇒ (a = L with Lᵀ L = a, and the reciprocals 1/L_ii on the diagonal).
 *
 * @param a  [n, n] row-major; only the lower triangle is read and written
 * @returns  false where a pivot is not a positive number; `a` is then spoilt
 */
export const factorCholesky = (a: Float64Array, n: number): boolean => {
  for (let k = n - 1; k >= 0; k--) {
    const rowK = k * n, pivot = a[rowK + k];
    if (!(pivot > 0)) return false;
    const reciprocal = 1 / Math.sqrt(pivot);
    a[rowK + k] = reciprocal;
    for (let i = 0; i < k; i++) {
      if (a[rowK + i] === 0) continue;
      const scaled = a[rowK + i] * reciprocal;
      a[rowK + i] = scaled;
      for (let j = 0, rowI = i * n; j <= i; j++) a[rowI + j] -= scaled * a[rowK + j];
    }
  }
  return true;
};

/**
 * (factor, b) ⇒ (x) with Lᵀ L x = b; `x` may be `b`.
 *
 * @param factor  [n, n] from `factorCholesky`
 * @param b       [n]
 * @param x       [n] written
 */
export const solveCholesky = (factor: Float64Array, n: number, b: Float64Array, x: Float64Array): void => {
  for (let i = 0; i < n; i++) x[i] = b[i];
  for (let i = n - 1; i >= 0; i--) {
    const row = i * n, y = x[i] * factor[row + i];
    x[i] = y;
    for (let k = 0; k < i; k++) x[k] -= factor[row + k] * y;
  }
  for (let i = 0; i < n; i++) {
    const row = i * n;
    let sum = x[i];
    for (let k = 0; k < i; k++) sum -= factor[row + k] * x[k];
    x[i] = sum * factor[row + i];
  }
};
