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
