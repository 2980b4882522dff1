/** The engines that networks run on, side by side. */
import { startBackend } from "../../src/nn/kernels/backend.ts";
import { findBlas } from "../../src/nn/kernels/blas.ts";
import { makeWasmGemm } from "../../src/nn/kernels/gemm.ts";
import { openHeap } from "../../src/nn/kernels/heap.ts";
import { makeHeapEngine } from "../../src/nn/kernels/heap_engine.ts";
import { makeSimdKernels } from "../../src/nn/kernels/simd.ts";
import { type MlpEngine, plainEngine, useMlpEngine } from "../../src/nn/passes/mlp_engine.ts";

await startBackend();

/** A heap of their own. */
export const heap = openHeap();
/** Its kernels. */
export const simd = makeSimdKernels(heap);

const blas = findBlas(heap, simd).blas;

/** Those of this machine by name: WASM first, no kernels last. */
export const engines: [string, MlpEngine][] = [["WASM", makeHeapEngine(heap, simd, makeWasmGemm(heap, simd))]];
if (blas !== null) engines.push(["BLAS", makeHeapEngine(heap, simd, blas.gemm)]);
engines.push(["no kernels", plainEngine]);

/** Runs on another engine. */
export const on = <A>(engine: MlpEngine, run: () => A): A => {
  const before = useMlpEngine(engine);
  try {
    return run();
  } finally {
    useMlpEngine(before);
  }
};
