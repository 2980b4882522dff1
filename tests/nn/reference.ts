/**
 * Networks in float64, written anew from their formulas, and finite differences: what the gradients are held against.
 *
 * @module
 */
import { assert } from "@std/assert";
import { mlpParameterCount, type MlpShape, type ModelParams } from "../../src/data/parameters.ts";
import { type Key, makeStream } from "../../src/math/random.ts";

/** (θ, x [in]) ⇒ y [out], all float64. */
export const reference = (shape: MlpShape, theta: ArrayLike<number>, x: ArrayLike<number>): number[] => {
  let h = Array.from(x);
  let at = 0;
  for (let l = 0; l + 1 < shape.sizes.length; l++) {
    const [input, output] = [shape.sizes[l], shape.sizes[l + 1]];
    const z = Array.from({ length: output }, (_, o) => theta[at + input * output + o]);
    for (let i = 0; i < input; i++) for (let o = 0; o < output; o++) z[o] += h[i] * theta[at + i * output + o];
    at += (input + 1) * output;
    const hidden = l + 2 < shape.sizes.length;
    h = z.map((v) => (hidden ? (shape.activation === "tanh" ? Math.tanh(v) : Math.max(0, v)) : v));
  }
  if (shape.skip === undefined) return h;
  return h.map((y, o) => y + Array.from(x).reduce((sum, v, i) => sum + v * theta[at + i * h.length + o], 0));
};

/** (shape, ∂/∂θ) ⇒ the same, 0 by the weights of a skip connection, which derivatives take as constants. */
export const bySkipNothing = (shape: MlpShape, gradient: Float64Array): Float64Array => {
  const end = mlpParameterCount(shape), begin = mlpParameterCount({ sizes: shape.sizes, activation: shape.activation });
  return gradient.map((g, i) => (i >= begin && i < end ? 0 : g));
};

/** (model none of whose outputs is constant, obs) ⇒ v [out]: units in deviations, over the states' mean; of the reward at most 1. */
export const errorShares = ({ outputScale, outputDeviation }: ModelParams, size: number): number[] => {
  const shares = Array.from(outputScale, (scale, j) => scale / (outputDeviation ?? outputScale)[j]);
  const mean = shares.slice(0, size).reduce((a, b) => a + b) / size;
  return shares.map((share, j) => j < size ? share / mean : Math.min(1, share / mean));
};

/** (x [n, d]) ⇒ its rows. */
export const rows = (x: ArrayLike<number>, d: number): number[][] =>
  Array.from({ length: x.length / d }, (_, i) => Array.from({ length: d }, (_, j) => x[i * d + j]));

/** (f, x) ⇒ ∇f(x) by central differences in float64. */
export const differences = (f: (x: Float64Array) => number, x: ArrayLike<number>, step = 1e-5): Float64Array => {
  const at = Float64Array.from(x);
  return at.map((_, i) => {
    const moved = at.slice();
    moved[i] = at[i] + step;
    const above = f(moved);
    moved[i] = at[i] - step;
    return (above - f(moved)) / (2 * step);
  });
};

/** (key, n) ⇒ n standard normal numbers as float32, so that both sides compute with the same values. */
export const normals = (key: Key, n: number, deviation = 1): Float32Array => {
  const { normal } = makeStream(key);
  return Float32Array.from({ length: n }, () => deviation * normal());
};

/** Fails unless |actual − expected| ≤ tolerance·max(|expected|) everywhere. */
export const assertClose = (actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void => {
  assert(actual.length === expected.length, `length ${actual.length}, expected ${expected.length}`);
  const size = Array.from(expected).reduce((most, v) => Math.max(most, Math.abs(v)), 1e-12);
  for (let i = 0; i < expected.length; i++) {
    const off = Math.abs(actual[i] - expected[i]);
    assert(off <= tolerance * size, `element ${i}: ${actual[i]}, expected ${expected[i]} (scale ${size})`);
  }
};
