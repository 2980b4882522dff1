/**
 * The multi-layer perceptron directly on the heap: matrix multiplications and elementwise kernels in place, in chunks
 * of rows that stay in the cache.
 *
 * @module
 */
import type tf from "@tensorflow/tfjs";
import type { MlpShape } from "../../data/parameters.ts";
import { type LayerSpan, layerSpans, type MlpEngine } from "../mlp_engine.ts";
import type { Gemm } from "./gemm.ts";
import { type Heap, makeScratch } from "./heap.ts";
import type { SimdKernels } from "./simd.ts";

const CHUNK = 1024; // rows

/** (heap, kernels, gemm) ⇒ the engine. */
export const makeHeapEngine = (heap: Heap, simd: SimdKernels, gemm: Gemm): MlpEngine => {
  const passes = { heap, simd, gemm, scratch: makeScratch(heap) };
  return {
    forward: forwardOf(passes),
    backward: backwardOf(passes),
    tangent: tangentOf(passes),
    clipSlope: clipSlopeOf(passes),
  };
};

interface Passes {
  readonly heap: Heap;
  readonly simd: SimdKernels;
  readonly gemm: Gemm;
  readonly scratch: (bytes: number) => number;
}

/** Calls `pass(first row, rows)` for each chunk of n rows. */
const inChunks = (n: number, pass: (start: number, rows: number) => void): void => {
  for (let start = 0; start < n; start += CHUNK) pass(start, Math.min(CHUNK, n - start));
};

const widest = (shape: MlpShape): number => shape.sizes.reduce((most, size) => Math.max(most, size), 0);

/** z ← x W + β·z for a layer, without its bias. */
const multiply = (
  gemm: Gemm,
  { input, output, weights }: LayerSpan,
  theta: number,
  rows: number,
  x: number,
  beta: 0 | 1,
  z: number,
): void => gemm("plain", "plain", rows, output, input, x, input, theta + weights * 4, output, beta, z, output);

const forwardOf = ({ heap, simd, gemm }: Passes): MlpEngine["forward"] => (shape, theta, x) => {
  const spans = layerSpans(shape);
  const n = x.shape[0];
  const outputs = spans.map(({ output }) => heap.make<typeof x>([n, output]));
  const addresses = [x, ...outputs].map(heap.address);
  const t = heap.address(theta);
  const hidden = shape.activation === "tanh" ? simd.biasTanh : simd.biasRelu;
  inChunks(n, (start, rows) => {
    for (const [i, span] of spans.entries()) {
      const z = addresses[i + 1] + start * span.output * 4;
      multiply(gemm, span, t, rows, addresses[i] + start * span.input * 4, 0, z);
      const finish = i + 1 === spans.length ? simd.biasLinear : hidden;
      finish(z, t + span.bias * 4, rows, span.output);
    }
  });
  return outputs;
};

const backwardOf = (passes: Passes): MlpEngine["backward"] => (shape, theta, layers, dy, wanted) => {
  const { heap, simd, gemm, scratch } = passes;
  const spans = layerSpans(shape);
  const n = dy.shape[0];
  const ofTheta = wanted === "input" ? null : heap.make<typeof theta>([theta.size]);
  const ofInput = wanted === "theta" ? null : heap.make<typeof dy>([n, shape.sizes[0]]);
  const width = widest(shape) * CHUNK * 4;
  const spare = scratch(2 * width);
  const addresses = layers.map(heap.address);
  const [t, d, dx] = [theta, dy, ofInput].map((tensor) => tensor === null ? 0 : heap.address(tensor));
  const dt = ofTheta === null ? 0 : heap.address(ofTheta);
  if (ofTheta !== null) new Float32Array(heap.memory.buffer, dt, theta.size).fill(0);
  const slope = shape.activation === "tanh" ? simd.slopeTanh : simd.slopeRelu;
  inChunks(n, (start, rows) => {
    let delta = d + start * spans[spans.length - 1].output * 4;
    for (let i = spans.length - 1; i >= 0; i--) {
      const { input, output, weights, bias } = spans[i];
      const h = addresses[i] + start * input * 4;
      if (ofTheta !== null) {
        gemm("transposed", "plain", input, output, rows, h, input, delta, output, 1, dt + weights * 4, output);
        simd.columnSums(delta, rows, output, dt + bias * 4);
      }
      if (i === 0 && ofInput === null) break;
      const below = i === 0 ? dx + start * input * 4 : spare + (i % 2) * width;
      gemm("plain", "transposed", rows, input, output, delta, output, t + weights * 4, output, 0, below, input);
      if (i > 0) slope(below, h, rows * input);
      delta = below;
    }
  });
  return { theta: ofTheta, input: ofInput };
};

const tangentOf = (passes: Passes): MlpEngine["tangent"] => (shape, theta, layers, direction) => {
  const { heap, simd, gemm, scratch } = passes;
  const spans = layerSpans(shape);
  const n = layers[0].shape[0];
  const out = heap.make<(typeof layers)[0]>([n, shape.sizes[shape.sizes.length - 1]]);
  const width = widest(shape) * CHUNK * 4;
  const spare = scratch(2 * width);
  const addresses = layers.map(heap.address);
  const [t, v, y] = [theta, direction, out].map(heap.address);
  const slope = shape.activation === "tanh" ? simd.slopeTanh : simd.slopeRelu;
  inChunks(n, (start, rows) => {
    let below = 0; // ż of the layer below, then times its slope
    for (const [i, span] of spans.entries()) {
      const h = addresses[i] + start * span.input * 4;
      const z = i + 1 === spans.length ? y + start * span.output * 4 : spare + (i % 2) * width;
      multiply(gemm, span, v, rows, h, 0, z);
      if (i > 0) {
        slope(below, h, rows * span.input);
        multiply(gemm, span, t, rows, below, 1, z);
      }
      simd.biasLinear(z, v + span.bias * 4, rows, span.output);
      below = z;
    }
  });
  return out;
};

const bits = new Int32Array(1);
const ofBits = new Float32Array(bits.buffer);

const clipSlopeOf =
  ({ heap, simd }: Passes): MlpEngine["clipSlope"] => <T extends tf.Tensor>(y: T, dy: T, bound: number): T => {
    const out = heap.make<T>(y.shape);
    ofBits[0] = bound * bound;
    simd.clipSlope(heap.address(y), heap.address(dy), bits[0], y.size, heap.address(out));
    return out;
  };
