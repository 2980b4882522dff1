/**
 * The outputs of a network whose input is data, in row chunks that stay in the processor's cache, on the heap where the
 * kernels offer it.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { MlpShape } from "../../data/parameters.ts";
import { type InPlacePasses, placedMlp } from "./in_place.ts";
import { mlpEngine } from "./mlp_engine.ts";
import { layOut, ROWS } from "./network_gradient.ts";
import { readTensor } from "./read.ts";

/** (output y of some rows [rows, out], valid until the next call; index of the first row). */
export type OutputVisit = (output: Float32Array, first: number) => void;

/** (shape, θ [≥ parameters], x [n, in], visit): `visit` sees the outputs of all rows, in order. Fails: `OutOfMemory`. */
export const networkForward = (shape: MlpShape, theta: Float32Array, x: Float32Array, visit: OutputVisit): void => {
  const { inPlace, forward } = mlpEngine();
  if (inPlace !== null) return onHeap(inPlace, shape, theta, x, visit);
  const inputs = shape.sizes[0];
  visit(
    readTensor(() => {
      const outputs = forward(shape, tf.tensor1d(theta), tf.tensor2d(x, [x.length / inputs, inputs]));
      return outputs[outputs.length - 1];
    }),
    0,
  );
};

const onHeap = (
  passes: InPlacePasses,
  shape: MlpShape,
  theta: Float32Array,
  x: Float32Array,
  visit: OutputVisit,
): void => {
  const inputs = shape.sizes[0], outputs = shape.sizes[shape.sizes.length - 1];
  const n = x.length / inputs, rows = Math.min(n, ROWS);
  const { offsets, total } = layOut([theta.length, ...shape.sizes.map((size) => rows * size)]);
  const arena = passes.allocate(total);
  try {
    const [parameters, ...places] = offsets.map((offset) => arena + offset);
    passes.floats().set(theta, parameters);
    const network = placedMlp(shape, parameters), output = places[places.length - 1];
    for (let first = 0; first < n; first += rows) {
      const count = Math.min(rows, n - first);
      passes.floats().set(x.subarray(first * inputs, (first + count) * inputs), places[0]);
      passes.forward(network, places, count);
      visit(passes.floats().subarray(output, output + count * outputs), first);
    }
  } finally {
    passes.free(arena);
  }
};
