/**
 * The gradient of a loss through one network whose input is data, without a tape: forward, the loss's slope in the output
 * by the caller, backward. In row chunks that stay in the processor's cache, on the heap where the kernels offer it.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { MlpShape } from "../../data/parameters.ts";
import { type InPlacePasses, type PlacedMlp, placedMlp, widestLayer } from "./in_place.ts";
import { mlpEngine } from "./mlp_engine.ts";
import { type LossGradient, readTensor } from "./read.ts";

/**
 * (output y of some rows [rows, out], index of the first row, out: ∂L/∂y [rows, out]) ⇒ what these rows add to the loss.
 */
export type OutputSlope = (output: Float32Array, first: number, slope: Float32Array) => number;

/** Rows at a time; numerically irrelevant but for rounding. */
export const ROWS = 512;

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

/** Where a network's gradient is computed. */
export interface GradientPlaces {
  readonly network: PlacedMlp;
  /** [parameters] ∂L/∂θ */
  readonly gradient: number;
  /** [rows, out] ∂L/∂y */
  readonly slope: number;
  /** [2, rows, widest layer] */
  readonly spare: number;
  /** x, the hidden activations …, the output */
  readonly layers: ReadonlyArray<number>;
  /** that fit in at a time */
  readonly rows: number;
}

/** (shape, parameters, rows) ⇒ the sizes of what `gradientPlaces` places. */
export const gradientSizes = (shape: MlpShape, parameters: number, rows: number): number[] => [
  parameters,
  parameters,
  rows * shape.sizes[shape.sizes.length - 1],
  2 * rows * widestLayer(shape),
  ...shape.sizes.map((size) => rows * size),
];

/** (shape, rows, places of these sizes) ⇒ (places). */
export const gradientPlaces = (shape: MlpShape, rows: number, places: ReadonlyArray<number>): GradientPlaces => {
  const [theta, gradient, slope, spare, ...layers] = places;
  return { network: placedMlp(shape, theta), gradient, slope, spare, layers, rows };
};

/** (places, x [n, in], slope, parameters) ⇒ (loss): overwrites the gradient with ∂L/∂θ. */
export const placedGradient = (
  passes: InPlacePasses,
  { network, gradient, slope: dy, spare, layers, rows }: GradientPlaces,
  x: Float32Array,
  slope: OutputSlope,
  parameters: number,
): number => {
  const { sizes } = network.shape, inputs = sizes[0], outputs = sizes[sizes.length - 1];
  const n = x.length / inputs, output = layers[layers.length - 1], out = { spare, input: null, theta: gradient };
  passes.floats().fill(0, gradient, gradient + parameters);
  let loss = 0;
  for (let first = 0; first < n; first += rows) {
    const count = Math.min(rows, n - first);
    passes.floats().set(count === n ? x : x.subarray(first * inputs, (first + count) * inputs), layers[0]);
    passes.forward(network, layers, count);
    const floats = passes.floats(), size = count * outputs;
    loss += slope(floats.subarray(output, output + size), first, floats.subarray(dy, dy + size));
    passes.backward(network, layers, dy, count, out);
  }
  return loss;
};

const onHeap = (
  passes: InPlacePasses,
  shape: MlpShape,
  theta: Float32Array,
  x: Float32Array,
  slope: OutputSlope,
): LossGradient => {
  const rows = Math.min(x.length / shape.sizes[0], ROWS);
  const { offsets, total } = layOut(gradientSizes(shape, theta.length, rows));
  const arena = passes.allocate(total);
  try {
    const places = gradientPlaces(shape, rows, offsets.map((offset) => arena + offset)), { gradient } = places;
    passes.floats().set(theta, places.network.theta);
    const loss = placedGradient(passes, places, x, slope, theta.length);
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
