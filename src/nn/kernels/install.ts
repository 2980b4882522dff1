/**
 * Chooses the fastest kernels that this machine and its permissions allow, checks them, and puts them to use.
 *
 * @module
 */
import { type MlpEngine, useMlpEngine } from "../mlp_engine.ts";
import { findBlas } from "./blas.ts";
import { checkGemm, type Gemm, gemmSpeed, makeWasmGemm } from "./gemm.ts";
import { openHeap } from "./heap.ts";
import { makeHeapEngine } from "./heap_engine.ts";
import { overrideKernels } from "./overrides.ts";
import { makeSimdKernels } from "./simd.ts";

/** What was installed. */
export interface Installation {
  readonly blas: string | null; // path of the library in use
  readonly description: string; // part of a log line
  /** Puts everything back as it was. */
  readonly uninstall: () => void;
}

const TOLERANCE = 1e-6; // of `checkGemm`

/** () ⇒ (installation). Fails: when the WASM multiplication is wrong on this machine. */
export const installKernels = (): Installation => {
  const heap = openHeap();
  const simd = makeSimdKernels(heap);
  const own = makeWasmGemm(heap, simd);
  const error = checkGemm(heap, own);
  if (!(error <= TOLERANCE)) {
    throw new Error(`Cannot use the WASM gemm as its error must be at most ${TOLERANCE}: current value is ${error}`);
  }
  const { blas, reason } = findBlas(heap, simd);
  const rejected = blas === null ? reason : rejection(checkGemm(heap, blas.gemm), speeds(blas.gemm, own));
  const gemm = blas !== null && rejected === "" ? blas.gemm : own;
  const engine: MlpEngine = makeHeapEngine(heap, simd, gemm);
  const before = useMlpEngine(engine);
  const restore = overrideKernels(heap, simd);
  const name = gemm === own ? `WASM SIMD (no BLAS: ${rejected})` : `BLAS ${blas!.path}`;
  return {
    blas: gemm === own ? null : blas!.path,
    description: `${name}, ${gemmSpeed(heap, gemm).toFixed(0)} GFLOPS`,
    uninstall: () => {
      useMlpEngine(before);
      restore();
    },
  };

  function speeds(library: Gemm, fallback: Gemm): readonly [number, number] {
    return [gemmSpeed(heap, library), gemmSpeed(heap, fallback)];
  }
};

/**
 * (error, [speed of the library, of our own] in GFLOPS) ⇒ why the library is not used; "" where it is. A tuned library is
 * some three times faster, the reference one some eight times slower: the bar lies far from both, so that a busy machine
 * decides as an idle one does, and a resumed run multiplies as before.
 */
const rejection = (error: number, [library, own]: readonly [number, number]): string => {
  if (!(error <= TOLERANCE)) return `its error is ${error}`;
  return library < own / 3 ? `it is slower, ${library.toFixed(0)} against ${own.toFixed(0)} GFLOPS` : "";
};
