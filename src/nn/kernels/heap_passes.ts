/**
 * The passes of a multi-layer perceptron over rows that lie on the heap: matrix multiplications and elementwise kernels
 * in place. Addresses are in bytes.
 *
 * @module
 */
import type { MlpShape } from "../../data/parameters.ts";
import type { LayerSpan } from "../mlp_engine.ts";
import type { Gemm } from "./gemm.ts";
import type { Heap } from "./heap.ts";
import type { SimdKernels } from "./simd.ts";

/** What the passes run on. */
export interface Passes {
  /** where everything lies */
  readonly heap: Heap;
  /** elementwise kernels */
  readonly simd: SimdKernels;
  /** multiplication */
  readonly gemm: Gemm;
}

/** A network on the heap. */
export interface HeapMlp {
  /** layer sizes */
  readonly shape: MlpShape;
  /** where each layer's parameters lie in θ */
  readonly spans: ReadonlyArray<LayerSpan>;
  /** address of θ */
  readonly theta: number;
}

/** Addresses to which a backward pass writes, 0 where it is not wanted. */
export interface HeapGradients {
  /** [2, rows, widest layer] overwritten */
  readonly spare: number;
  /** [rows, in] overwritten */
  readonly input: number;
  /** [length of θ] added to */
  readonly theta: number;
}

/** z ← x W + β·z for a layer, without its bias. */
export const multiply = (
  gemm: Gemm,
  { input, output, weights }: LayerSpan,
  theta: number,
  rows: number,
  x: number,
  beta: 0 | 1,
  z: number,
): void => gemm("plain", "plain", rows, output, input, x, input, theta + weights * 4, output, beta, z, output);

/** (network, addresses of x, hidden activations … and output, rows): fills all but the first. */
export const forwardRows = (
  { simd, gemm }: Passes,
  { shape, spans, theta }: HeapMlp,
  layers: ReadonlyArray<number>,
  rows: number,
): void => {
  const hidden = shape.activation === "tanh" ? simd.biasTanh : simd.biasRelu;
  for (let i = 0; i < spans.length; i++) {
    multiply(gemm, spans[i], theta, rows, layers[i], 0, layers[i + 1]);
    const finish = i + 1 === spans.length ? simd.biasLinear : hidden;
    finish(layers[i + 1], theta + spans[i].bias * 4, rows, spans[i].output);
  }
};

/** (network, addresses of x and hidden activations, ∂L/∂y [rows, out], rows) ⇒ (∂L/∂θ, ∂L/∂x) where wanted. */
export const backwardRows = (
  { simd, gemm }: Passes,
  { shape, spans, theta }: HeapMlp,
  layers: ReadonlyArray<number>,
  dy: number,
  rows: number,
  out: HeapGradients,
): void => {
  const slope = shape.activation === "tanh" ? simd.slopeTanh : simd.slopeRelu;
  let delta = dy; // ∂L/∂z of the layer at hand
  let widest = 0;
  for (const { output } of spans) widest = Math.max(widest, output);
  for (let i = spans.length - 1; i >= 0; i--) {
    const { input, output, weights, bias } = spans[i];
    if (out.theta !== 0) {
      const to = out.theta + weights * 4;
      gemm("transposed", "plain", input, output, rows, layers[i], input, delta, output, 1, to, output);
      simd.columnSums(delta, rows, output, out.theta + bias * 4);
    }
    if (i === 0 && out.input === 0) break;
    const below = i === 0 ? out.input : out.spare + (i % 2) * rows * widest * 4;
    gemm("plain", "transposed", rows, input, output, delta, output, theta + weights * 4, output, 0, below, input);
    if (i > 0) slope(below, layers[i], rows * input);
    delta = below;
  }
};
