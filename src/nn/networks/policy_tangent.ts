/**
 * Directional derivatives of the policy's mean.
 *
 * @module
 */
import type { PolicyParams } from "../../data/parameters.ts";
import { openArena } from "../passes/arena.ts";
import { widestLayer } from "../passes/layers.ts";
import { mlpEngine } from "../passes/mlp_engine.ts";
import { placedMlp } from "../passes/passes.ts";

/** (policy, s [n, obs] normalised, θ̇ [parameters]) ⇒ ∂μ(s)/∂θ·θ̇ [n, act]. Fails: `OutOfMemory`. */
export const meanTangent = (
  { shape, theta }: PolicyParams,
  observation: Float32Array,
  direction: Float32Array,
): Float32Array => {
  const { passes } = mlpEngine(), { sizes } = shape, inputs = sizes[0], outputs = sizes[sizes.length - 1];
  const n = observation.length / inputs, most = Math.min(n, passes.rows), rate = new Float32Array(n * outputs);
  const { places: at, free } = openArena(passes, (take) => ({
    theta: take(theta.length),
    direction: take(direction.length),
    spare: take(2 * most * widestLayer(shape)),
    output: take(most * outputs),
    layers: sizes.map((size) => take(most * size)),
  }));
  try {
    const network = placedMlp(shape, at.theta);
    passes.floats().set(theta, at.theta);
    passes.floats().set(direction, at.direction);
    for (let first = 0; first < n; first += most) {
      const rows = Math.min(most, n - first);
      passes.floats().set(observation.subarray(first * inputs, (first + rows) * inputs), at.layers[0]);
      passes.forward(network, at.layers, rows);
      passes.tangent(network, at.layers, at, rows);
      rate.set(passes.floats().subarray(at.output, at.output + rows * outputs), first * outputs);
    }
    return rate;
  } finally {
    free();
  }
};
