/**
 * The gradient of a loss through one network whose input is data, without a tape: forward, the loss's slope in the output
 * by the caller, backward. In row chunks.
 *
 * @module
 */
import type { MlpShape } from "../../data/parameters.ts";
import { openArena, type Take } from "./arena.ts";
import { widestLayer } from "./layers.ts";
import { mlpEngine } from "./mlp_engine.ts";
import { type Passes, type PlacedMlp, placedMlp } from "./passes.ts";
import type { LossGradient } from "./read.ts";

/**
 * (output y of some rows [rows, out], index of the first row, out: ∂L/∂y [rows, out]) ⇒ what these rows add to the loss.
 */
export type OutputSlope = (output: Float32Array, first: number, slope: Float32Array) => number;

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

/** (take, shape, places of θ and of ∂L/∂θ, rows at a time) ⇒ (places). */
export const takeGradient = (
  take: Take,
  shape: MlpShape,
  { theta, gradient }: { readonly theta: number; readonly gradient: number },
  rows: number,
): GradientPlaces => ({
  network: placedMlp(shape, theta),
  gradient,
  slope: take(rows * shape.sizes[shape.sizes.length - 1]),
  spare: take(2 * rows * widestLayer(shape)),
  layers: shape.sizes.map((size) => take(rows * size)),
  rows,
});

/** (places, x [n, in], slope, parameters) ⇒ (loss): overwrites the gradient with ∂L/∂θ. */
export const placedGradient = (
  passes: Passes,
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

/**
 * (shape, θ [≥ parameters], x [n, in], slope) ⇒ (loss, ∂L/∂θ [length of θ], zero beyond the network's parameters).
 * Fails: `OutOfMemory`, and as `slope` does, with nothing left behind.
 */
export const networkGradient = (
  shape: MlpShape,
  theta: Float32Array,
  x: Float32Array,
  slope: OutputSlope,
): LossGradient => {
  const { passes } = mlpEngine(), count = theta.length, rows = Math.min(x.length / shape.sizes[0], passes.rows);
  const { places, free } = openArena(
    passes,
    (take) => takeGradient(take, shape, { theta: take(count), gradient: take(count) }, rows),
  );
  try {
    passes.floats().set(theta, places.network.theta);
    const loss = placedGradient(passes, places, x, slope, count);
    return { loss, gradient: passes.floats().slice(places.gradient, places.gradient + count) };
  } finally {
    free();
  }
};
