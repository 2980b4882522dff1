/**
 * Replacements of the tensor library's own kernels, through its registry.
 *
 * @module
 */
import tf from "@tensorflow/tfjs";
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";

type KernelArguments = Parameters<tf.KernelFunc>[0];

/** Identity by reference: the tensor library copies, and takes one for every saved tensor of a gradient. */
const identity: tf.KernelFunc = ({ inputs, backend }: KernelArguments) => {
  const x = inputs.x as tf.TensorInfo;
  (backend as BackendWasm).incRef(x.dataId);
  return { dataId: x.dataId, shape: x.shape, dtype: x.dtype };
};

/** () ⇒ (restore): from now on the replacements run. */
export const overrideKernels = (): () => void => {
  const restores = [override("Identity", identity)];
  return () => restores.forEach((restore) => restore());
};

const override = (kernelName: string, kernelFunc: tf.KernelFunc): () => void => {
  const original = tf.getKernel(kernelName, "wasm");
  const replace = (config: tf.KernelConfig) => {
    tf.unregisterKernel(kernelName, "wasm");
    tf.registerKernel(config);
  };
  replace({ ...original, kernelFunc });
  return () => replace(original);
};
