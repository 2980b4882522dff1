/**
 * Matrix multiplication by a library in the form in which it is fastest on narrow factors.
 *
 * @module
 */
import type { Gemm } from "./gemm.ts";
import type { SimdKernels } from "./simd.ts";

/**
 * Multiplications up to which OpenBLAS takes the matrices as they lie (its kernels for small matrices, of AVX-512); beyond,
 * it copies both into panels first, which for factors as narrow as a network's layers costs a third of the time.
 */
const SMALL = 1e6;
const LEAST_ROWS = 96; // of a piece: with fewer, the other factor is read too often
const TILE = 8; // rows that pieces are multiples of

/**
 * (gemm, kernels, scratch) ⇒ the same by pieces of A's rows, or of the sum for a transposed A, each of them small; a
 * transposed B is copied first. Where a wide B leaves few rows to a piece, the library is called as it is.
 */
export const unpacked =
  (gemm: Gemm, simd: SimdKernels, scratch: (bytes: number) => number): Gemm =>
  (sideA, sideB, m, n, k, a, lda, b, ldb, beta, c, ldc) => {
    const most = Math.floor(SMALL / (sideA === "plain" ? n * k : m * n));
    if (most < LEAST_ROWS) return gemm(sideA, sideB, m, n, k, a, lda, b, ldb, beta, c, ldc);
    const copied = sideB === "transposed" && ldb === k && m >= LEAST_ROWS;
    const [side, at, row] = copied ? ["plain", scratch(n * k * 4), n] as const : [sideB, b, ldb] as const;
    if (copied) simd.transpose(b, n, k, at);
    if (sideA === "plain") {
      inPieces(m, most, (first, rows) => {
        gemm(sideA, side, rows, n, k, a + 4 * first * lda, lda, at, row, beta, c + 4 * first * ldc, ldc);
      });
    } else {
      const step = 4 * (side === "plain" ? row : 1); // in B, along the sum
      inPieces(k, most, (first, rows) => {
        const sum = first === 0 ? beta : 1;
        gemm(sideA, side, m, n, rows, a + 4 * first * lda, lda, at + first * step, row, sum, c, ldc);
      });
    }
  };

/** Calls `multiply(first, rows)` for pieces of about one size, at most `most` of them. */
const inPieces = (length: number, most: number, multiply: (first: number, rows: number) => void): void => {
  const size = length <= most ? length : Math.min(most, Math.ceil(length / Math.ceil(length / most) / TILE) * TILE);
  for (let first = 0; first < length; first += size) multiply(first, Math.min(size, length - first));
};
