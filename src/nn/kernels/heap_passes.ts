/**
 * The passes of a multi-layer perceptron over rows that lie on the heap: matrix multiplications and elementwise kernels
 * in place. Addresses are in bytes.
 *
 * @module
 */
import type { LayerSpan } from "../passes/layers.ts";
import type { PlacedMlp } from "../passes/passes.ts";
import type { Gemm } from "./gemm.ts";
import type { Heap } from "./heap.ts";
import type { SimdKernels } from "./simd.ts";

/** What the passes run on. */
export interface HeapKernels {
  /** where everything lies */
  readonly heap: Heap;
  /** elementwise kernels */
  readonly simd: SimdKernels;
  /** multiplication */
  readonly gemm: Gemm;
}

/** A network on the heap: as `PlacedMlp`, with the address of θ. */
export type HeapMlp = PlacedMlp;

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
  { input, output, weights }: Omit<LayerSpan, "bias">,
  theta: number,
  rows: number,
  x: number,
  beta: 0 | 1,
  z: number,
): void => gemm("plain", "plain", rows, output, input, x, input, theta + weights * 4, output, beta, z, output);

/** (network, addresses of x, hidden activations … and output, rows): fills all but the first. */
export const forwardRows = (
  { simd, gemm }: HeapKernels,
  { shape, spans, skip, theta }: HeapMlp,
  layers: ReadonlyArray<number>,
  rows: number,
): void => {
  const hidden = shape.activation === "tanh" ? simd.biasTanh : simd.biasRelu;
  for (let i = 0; i < spans.length; i++) {
    multiply(gemm, spans[i], theta, rows, layers[i], 0, layers[i + 1]);
    if (i + 1 === spans.length && skip !== null) multiply(gemm, skip, theta, rows, layers[0], 1, layers[i + 1]);
    const finish = i + 1 === spans.length ? simd.biasLinear : hidden;
    finish(layers[i + 1], theta + spans[i].bias * 4, rows, spans[i].output);
  }
};

/** (network, addresses of x and hidden activations, ∂L/∂y [rows, out], rows) ⇒ (∂L/∂θ, ∂L/∂x) where wanted. */
export const backwardRows = (
  { simd, gemm }: HeapKernels,
  { shape, spans, skip, theta }: HeapMlp,
  layers: ReadonlyArray<number>,
  dy: number,
  rows: number,
  out: HeapGradients,
): void => {
  const tanh = shape.activation === "tanh", last = spans.length - 1;
  const [slope, slopeSums] = tanh ? [simd.slopeTanh, simd.slopeSumsTanh] : [simd.slopeRelu, simd.slopeSumsRelu];
  const width = rows * widestOf(spans) * 4;
  if (out.theta !== 0) simd.columnSums(dy, rows, spans[last].output, out.theta + spans[last].bias * 4);
  let delta = dy; // ∂L/∂z of the layer at hand
  for (let i = last; i >= 0; i--) {
    const { input, output, weights } = spans[i];
    if (out.theta !== 0) {
      const to = out.theta + weights * 4;
      gemm("transposed", "plain", input, output, rows, layers[i], input, delta, output, 1, to, output);
    }
    if (i === 0 && out.input === 0) break;
    const below = i === 0 ? out.input : out.spare + (i % 2) * width;
    gemm("plain", "transposed", rows, input, output, delta, output, theta + weights * 4, output, 0, below, input);
    if (i > 0) {
      if (out.theta === 0) slope(below, layers[i], rows * input);
      else slopeSums(below, layers[i], rows, input, out.theta + spans[i - 1].bias * 4);
    }
    delta = below;
  }
  if (skip === null || out.input === 0) return;
  const { input, output, weights } = skip;
  gemm("plain", "transposed", rows, input, output, dy, output, theta + weights * 4, output, 1, out.input, input);
};

const widestOf = (spans: ReadonlyArray<LayerSpan>): number => spans.reduce((most, s) => Math.max(most, s.output), 0);

/**
 * (network, addresses of x and hidden activations, of the direction θ̇, of spare [2, rows, widest layer], rows, address of
 * ẏ [rows, out], which is overwritten).
 *
 *   ż₁ = x·Ẇ₁ + ḃ₁,  żᵢ₊₁ = hᵢ·Ẇᵢ₊₁ + (żᵢ·f′)·Wᵢ₊₁ + ḃᵢ₊₁
 */
export const tangentRows = (
  { simd, gemm }: HeapKernels,
  { shape, spans, theta }: HeapMlp,
  layers: ReadonlyArray<number>,
  direction: number,
  spare: number,
  rows: number,
  out: number,
): void => {
  const biasSlope = shape.activation === "tanh" ? simd.biasSlopeTanh : simd.biasSlopeRelu;
  const width = rows * widestOf(spans) * 4;
  let below = 0; // ż·f′ of the layer below
  for (let i = 0; i < spans.length; i++) {
    const bias = direction + spans[i].bias * 4, { output } = spans[i];
    const z = i + 1 === spans.length ? out : spare + (i % 2) * width;
    multiply(gemm, spans[i], direction, rows, layers[i], 0, z);
    if (i > 0) multiply(gemm, spans[i], theta, rows, below, 1, z);
    if (i + 1 === spans.length) simd.biasLinear(z, bias, rows, output);
    else biasSlope(z, layers[i + 1], rows, output, bias);
    below = z;
  }
};
