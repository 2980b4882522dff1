/**
 * Matrix multiplication on the heap: what every implementation looks like, the one in WASM, and a check of any.
 *
 * @module
 */
import { PANEL } from "./gemm_source.ts";
import { type Heap, makeScratch } from "./heap.ts";
import type { SimdKernels } from "./simd.ts";

/** Whether a matrix enters as stored or transposed. */
export type Side = "plain" | "transposed";

/**
 * C [m, n] ← op(A) op(B) + β·C with β 0 or 1, all row-major on the heap; `a`, `b`, `c` are addresses, `lda` … the row
 * lengths as stored.
 */
export type Gemm = (
  sideA: Side,
  sideB: Side,
  m: number,
  n: number,
  k: number,
  a: number,
  lda: number,
  b: number,
  ldb: number,
  beta: 0 | 1,
  c: number,
  ldc: number,
) => void;

const K_BLOCK = 256; // rows of B packed at a time: a panel stays in the first-level cache
const M_BLOCK = 132; // rows of A at a time, whole tiles

/** (heap, kernels) ⇒ the multiplication in WASM: B packed into panels of eight columns, A read where it lies. */
export const makeWasmGemm = (heap: Heap, simd: SimdKernels): Gemm => {
  const packed = makeScratch(heap);
  const partial = makeScratch(heap);
  return (sideA, sideB, m, n, k, a, lda, b, ldb, beta, c, ldc) => {
    const [row, step] = sideA === "plain" ? [lda * 4, 4] : [4, lda * 4];
    const multiply = sideA === "plain" ? simd.panelsByRows : simd.panelsByColumns;
    const whole = Math.floor(n / PANEL);
    const rest = n - whole * PANEL;
    const panelsB = packed(Math.ceil(n / PANEL) * PANEL * Math.min(k, K_BLOCK) * 4);
    const block = partial(M_BLOCK * PANEL * 4);
    for (let k0 = 0; k0 < k; k0 += K_BLOCK) {
      const depth = Math.min(K_BLOCK, k - k0);
      const accumulate = beta === 1 || k0 > 0 ? 1 : 0;
      pack(simd, sideB, b + k0 * 4 * (sideB === "plain" ? ldb : 1), ldb, depth, n, panelsB);
      const last = panelsB + whole * PANEL * depth * 4;
      for (let i = 0; i < m; i += M_BLOCK) {
        const rows = Math.min(M_BLOCK, m - i);
        const [from, to] = [a + i * row + k0 * step, c + i * ldc * 4];
        if (whole > 0) multiply(from, row, step, panelsB, to, ldc * 4, rows, whole, depth, accumulate);
        if (rest > 0) {
          multiply(from, row, step, last, block, PANEL * 4, rows, 1, depth, 0);
          simd.scatter(block, to + whole * PANEL * 4, ldc * 4, rows, rest, accumulate);
        }
      }
    }
  };
};

/** op(B) [depth, n] ⇒ panels [⌈n/8⌉, depth, 8], zeros beyond n. */
const pack = (
  simd: SimdKernels,
  side: Side,
  b: number,
  ldb: number,
  depth: number,
  n: number,
  out: number,
): void => {
  const [row, column] = side === "plain" ? [ldb * 4, 4] : [4, ldb * 4];
  for (let j = 0; j < n; j += PANEL, out += depth * PANEL * 4) {
    const columns = Math.min(PANEL, n - j);
    if (side === "plain" && columns === PANEL) simd.packContiguous(b + j * 4, row, depth, out);
    else simd.packStrided(b + j * column, row, column, depth, columns, out);
  }
};

/** (heap, gemm) ⇒ largest relative error over all sides and β, on sizes that no tile divides. */
export const checkGemm = (heap: Heap, gemm: Gemm): number => {
  const [m, n, k] = [13, 11, 301];
  const address = heap.allocate((m * k + k * n + m * n) * 4);
  const view = () => new Float32Array(heap.memory.buffer, address, m * k + k * n + m * n);
  const value = (i: number) => ((i * 37) % 101) / 101 - 0.5;
  const [b, c] = [address + m * k * 4, address + (m * k + k * n) * 4];
  let worst = 0;
  for (const sideA of ["plain", "transposed"] as const) {
    for (const sideB of ["plain", "transposed"] as const) {
      for (const beta of [0, 1] as const) {
        const all = view();
        for (let i = 0; i < all.length; i++) all[i] = value(i);
        const [lda, ldb] = [sideA === "plain" ? k : m, sideB === "plain" ? n : k];
        gemm(sideA, sideB, m, n, k, address, lda, b, ldb, beta, c, n);
        for (let i = 0; i < m; i++) {
          for (let j = 0; j < n; j++) {
            let expected = beta * value(m * k + k * n + i * n + j);
            for (let p = 0; p < k; p++) {
              expected += value(sideA === "plain" ? i * k + p : p * m + i) *
                value(m * k + (sideB === "plain" ? p * n + j : j * k + p));
            }
            const error = Math.abs(view()[m * k + k * n + i * n + j] - expected) / 25; // k/12 is the scale of a sum
            worst = error <= worst ? worst : error; // NaN counts as worst
          }
        }
      }
    }
  }
  heap.free(address);
  return worst;
};

/** How a·b + c is rounded: once, or twice. */
export type MultiplyAdd = "fused" | "separate";

/**
 * (heap, the WASM multiplication) ⇒ what this engine and this processor make of its multiply-add, by a sum of two products.
 *
 *   −1·1 + (1 + 2⁻¹²)² = 2⁻¹¹ + 2⁻²⁴, of which a product that is rounded by itself leaves 2⁻¹¹
 */
export const multiplyAddOf = (heap: Heap, gemm: Gemm): MultiplyAdd => {
  const n = PANEL, address = heap.allocate((2 + 2 * n + n) * 4), x = 1 + 2 ** -12;
  const view = () => new Float32Array(heap.memory.buffer, address, 2 + 3 * n);
  view().set([-1, x, ...Array(n).fill(1), ...Array(n).fill(x)]);
  gemm("plain", "plain", 1, n, 2, address, 2, address + 8, n, 0, address + 4 * (2 + 2 * n), n);
  const sum = view()[2 + 2 * n];
  heap.free(address);
  return sum === 2 ** -11 ? "separate" : "fused";
};

/** (heap, gemm) ⇒ its speed in GFLOPS on 192³, the best of some runs. */
export const gemmSpeed = (heap: Heap, gemm: Gemm): number => {
  const n = 192;
  const address = heap.allocate(3 * n * n * 4);
  new Float32Array(heap.memory.buffer, address, 3 * n * n).fill(0.5);
  const at = (i: number) => address + i * n * n * 4;
  let best = Infinity;
  for (let run = 0; run < 8; run++) {
    const start = performance.now();
    gemm("plain", "transposed", n, n, n, at(0), n, at(1), n, 0, at(2), n);
    best = Math.min(best, performance.now() - start);
  }
  heap.free(address);
  return 2 * n ** 3 / (best * 1e6);
};
