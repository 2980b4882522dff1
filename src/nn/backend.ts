/**
 * Starts the tensor library: the WASM backend, from the installed package, without a network.
 *
 * @module
 */
import tf from "@tensorflow/tfjs";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";

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

/** (options) ⇒ (report): idempotent; the options of the first call hold. */
export const startBackend = (options: BackendOptions = { kernels: "auto" }): Promise<BackendReport> => {
  started ??= start(options);
  return started;
};

const start = async (options: BackendOptions): Promise<BackendReport> => {
  tf.enableProdMode(); // no banner, no checks of every operation
  setWasmPaths(new URL("./", import.meta.resolve("@tensorflow/tfjs-backend-wasm")).pathname);
  if (!await tf.setBackend("wasm")) {
    throw new Error(`Cannot start the backend as it must be "wasm": current value is "${tf.getBackend()}"`);
  }
  return { kernels: options.kernels, blas: null, line: "nn: WASM backend, kernels of the tensor library" };
};

/** () ⇒ number of live tensors, for leak tests. */
export const tensorCount = (): number => tf.memory().numTensors;
