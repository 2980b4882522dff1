/**
 * Row chunks: rollouts run over as many starts at a time as stay in the processor's cache.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";

const ROWS = 1024; // rows at a time; numerically irrelevant

/** (n) ⇒ [start, end) of each chunk. */
export const chunks = (count: number): ReadonlyArray<readonly [number, number]> =>
  Array.from({ length: Math.ceil(count / ROWS) }, (_, i) => [i * ROWS, Math.min(count, (i + 1) * ROWS)] as const);

/** (x [n, d], rows) ⇒ tensor [rows, d]. */
export const rowsOf = (x: Float32Array, width: number, [start, end]: readonly [number, number]): tf.Tensor2D =>
  tf.tensor2d(x.subarray(start * width, end * width), [end - start, width]);

/** (ε [≥ k, n, act], rows) ⇒ k tensors [rows, act]. */
export const noiseOf = (
  noise: Float32Array,
  [horizon, count, width]: readonly [k: number, n: number, act: number],
  rows: readonly [number, number],
): tf.Tensor2D[] => {
  const stride = count * width;
  return Array.from({ length: horizon }, (_, i) => rowsOf(noise.subarray(i * stride, (i + 1) * stride), width, rows));
};
