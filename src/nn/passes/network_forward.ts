/**
 * The outputs of a network whose input is data, in row chunks.
 *
 * @module
 */
import type { MlpShape } from "../../data/parameters.ts";
import { openArena } from "./arena.ts";
import { mlpEngine } from "./mlp_engine.ts";
import { placedMlp } from "./passes.ts";

/** (output y of some rows [rows, out], valid until the next call; index of the first row). */
export type OutputVisit = (output: Float32Array, first: number) => void;

/** (shape, θ [≥ parameters], x [n, in], visit): `visit` sees the outputs of all rows, in order. Fails: `OutOfMemory`. */
export const networkForward = (shape: MlpShape, theta: Float32Array, x: Float32Array, visit: OutputVisit): void => {
  const { passes } = mlpEngine(), inputs = shape.sizes[0], outputs = shape.sizes[shape.sizes.length - 1];
  const n = x.length / inputs, rows = Math.min(n, passes.rows);
  const { places, free } = openArena(passes, (take) => ({
    theta: take(theta.length),
    layers: shape.sizes.map((size) => take(rows * size)),
  }));
  try {
    passes.floats().set(theta, places.theta);
    const network = placedMlp(shape, places.theta), output = places.layers[shape.sizes.length - 1];
    for (let first = 0; first < n; first += rows) {
      const count = Math.min(rows, n - first);
      passes.floats().set(x.subarray(first * inputs, (first + count) * inputs), places.layers[0]);
      passes.forward(network, places.layers, count);
      visit(passes.floats().subarray(output, output + count * outputs), first);
    }
  } finally {
    free();
  }
};
