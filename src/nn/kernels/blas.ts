/**
 * Matrix multiplication by a BLAS library through FFI, straight on the WASM heap.
 *
 * @module
 */
import { blasPaths } from "./blas_paths.ts";
import { environment, SettingInvalid } from "./environment.ts";
import type { Gemm } from "./gemm.ts";
import { type Heap, makeScratch } from "./heap.ts";
import type { SimdKernels } from "./simd.ts";
import { unpacked } from "./unpacked.ts";

/** What a BLAS library says of itself; null where it does not say. */
export interface BlasIdentity {
  /** Name and version, with how it was built. */
  readonly library: string | null;
  /** For which processor its kernels are: they decide in which order products are summed. */
  readonly core: string | null;
  /** Threads that share a product. */
  readonly threads: number | null;
}

/** A BLAS library in use. */
export interface Blas extends BlasIdentity {
  readonly path: string;
  readonly gemm: Gemm;
}

/** What a search for BLAS came to. */
export interface BlasSearch {
  readonly blas: Blas | null;
  readonly reason: string; // why there is none; "" where there is one
}

const SYMBOLS = {
  cblas_sgemm: {
    parameters: [
      ...["i32", "i32", "i32", "i32", "i32", "i32"] as const, // order, sides, m, n, k
      ...["f32", "buffer", "i32", "buffer", "i32", "f32", "buffer", "i32"] as const, // α, A, lda, B, ldb, β, C, ldc
    ],
    result: "void",
  },
  openblas_set_num_threads: { parameters: ["i32"], result: "void", optional: true },
  openblas_get_num_threads: { parameters: [], result: "i32", optional: true },
  openblas_get_corename: { parameters: [], result: "pointer", optional: true },
  openblas_get_config: { parameters: [], result: "pointer", optional: true },
  bli_thread_set_num_threads: { parameters: ["isize"], result: "void", optional: true }, // BLIS
  bli_thread_get_num_threads: { parameters: [], result: "isize", optional: true },
  bli_arch_query_id: { parameters: [], result: "i32", optional: true },
  bli_arch_string: { parameters: ["i32"], result: "pointer", optional: true },
  bli_info_get_version_str: { parameters: [], result: "pointer", optional: true },
  strncpy: { parameters: ["buffer", "pointer", "usize"], result: "pointer", optional: true },
} as const;

type Symbols = Deno.DynamicLibrary<typeof SYMBOLS>["symbols"];

const [ROW_MAJOR, PLAIN, TRANSPOSED] = [101, 111, 112]; // constants of cblas.h

/**
 * (heap, kernels, wish) ⇒ (search): the library at the path that is wished for ("off": none), by default that in the
 * environment variable MSCV_BLAS; without a wish ("auto") the first that opens among known paths. Never asks for a
 * permission: without it, the search says so. Fails: throws SettingInvalid where the library wished for cannot be used.
 */
export const findBlas = (
  heap: Heap,
  simd: SimdKernels,
  wish: string = environment("MSCV_BLAS") ?? "auto",
): BlasSearch => {
  if (wish === "off") return { blas: null, reason: "MSCV_BLAS is off" };
  const reasons = new Set<string>();
  for (const path of wish === "auto" ? blasPaths : [wish]) {
    if (Deno.permissions.querySync({ name: "ffi", path }).state !== "granted") {
      reasons.add(wish === "auto" ? "FFI is not permitted" : `FFI is not permitted: --allow-ffi=${path} does so`);
      continue;
    }
    try {
      const { gemm, ...identity } = open(heap, path);
      return { blas: { path, gemm: unpacked(gemm, simd, makeScratch(heap)), ...identity }, reason: "" };
    } catch (error) {
      if (wish !== "auto") reasons.add((error as Error).message);
    }
  }
  const reason = [...reasons].join("; ") || "no library found";
  if (wish !== "auto") throw refusal(wish, reason);
  return { blas: null, reason };
};

/** (path, reason) ⇒ the error of a library that was asked for and cannot be used. */
export const refusal = (path: string, reason: string): SettingInvalid =>
  new SettingInvalid({
    variable: "MSCV_BLAS",
    wanted: '"auto", "off" or the path of a BLAS library',
    value: path,
    reason,
  });

const LONGEST = 255; // bytes of a text

/**
 * (library) ⇒ (C string ⇒ text): copied by the C library that the BLAS library itself is linked to, since Deno's own way to
 * look behind a pointer wants the permission for every library.
 */
const readerOf = ({ strncpy }: Symbols) => (pointer: Deno.PointerValue | undefined): string | null => {
  if (!pointer || !strncpy) return null;
  const bytes = new Uint8Array(LONGEST + 1);
  strncpy(bytes, pointer, BigInt(LONGEST));
  return new TextDecoder().decode(bytes.subarray(0, bytes.indexOf(0)));
};

/** (library) ⇒ what it says of itself, where it is OpenBLAS or BLIS. */
const identify = (symbols: Symbols): BlasIdentity => {
  const textAt = readerOf(symbols), arch = symbols.bli_arch_query_id?.();
  const config = textAt(symbols.openblas_get_config?.()), blis = textAt(symbols.bli_info_get_version_str?.());
  const core = textAt(
    symbols.openblas_get_corename?.() ?? (arch === undefined ? null : symbols.bli_arch_string?.(arch)),
  );
  const threads = symbols.openblas_get_num_threads?.() ?? symbols.bli_thread_get_num_threads?.() ?? null;
  return {
    library: config?.split(" ").filter((word) => word !== core).join(" ").trim() ??
      (blis === null ? null : `BLIS ${blis}`),
    core,
    threads: threads === null ? null : Number(threads),
  };
};

const open = (heap: Heap, path: string): Omit<Blas, "path"> => {
  const { symbols } = Deno.dlopen(path, SYMBOLS);
  symbols.openblas_set_num_threads?.(1); // more threads collapse on a loaded machine
  symbols.bli_thread_set_num_threads?.(1n);
  return { gemm: gemmOf(heap, symbols), ...identify(symbols) };
};

const gemmOf = (heap: Heap, symbols: Symbols): Gemm => {
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
