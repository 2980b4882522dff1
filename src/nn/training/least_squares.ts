/**
 * Linear least squares, for the linear part of the dynamics.
 *
 *   S = (ZᵀZ + λ·I)⁻¹ ZᵀY,   λ = 1: with normalised columns, a ridge that weighs as much as one sample
 *
 * @module
 */
import { networkGradient } from "../passes/network_gradient.ts";

const RIDGE = 1;
const ROWS = 2048; // of a product in single precision, whose sums are added up in double

/** (x [n, width] of rows of Z and Y side by side, width) ⇒ XᵀX [width, width], as ∂/∂W of a layer whose slope is X itself. */
const products = (x: Float32Array, width: number): Float64Array => {
  const shape = { sizes: [width, width], activation: "tanh" } as const, theta = new Float32Array(width * (width + 1));
  const sum = new Float64Array(width * width);
  for (let first = 0; first < x.length; first += ROWS * width) {
    const part = x.subarray(first, first + ROWS * width);
    const { gradient } = networkGradient(shape, theta, part, (_output, row, slope) => {
      slope.set(part.subarray(row * width, row * width + slope.length));
      return 0;
    });
    for (let i = 0; i < sum.length; i++) sum[i] += gradient[i];
  }
  return sum;
};

/** (A with rows of `width`, n): the lower triangle of its first n rows and columns becomes L of A = L·Lᵀ. */
const factorise = (a: Float64Array, n: number, width: number): void => {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = a[i * width + j];
      for (let k = 0; k < j; k++) sum -= a[i * width + k] * a[j * width + k];
      a[i * width + j] = i === j ? Math.sqrt(sum) : sum / a[j * width + j];
    }
  }
};

/** (Z and Y [n, in + out] side by side, in + out, in) ⇒ S [in, out] row-major; 0 of a column of Z that is 0. */
export const leastSquares = (x: Float32Array, width: number, inputs: number): Float64Array => {
  const a = products(x, width), outputs = width - inputs;
  for (let i = 0; i < inputs; i++) a[i * (width + 1)] += RIDGE;
  factorise(a, inputs, width); // the upper part, ZᵀY at its right, stays
  const weights = new Float64Array(inputs * outputs), s = new Float64Array(inputs);
  for (let o = 0; o < outputs; o++) {
    for (let i = 0; i < inputs; i++) {
      let sum = a[i * width + inputs + o];
      for (let k = 0; k < i; k++) sum -= a[i * width + k] * s[k];
      s[i] = sum / a[i * width + i];
    }
    for (let i = inputs - 1; i >= 0; i--) {
      for (let k = i + 1; k < inputs; k++) s[i] -= a[k * width + i] * s[k];
      s[i] /= a[i * width + i];
      weights[i * outputs + o] = s[i];
    }
  }
  return weights;
};
