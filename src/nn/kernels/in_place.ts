/**
 * The passes on memory that the caller lays out, in units of float32 numbers.
 *
 * @module
 */
import type { InPlacePasses, PlacedMlp } from "../in_place.ts";
import { backwardRows, forwardRows, type HeapMlp, type Passes } from "./heap_passes.ts";

const inBytes = ({ shape, spans, theta }: PlacedMlp): HeapMlp => ({ shape, spans, theta: theta * 4 });
const addresses = (places: ReadonlyArray<number>): number[] => places.map((place) => place * 4);

/** (heap, kernels, gemm) ⇒ the passes. */
export const makeInPlacePasses = (passes: Passes): InPlacePasses => {
  const { heap } = passes;
  let floats = new Float32Array(heap.memory.buffer);
  return {
    allocate: (count) => heap.allocate(count * 4) / 4,
    free: (place) => heap.free(place * 4),
    floats: () => {
      if (floats.buffer !== heap.memory.buffer) floats = new Float32Array(heap.memory.buffer);
      return floats;
    },
    forward: (network, layers, rows) => forwardRows(passes, inBytes(network), addresses(layers), rows),
    backward: (network, layers, dy, rows, out) =>
      backwardRows(passes, inBytes(network), addresses(layers), dy * 4, rows, {
        spare: out.spare * 4,
        input: (out.input ?? 0) * 4,
        theta: (out.theta ?? 0) * 4,
      }),
  };
};
