/**
 * Chooses the kernels that this machine and its permissions allow, checks them, and puts them to use.
 *
 * @module
 */
import { type MlpEngine, useMlpEngine } from "../passes/mlp_engine.ts";
import { type Blas, type BlasSearch, findBlas, refusal } from "./blas.ts";
import { environment } from "./environment.ts";
import { checkGemm, gemmSpeed, makeWasmGemm, type MultiplyAdd, multiplyAddOf } from "./gemm.ts";
import { type Heap, openHeap } from "./heap.ts";
import { makeHeapEngine } from "./heap_engine.ts";
import { overrideKernels } from "./overrides.ts";
import { makeSimdKernels, type SimdKernels } from "./simd.ts";

/** What was installed. */
export interface Installation {
  /** The library in use; null: the WASM multiplication. */
  readonly blas: Blas | null;
  /** Whether this processor rounds a·b + c once or twice. */
  readonly multiplyAdd: MultiplyAdd;
  /** part of a log line */
  readonly description: string;
  /** Puts everything back as it was. */
  readonly uninstall: () => void;
}

const TOLERANCE = 1e-6; // of `checkGemm`

/**
 * () ⇒ (installation). Which multiplication runs is a matter of what is found and right, never of how fast it seems: a busy
 * machine, a worker and a resumed run decide as an idle one does.
 * Fails: when the WASM multiplication is wrong on this machine; throws SettingInvalid where MSCV_BLAS cannot be followed.
 */
export const installKernels = (): Installation => {
  const heap = openHeap();
  const simd = makeSimdKernels(heap);
  const own = makeWasmGemm(heap, simd);
  const error = checkGemm(heap, own);
  if (!(error <= TOLERANCE)) {
    throw new Error(`Cannot use the WASM gemm as its error must be at most ${TOLERANCE}: current value is ${error}`);
  }
  const { blas, reason } = chooseBlas(heap, simd);
  const gemm = blas?.gemm ?? own;
  const engine: MlpEngine = makeHeapEngine(heap, simd, gemm);
  const before = useMlpEngine(engine);
  const restore = overrideKernels(heap, simd);
  const name = blas === null ? `WASM SIMD (no BLAS: ${reason})` : describeBlas(blas);
  return {
    blas,
    multiplyAdd: multiplyAddOf(heap, own),
    description: `${name}, ${gemmSpeed(heap, gemm).toFixed(0)} GFLOPS`,
    uninstall: () => {
      useMlpEngine(before);
      restore();
    },
  };
};

const describeBlas = ({ path, core }: Blas): string => `BLAS ${path}${core === null ? "" : ` for ${core}`}`;

/** A library that multiplies wrongly is left alone, and refused where it is the one that MSCV_BLAS names. */
const chooseBlas = (heap: Heap, simd: SimdKernels): BlasSearch => {
  const found = findBlas(heap, simd);
  if (found.blas === null) return found;
  const error = checkGemm(heap, found.blas.gemm), reason = `its error is ${error}`;
  if (error <= TOLERANCE) return found;
  if (environment("MSCV_BLAS") === found.blas.path) throw refusal(found.blas.path, reason);
  return { blas: null, reason };
};
