/**
 * Matrix multiplication by a BLAS library through FFI, straight on the WASM heap.
 *
 * @module
 */
import { environment } from "./environment.ts";
import type { Gemm } from "./gemm.ts";
import { type Heap, makeScratch } from "./heap.ts";
import type { SimdKernels } from "./simd.ts";
import { unpacked } from "./unpacked.ts";

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
 * (heap, kernels) ⇒ (search): the library at the path in the environment variable MSCV_BLAS ("off": none), else the first that
 * opens among known paths. Never asks for a permission: without it, the search says so.
 */
export const findBlas = (heap: Heap, simd: SimdKernels): BlasSearch => {
  const wish = environment("MSCV_BLAS");
  if (wish === "off") return { blas: null, reason: "MSCV_BLAS is off" };
  const reasons = new Set<string>();
  for (const path of wish === undefined || wish === "" ? KNOWN_PATHS : [wish]) {
    if (Deno.permissions.querySync({ name: "ffi", path }).state !== "granted") {
      reasons.add("FFI is not permitted");
      continue;
    }
    try {
      return { blas: { path, gemm: unpacked(open(heap, path), simd, makeScratch(heap)) }, reason: "" };
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
