/**
 * The multi-layer perceptron directly on the heap: matrix multiplications and elementwise kernels in place, in chunks
 * of rows that stay in the cache.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs";
import { widestLayer } from "../passes/layers.ts";
import type { MlpEngine } from "../passes/mlp_engine.ts";
import { placedMlp } from "../passes/passes.ts";
import type { Gemm } from "./gemm.ts";
import { type Heap, makeScratch } from "./heap.ts";
import { backwardRows, forwardRows, type HeapKernels } from "./heap_passes.ts";
import { makeHeapPasses, ROWS } from "./placed_passes.ts";
import type { SimdKernels } from "./simd.ts";

/** (heap, kernels, gemm) ⇒ the engine. */
export const makeHeapEngine = (heap: Heap, simd: SimdKernels, gemm: Gemm): MlpEngine => {
  const engine = { heap, simd, gemm, scratch: makeScratch(heap) };
  return {
    forward: forwardOf(engine),
    backward: backwardOf(engine),
    clipSlope: clipSlopeOf(engine),
    passes: makeHeapPasses(engine),
  };
};

/** The passes with memory to spare, which an engine's calls share. */
interface Engine extends HeapKernels {
  readonly scratch: (bytes: number) => number;
}

/** Calls `pass(first row, rows)` for each chunk of n rows. */
const inChunks = (n: number, pass: (start: number, rows: number) => void): void => {
  for (let start = 0; start < n; start += ROWS) pass(start, Math.min(ROWS, n - start));
};

const forwardOf = (engine: Engine): MlpEngine["forward"] => (shape, theta, x) => {
  const { heap } = engine;
  const n = x.shape[0];
  const outputs = shape.sizes.slice(1).map((size) => heap.make<typeof x>([n, size]));
  const addresses = [x, ...outputs].map(heap.address);
  const network = placedMlp(shape, heap.address(theta));
  inChunks(n, (start, rows) => {
    forwardRows(engine, network, addresses.map((a, i) => a + start * shape.sizes[i] * 4), rows);
  });
  return outputs;
};

const backwardOf = (engine: Engine): MlpEngine["backward"] => (shape, theta, layers, dy, wanted) => {
  const { heap, scratch } = engine;
  const n = dy.shape[0];
  const ofTheta = wanted === "input" ? null : heap.make<typeof theta>([theta.size]);
  const ofInput = wanted === "theta" ? null : heap.make<typeof dy>([n, shape.sizes[0]]);
  const spare = scratch(2 * widestLayer(shape) * ROWS * 4);
  const addresses = layers.map(heap.address);
  const [t, d] = [theta, dy].map(heap.address);
  const [dt, dx] = [ofTheta, ofInput].map((tensor) => tensor === null ? 0 : heap.address(tensor));
  if (ofTheta !== null) new Float32Array(heap.memory.buffer, dt, theta.size).fill(0);
  const network = placedMlp(shape, t);
  inChunks(n, (start, rows) => {
    const at = (address: number, size: number) => (address === 0 ? 0 : address + start * size * 4);
    const [inputs, outputs] = [shape.sizes[0], shape.sizes[shape.sizes.length - 1]];
    const below = addresses.map((a, i) => at(a, shape.sizes[i]));
    backwardRows(engine, network, below, at(d, outputs), rows, { spare, theta: dt, input: at(dx, inputs) });
  });
  return { theta: ofTheta, input: ofInput };
};

const bits = new Int32Array(1);
const ofBits = new Float32Array(bits.buffer);

const clipSlopeOf =
  ({ heap, simd }: Engine): MlpEngine["clipSlope"] => <T extends tf.Tensor>(y: T, dy: T, bound: number): T => {
    const out = heap.make<T>(y.shape);
    ofBits[0] = bound * bound;
    simd.clipSlope(heap.address(y), heap.address(dy), bits[0], y.size, heap.address(out));
    return out;
  };
