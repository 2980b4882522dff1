/**
 * Starts the tensor library: the WASM backend, from the installed package, without a network.
 *
 * @module
 */
import tf from "@tensorflow/tfjs";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import { environment } from "./kernels/environment.ts";
import { guardAllocations } from "./kernels/heap.ts";
import { installKernels } from "./kernels/install.ts";

/** Options of `startBackend`. */
export interface BackendOptions {
  /** "auto": the fastest kernels that this machine and its permissions allow; "off": the tensor library's own. */
  readonly kernels: "auto" | "off";
}

/** What runs. */
export interface BackendReport {
  /** Which kernels run. */
  readonly kernels: "auto" | "off";
  /** Path of the BLAS library in use, or null where there is none. */
  readonly blas: string | null;
  /** One line for the log. */
  readonly line: string;
}

let started: Promise<BackendReport> | null = null;

/** "auto" unless the environment variable MSCV_KERNELS is "off". */
const defaultOptions = (): BackendOptions => ({ kernels: environment("MSCV_KERNELS") === "off" ? "off" : "auto" });

/** (options) ⇒ (report): idempotent; the options of the first call hold. */
export const startBackend = (options: BackendOptions = defaultOptions()): Promise<BackendReport> => {
  started ??= start(options);
  return started;
};

const start = async (options: BackendOptions): Promise<BackendReport> => {
  tf.enableProdMode(); // no banner, no checks of every operation
  const folder = new URL("./", import.meta.resolve("@tensorflow/tfjs-backend-wasm"));
  setWasmPaths(decodeURIComponent(folder.pathname));
  if (!await tf.setBackend("wasm")) {
    throw new Error(`Cannot start the backend as it must be "wasm": current value is "${tf.getBackend()}"`);
  }
  guardAllocations();
  if (options.kernels === "off") return report("off", null, "kernels of the tensor library");
  try {
    const { blas, description } = installKernels();
    return report("auto", blas, description);
  } catch (error) {
    return report("off", null, `kernels of the tensor library: ${(error as Error).message}`);
  }
};

const report = (kernels: BackendReport["kernels"], blas: string | null, text: string): BackendReport => ({
  kernels,
  blas,
  line: `nn: WASM backend, ${text}`,
});

/** () ⇒ number of live tensors, for leak tests. */
export const tensorCount = (): number => tf.memory().numTensors;
