/**
 * The passes by kernels on the tensor library's heap, in units of float32 numbers.
 *
 * @module
 */
import type { Passes, PlacedMlp } from "../passes/passes.ts";
import { makeBlocks } from "./blocks.ts";
import { makeColumns } from "./columns.ts";
import { backwardRows, forwardRows, type HeapKernels, type HeapMlp, tangentRows } from "./heap_passes.ts";

const inBytes = (network: PlacedMlp): HeapMlp => ({ ...network, theta: network.theta * 4 });
const addresses = (places: ReadonlyArray<number>): number[] => places.map((place) => place * 4);

/** Rows at a time, whose activations stay in the processor's cache. */
export const ROWS = 512;

/** (heap, kernels, gemm) ⇒ the passes. */
export const makeHeapPasses = (kernels: HeapKernels): Passes => {
  const { heap } = kernels;
  let view = new Float32Array(heap.memory.buffer);
  const floats = () => {
    if (view.buffer !== heap.memory.buffer) view = new Float32Array(heap.memory.buffer);
    return view;
  };
  return {
    rows: ROWS,
    allocate: (count) => heap.allocate(count * 4) / 4,
    free: (place) => heap.free(place * 4),
    floats,
    columns: makeColumns(heap),
    blocks: makeBlocks(kernels.simd),
    forward: (network, layers, rows) => forwardRows(kernels, inBytes(network), addresses(layers), rows),
    tangent: (network, layers, { direction, spare, output }, rows) =>
      tangentRows(kernels, inBytes(network), addresses(layers), direction * 4, spare * 4, rows, output * 4),
    backward: (network, layers, dy, rows, out) =>
      backwardRows(kernels, inBytes(network), addresses(layers), dy * 4, rows, {
        spare: out.spare * 4,
        input: (out.input ?? 0) * 4,
        theta: (out.theta ?? 0) * 4,
      }),
    adam: ({ theta, gradient, first, second, numbers }, count, { beta1, beta2, rate, correction, epsilon }) => {
      floats().set([beta1, 1 - beta1, beta2, 1 - beta2, rate, correction, epsilon], numbers);
      kernels.simd.adam(theta * 4, gradient * 4, first * 4, second * 4, count, numbers * 4);
    },
    average: ({ mean, theta, numbers }, count, rate) => {
      floats()[numbers] = rate;
      kernels.simd.average(mean * 4, theta * 4, count, numbers * 4);
    },
  };
};
