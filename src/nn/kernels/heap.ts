/**
 * The WASM heap on which tensors lie: addresses, new tensors, scratch memory, and an error where it is full.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import { OutOfMemory } from "../passes/out_of_memory.ts";

/** The part of the WASM module that the kernels touch. */
interface HeapModule {
  _malloc: (bytes: number) => number;
  readonly _free: (address: number) => void;
  readonly asm: { readonly memory: WebAssembly.Memory };
}

/** The heap of the running backend. Addresses are in bytes, as numbers from 0 to 2³². */
export interface Heap {
  readonly memory: WebAssembly.Memory;
  /** (tensor) ⇒ address of its values. */
  readonly address: (tensor: Pick<tf.TensorInfo, "dataId">) => number;
  /** (shape) ⇒ new tensor of float32, not initialised, in the current scope. */
  readonly make: <T extends tf.Tensor>(shape: number[]) => T;
  /** (bytes) ⇒ address of new memory. Fails: `OutOfMemory`. */
  readonly allocate: (bytes: number) => number;
  /** Gives memory of `allocate` back. */
  readonly free: (address: number) => void;
}

const moduleOf = (backend: BackendWasm): HeapModule => backend.wasm as unknown as HeapModule;

const guarded = new WeakSet<HeapModule>();

/**
 * From now on every allocation that fails raises `OutOfMemory`: at 4 GB the tensor library's kernels would go on and
 * write to address 0.
 */
export const guardAllocations = (): void => {
  const module = moduleOf(tf.backend() as BackendWasm);
  if (guarded.has(module)) return;
  guarded.add(module);
  module._free(module._malloc(4)); // its first call replaces `_malloc` by the compiled function
  const malloc = module._malloc;
  module._malloc = (bytes) => {
    const address = malloc(bytes);
    if (address === 0 && bytes > 0) throw new OutOfMemory(bytes);
    return address;
  };
};

/** () ⇒ (heap) of the running WASM backend. */
export const openHeap = (): Heap => {
  const backend = tf.backend() as BackendWasm;
  const module = moduleOf(backend);
  const engine = tf.engine();
  return {
    memory: module.asm.memory,
    address: (tensor) => backend.getMemoryOffset(tensor.dataId),
    make: <T extends tf.Tensor>(shape: number[]) =>
      engine.makeTensorFromTensorInfo(backend.makeOutput(shape, "float32")) as T,
    allocate: (bytes) => module._malloc(bytes) >>> 0,
    free: (address) => module._free(address),
  };
};

/** (heap) ⇒ (bytes ⇒ address): one piece of memory that is reused and only grows; each call invalidates the last. */
export const makeScratch = (heap: Heap): (bytes: number) => number => {
  let [address, size] = [0, 0];
  return (bytes) => {
    if (bytes > size) {
      if (size > 0) heap.free(address);
      size = 0;
      address = heap.allocate(bytes);
      size = bytes;
    }
    return address;
  };
};
