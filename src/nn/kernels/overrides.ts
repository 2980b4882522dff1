/**
 * Replacements of the tensor library's own kernels, through its registry. What they do not cover goes to the original,
 * and so do shapes that do not fit together: they work on addresses, so only the original's checks stand before the heap.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import type { Heap } from "./heap.ts";
import type { SimdKernels } from "./simd.ts";

type Arguments = Parameters<tf.KernelFunc>[0];
type Outputs = ReturnType<tf.KernelFunc>;
type Matrix = tf.TensorInfo & { readonly shape: [number, number] };

/** A replacement: null where it does not apply. */
type Replacement = (args: Arguments) => Outputs | null;

/** (heap, kernels) ⇒ (restore): from now on the replacements run. */
export const overrideKernels = (heap: Heap, simd: SimdKernels): () => void => {
  const copy = { heap, copyBlock: simd.copyBlock };
  const restores = [
    override("Identity", identity),
    override("Pack", packColumns(copy)),
    override("Unpack", unpackColumns(copy)),
    override("Concat", concatColumns(copy)),
    override("SplitV", splitColumns(copy)),
    override("Slice", sliceColumns(copy)),
  ];
  return () => restores.forEach((restore) => restore());
};

const override = (kernelName: string, replacement: Replacement): () => void => {
  const original = tf.getKernel(kernelName, "wasm");
  const replace = (config: tf.KernelConfig) => {
    tf.unregisterKernel(kernelName, "wasm");
    tf.registerKernel(config);
  };
  replace({ ...original, kernelFunc: (args) => replacement(args) ?? original.kernelFunc(args) });
  return () => replace(original);
};

/** Identity by reference: the tensor library copies, and takes one for every saved tensor of a gradient. */
const identity: Replacement = ({ inputs, backend }) => {
  const x = inputs.x as tf.TensorInfo;
  if (x.dtype === "string") return null;
  (backend as BackendWasm).incRef(x.dataId);
  return { dataId: x.dataId, shape: x.shape, dtype: x.dtype };
};

interface Copying {
  readonly heap: Heap;
  readonly copyBlock: SimdKernels["copyBlock"];
}

const isFloat = (x: tf.TensorInfo, rank: number): boolean => x.dtype === "float32" && x.shape.length === rank;
const isMatrix = (x: tf.TensorInfo): x is Matrix => isFloat(x, 2);
const isColumnAxis = (args: Arguments): boolean => [1, -1].includes(args.attrs?.axis as number);
const sameRows = (parts: ReadonlyArray<tf.TensorInfo>): boolean =>
  parts.every(({ shape }) => shape[0] === parts[0].shape[0]);
const sum = (sizes: ReadonlyArray<number>): number => sizes.reduce((total, size) => total + size, 0);
const output = (backend: unknown, shape: number[]): tf.TensorInfo =>
  (backend as BackendWasm).makeOutput(shape, "float32");

/** One output a shape, or none where one does not fit. */
const outputs = (backend: unknown, shapes: ReadonlyArray<number[]>): tf.TensorInfo[] => {
  const made: tf.TensorInfo[] = [];
  try {
    for (const shape of shapes) made.push(output(backend, shape));
    return made;
  } catch (error) {
    made.forEach(({ dataId }) => (backend as BackendWasm).disposeData(dataId));
    throw error;
  }
};

/** Columns [n] … ⇒ [n, d]. */
const packColumns = ({ heap, copyBlock }: Copying): Replacement => (args) => {
  const parts = args.inputs as unknown as tf.TensorInfo[];
  if (!isColumnAxis(args) || !parts.every((part) => isFloat(part, 1)) || !sameRows(parts)) return null;
  const [n, d] = [parts[0].shape[0], parts.length];
  const out = output(args.backend, [n, d]);
  const to = heap.address(out);
  parts.forEach((part, j) => copyBlock(heap.address(part), 4, to + j * 4, d * 4, n, 1));
  return out;
};

/** [n, d] ⇒ columns [n] …. */
const unpackColumns = ({ heap, copyBlock }: Copying): Replacement => (args) => {
  const x = args.inputs.value as tf.TensorInfo;
  if (!isColumnAxis(args) || !isMatrix(x)) return null;
  const [n, d] = x.shape;
  const from = heap.address(x);
  const columns = outputs(args.backend, Array.from({ length: d }, () => [n]));
  columns.forEach((out, j) => copyBlock(from + j * 4, d * 4, heap.address(out), 4, n, 1));
  return columns;
};

/** [n, d₁], [n, d₂] … ⇒ [n, d₁ + d₂ + …]. */
const concatColumns = ({ heap, copyBlock }: Copying): Replacement => (args) => {
  const parts = args.inputs as unknown as tf.TensorInfo[];
  if (!isColumnAxis(args) || !parts.every(isMatrix) || !sameRows(parts)) return null;
  const [n, d] = [parts[0].shape[0], sum(parts.map((part) => part.shape[1]))];
  const out = output(args.backend, [n, d]);
  let to = heap.address(out);
  for (const part of parts) {
    const width = part.shape[1];
    copyBlock(heap.address(part), width * 4, to, d * 4, n, width);
    to += width * 4;
  }
  return out;
};

/** [n, d] ⇒ [n, d₁], [n, d₂] …. */
const splitColumns = ({ heap, copyBlock }: Copying): Replacement => (args) => {
  const x = args.inputs.x as tf.TensorInfo;
  const sizes = args.attrs?.numOrSizeSplits as unknown as number[] | number;
  if (!isColumnAxis(args) || !isMatrix(x) || !Array.isArray(sizes) || sizes.some((size) => size < 0)) return null;
  const [n, d] = x.shape;
  if (sum(sizes) !== d) return null;
  let from = heap.address(x);
  const parts = outputs(args.backend, sizes.map((width) => [n, width]));
  for (const [i, width] of sizes.entries()) {
    copyBlock(from, d * 4, heap.address(parts[i]), width * 4, n, width);
    from += width * 4;
  }
  return parts;
};

/**
 * [n, d] ⇒ [rows, width] from a first row and column on. Fails: where the block exceeds the matrix, which the original
 * does not see either: it would leave part of the result as it found the memory.
 */
const sliceColumns = ({ heap, copyBlock }: Copying): Replacement => (args) => {
  const x = args.inputs.x as tf.TensorInfo;
  if (!isMatrix(x)) return null;
  const [begin, size] = [args.attrs?.begin, args.attrs?.size] as unknown as (number[] | number)[];
  if (!Array.isArray(begin) || !Array.isArray(size) || begin.length !== 2 || size.length !== 2) return null;
  const d = x.shape[1];
  const [rows, width] = [0, 1].map((i) => size[i] === -1 ? x.shape[i] - begin[i] : size[i]);
  if (![rows, width].every((length, i) => begin[i] >= 0 && length >= 0 && begin[i] + length <= x.shape[i])) {
    const block = `[${rows}, ${width}] from [${begin}] on`;
    throw new Error(`Cannot slice a matrix as the block must lie within [${x.shape}]: current value is ${block}`);
  }
  const out = output(args.backend, [rows, width]);
  copyBlock(heap.address(x) + (begin[0] * d + begin[1]) * 4, d * 4, heap.address(out), width * 4, rows, width);
  return out;
};
