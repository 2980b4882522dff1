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

/** What least squares found. */
export interface LinearFit {
  /** [in, out] row-major S */
  readonly weights: Float64Array;
  /** [out] mean squares of Y − Z·S */
  readonly left: Float64Array;
}

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

/** (A [n, n] symmetric, positive definite, with rows of `width`): its lower triangle becomes L of A = L·Lᵀ. */
const factorise = (a: Float64Array, n: number, width: number): void => {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = a[i * width + j];
      for (let k = 0; k < j; k++) sum -= a[i * width + k] * a[j * width + k];
      a[i * width + j] = i === j ? Math.sqrt(sum) : sum / a[j * width + j];
    }
  }
};

/** (Z and Y [n, in + out] side by side, all columns about their means, in) ⇒ (S, what it leaves). */
export const leastSquares = (x: Float32Array, width: number, inputs: number): LinearFit => {
  const all = products(x, width), n = x.length / width, outputs = width - inputs;
  const at = (i: number, j: number) => all[i * width + j];
  const factor = all.slice();
  for (let i = 0; i < inputs; i++) factor[i * (width + 1)] += RIDGE;
  factorise(factor, inputs, width);
  const weights = new Float64Array(inputs * outputs), left = new Float64Array(outputs), s = new Float64Array(inputs);
  for (let o = 0; o < outputs; o++) {
    for (let i = 0; i < inputs; i++) {
      let sum = at(i, inputs + o);
      for (let k = 0; k < i; k++) sum -= factor[i * width + k] * s[k];
      s[i] = sum / factor[i * width + i];
    }
    for (let i = inputs - 1; i >= 0; i--) {
      for (let k = i + 1; k < inputs; k++) s[i] -= factor[k * width + i] * s[k];
      s[i] /= factor[i * width + i];
    }
    let squares = at(inputs + o, inputs + o); // yᵀy − 2·sᵀZᵀy + sᵀZᵀZ·s
    for (let i = 0; i < inputs; i++) {
      weights[i * outputs + o] = s[i];
      let image = -2 * at(i, inputs + o);
      for (let k = 0; k < inputs; k++) image += at(i, k) * s[k];
      squares += s[i] * image;
    }
    left[o] = Math.max(0, squares / n);
  }
  return { weights, left };
};
