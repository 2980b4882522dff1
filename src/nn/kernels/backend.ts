/**
 * Starts the tensor library: the WASM backend, from the installed package, without a network.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import { type KernelChoice, kernelChoice, SettingInvalid } from "./environment.ts";
import type { MultiplyAdd } from "./gemm.ts";
import { guardAllocations } from "./heap.ts";
import { type Installation, installKernels } from "./install.ts";

/** Options of `startBackend`. */
export interface BackendOptions {
  /** "auto": the fastest kernels that this machine and its permissions allow; "off": the tensor library's own. */
  readonly kernels: KernelChoice;
}

/** What runs, as `environment.json` keeps it: all of it but the line decides in which order sums are rounded. */
export interface BackendReport {
  /** Which kernels run. */
  readonly kernels: KernelChoice;
  /** Path of the BLAS library in use, or null where there is none. */
  readonly blas: string | null;
  /** Name and version of that library, where it says. */
  readonly blasLibrary: string | null;
  /** The processor that its kernels are for, where it says. */
  readonly blasCore: string | null;
  /** Its threads, where it says. */
  readonly blasThreads: number | null;
  /** How our kernels round a·b + c; null where they do not run. */
  readonly multiplyAdd: MultiplyAdd | null;
  /** Build of the tensor library that runs: "plain", "SIMD", "SIMD, threads". */
  readonly wasm: string;
  /** One line for the log. */
  readonly line: string;
}

let started: Promise<BackendReport> | null = null;

/**
 * (options, by default what MSCV_KERNELS says) ⇒ (report): idempotent; the options of the first call hold.
 * Fails: rejects with SettingInvalid where MSCV_KERNELS or MSCV_BLAS cannot be followed.
 */
export const startBackend = (options?: BackendOptions): Promise<BackendReport> => {
  started ??= start(options);
  return started;
};

const start = async (options: BackendOptions = { kernels: kernelChoice() }): Promise<BackendReport> => {
  tf.enableProdMode(); // no banner, no checks of every operation
  const folder = new URL("./", import.meta.resolve("@tensorflow/tfjs-backend-wasm"));
  setWasmPaths(decodeURIComponent(folder.pathname));
  if (!await tf.setBackend("wasm")) {
    throw new Error(`Cannot start the backend as it must be "wasm": current value is "${tf.getBackend()}"`);
  }
  guardAllocations();
  const wasm = await buildInUse();
  if (options.kernels === "off") return plainReport(wasm, "kernels of the tensor library");
  try {
    return report(wasm, installKernels());
  } catch (error) {
    if (error instanceof SettingInvalid) throw error;
    return plainReport(wasm, `kernels of the tensor library: ${(error as Error).message}`);
  }
};

const buildInUse = async (): Promise<string> => {
  const has = (feature: string) => tf.env().getAsync(`WASM_HAS_${feature}_SUPPORT`);
  if (!await has("SIMD")) return "plain";
  return await has("MULTITHREAD") ? "SIMD, threads" : "SIMD";
};

const lineOf = (text: string): string => `nn: WASM backend, ${text}`;

const report = (wasm: string, { blas, multiplyAdd, description }: Installation): BackendReport => ({
  kernels: "auto",
  blas: blas?.path ?? null,
  blasLibrary: blas?.library ?? null,
  blasCore: blas?.core ?? null,
  blasThreads: blas?.threads ?? null,
  multiplyAdd,
  wasm,
  line: lineOf(description),
});

const plainReport = (wasm: string, text: string): BackendReport => ({
  kernels: "off",
  blas: null,
  blasLibrary: null,
  blasCore: null,
  blasThreads: null,
  multiplyAdd: null,
  wasm,
  line: lineOf(text),
});

/** () ⇒ number of live tensors, for leak tests. */
export const tensorCount = (): number => tf.memory().numTensors;
