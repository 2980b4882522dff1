/**
 * Matrix multiplication by a BLAS library through FFI, straight on the WASM heap.
 *
 * @module
 */
import { environment } from "./environment.ts";
import type { Gemm } from "./gemm.ts";
import type { Heap } from "./heap.ts";

/** A BLAS library in use. */
export interface Blas {
  readonly path: string;
  readonly gemm: Gemm;
}

/** What a search for BLAS came to. */
export interface BlasSearch {
  readonly blas: Blas | null;
  readonly reason: string; // why there is none; "" where there is one
}

const KNOWN_PATHS: ReadonlyArray<string> = [
  ...["x86_64-linux-gnu", "aarch64-linux-gnu"].flatMap((machine) =>
    ["openblas-pthread", "openblas-openmp", "openblas-serial"].map((build) =>
      `/usr/lib/${machine}/${build}/libopenblas.so.0`
    )
  ),
  "/usr/lib64/libopenblas.so.0",
  "/usr/lib/libopenblas.so.0",
  "/usr/lib/libopenblas.so",
  "/System/Library/Frameworks/Accelerate.framework/Accelerate",
  "/opt/homebrew/opt/openblas/lib/libopenblas.dylib",
  "/usr/local/opt/openblas/lib/libopenblas.dylib",
];

const SYMBOLS = {
  cblas_sgemm: {
    parameters: [
      ...["i32", "i32", "i32", "i32", "i32", "i32"] as const, // order, sides, m, n, k
      ...["f32", "buffer", "i32", "buffer", "i32", "f32", "buffer", "i32"] as const, // α, A, lda, B, ldb, β, C, ldc
    ],
    result: "void",
  },
  openblas_set_num_threads: { parameters: ["i32"], result: "void", optional: true },
} as const;

const [ROW_MAJOR, PLAIN, TRANSPOSED] = [101, 111, 112]; // constants of cblas.h

/**
 * (heap) ⇒ (search): the library at the path in the environment variable MSCV_BLAS ("off": none), else the first that
 * opens among known paths. Never asks for a permission: without it, the search says so.
 */
export const findBlas = (heap: Heap): BlasSearch => {
  const wish = environment("MSCV_BLAS");
  if (wish === "off") return { blas: null, reason: "MSCV_BLAS is off" };
  const reasons = new Set<string>();
  for (const path of wish === undefined || wish === "" ? KNOWN_PATHS : [wish]) {
    if (Deno.permissions.querySync({ name: "ffi", path }).state !== "granted") {
      reasons.add("FFI is not permitted");
      continue;
    }
    try {
      return { blas: { path, gemm: inPieces(open(heap, path)) }, reason: "" };
    } catch (error) {
      if (wish !== undefined) reasons.add((error as Error).message);
    }
  }
  return { blas: null, reason: [...reasons].join("; ") || "no library found" };
};

const open = (heap: Heap, path: string): Gemm => {
  const { symbols } = Deno.dlopen(path, SYMBOLS);
  symbols.openblas_set_num_threads?.(1); // more threads collapse on a loaded machine
  const sgemm = symbols.cblas_sgemm;
  const { memory } = heap;
  return (sideA, sideB, m, n, k, a, lda, b, ldb, beta, c, ldc) => {
    const { buffer } = memory; // views are made anew at each call: they detach when the heap grows
    sgemm(
      ROW_MAJOR,
      sideA === "plain" ? PLAIN : TRANSPOSED,
      sideB === "plain" ? PLAIN : TRANSPOSED,
      m,
      n,
      k,
      1,
      new Uint8Array(buffer, a, 4),
      lda,
      new Uint8Array(buffer, b, 4),
      ldb,
      beta,
      new Uint8Array(buffer, c, 4),
      ldc,
    );
  };
};

/**
 * Multiplications up to which OpenBLAS takes the matrices as they lie (its kernels for small matrices, of AVX-512); beyond,
 * it copies both into panels first, which for factors as narrow as a network's layers costs a third of the time.
 */
const SMALL = 1e6;
const LEAST_ROWS = 96; // of a piece: with fewer, the other factor is read too often
const TILE = 8; // rows that pieces are multiples of

/** (gemm) ⇒ the same by pieces of A's rows, or of the sum for a transposed A, that are small where few pieces suffice. */
const inPieces = (gemm: Gemm): Gemm => (sideA, sideB, m, n, k, a, lda, b, ldb, beta, c, ldc) => {
  const long = sideA === "plain" ? m : k, most = Math.floor(SMALL / (m * n * k / long));
  if (long <= most || most < LEAST_ROWS) return gemm(sideA, sideB, m, n, k, a, lda, b, ldb, beta, c, ldc);
  const size = Math.min(most, Math.ceil(long / Math.ceil(long / most) / TILE) * TILE);
  const step = 4 * size * (sideB === "plain" ? ldb : 1); // in B, along the sum
  for (let first = 0; first < long; first += size, a += 4 * lda * size) {
    const rows = Math.min(size, long - first);
    if (sideA === "plain") {
      gemm(sideA, sideB, rows, n, k, a, lda, b, ldb, beta, c, ldc);
      c += 4 * ldc * rows;
    } else {
      gemm(sideA, sideB, m, n, rows, a, lda, b, ldb, first === 0 ? beta : 1, c, ldc);
      b += step;
    }
  }
};
