/**
 * The gradient of a loss through one network whose input is data, without a tape: forward, the loss's slope in the output
 * by the caller, backward. In row chunks that stay in the processor's cache, on the heap where the kernels offer it.
 *
 * @module
 */
import tf from "@tensorflow/tfjs";
import type { MlpShape } from "../data/parameters.ts";
import { type InPlacePasses, placedMlp, widestLayer } from "./in_place.ts";
import { mlpEngine } from "./mlp_engine.ts";
import { type LossGradient, readTensor } from "./read.ts";

/**
 * (output y of some rows [rows, out], index of the first row, out: ∂L/∂y [rows, out]) ⇒ what these rows add to the loss.
 */
export type OutputSlope = (output: Float32Array, first: number, slope: Float32Array) => number;

/** Rows at a time; numerically irrelevant but for rounding. */
export const ROWS = 1024;

/** (shape, θ [≥ parameters], x [n, in], slope) ⇒ (loss, ∂L/∂θ [length of θ], zero beyond the network's parameters). */
export const networkGradient = (
  shape: MlpShape,
  theta: Float32Array,
  x: Float32Array,
  slope: OutputSlope,
): LossGradient => {
  const { inPlace } = mlpEngine();
  return inPlace === null ? byTensors(shape, theta, x, slope) : onHeap(inPlace, shape, theta, x, slope);
};

/** Offsets of consecutive pieces, each on a 16-byte boundary, and their total. */
export const layOut = (sizes: ReadonlyArray<number>): { readonly offsets: number[]; readonly total: number } => {
  const offsets: number[] = [];
  let total = 0;
  for (const size of sizes) {
    offsets.push(total);
    total += (size + 3) & ~3;
  }
  return { offsets, total };
};

const onHeap = (
  passes: InPlacePasses,
  shape: MlpShape,
  theta: Float32Array,
  x: Float32Array,
  slope: OutputSlope,
): LossGradient => {
  const inputs = shape.sizes[0], outputs = shape.sizes[shape.sizes.length - 1];
  const n = x.length / inputs, rows = Math.min(n, ROWS);
  const layers = shape.sizes.map((size) => rows * size);
  const { offsets, total } = layOut([
    theta.length,
    theta.length,
    rows * outputs,
    2 * rows * widestLayer(shape),
    ...layers,
  ]);
  const arena = passes.allocate(total);
  try {
    const [parameters, gradient, dy, spare, ...places] = offsets.map((offset) => arena + offset);
    passes.floats().set(theta, parameters);
    passes.floats().fill(0, gradient, gradient + theta.length);
    const network = placedMlp(shape, parameters), output = places[places.length - 1];
    let loss = 0;
    for (let first = 0; first < n; first += rows) {
      const count = Math.min(rows, n - first);
      passes.floats().set(x.subarray(first * inputs, (first + count) * inputs), places[0]);
      passes.forward(network, places, count);
      const floats = passes.floats();
      loss += slope(
        floats.subarray(output, output + count * outputs),
        first,
        floats.subarray(dy, dy + count * outputs),
      );
      passes.backward(network, places, dy, count, { spare, input: null, theta: gradient });
    }
    return { loss, gradient: passes.floats().slice(gradient, gradient + theta.length) };
  } finally {
    passes.free(arena);
  }
};

const byTensors = (shape: MlpShape, theta: Float32Array, x: Float32Array, slope: OutputSlope): LossGradient => {
  const engine = mlpEngine(), inputs = shape.sizes[0], n = x.length / inputs;
  let loss = 0;
  const gradient = readTensor(() => {
    const parameters = tf.tensor1d(theta), input = tf.tensor2d(x, [n, inputs]);
    const outputs = engine.forward(shape, parameters, input), y = outputs[outputs.length - 1];
    const dy = new Float32Array(y.size);
    loss = slope(y.dataSync() as Float32Array, 0, dy);
    const layers = [input, ...outputs.slice(0, -1)];
    return engine.backward(shape, parameters, layers, tf.tensor2d(dy, y.shape), "theta").theta!;
  });
  return { loss, gradient };
};
