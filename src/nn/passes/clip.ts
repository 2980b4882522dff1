/**
 * Clipping as one differentiable operation: the tensor library's takes five kernels for its gradient.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { mlpEngine } from "./mlp_engine.ts";

/** (x, bound) ⇒ x within ±bound, differentiable; no gradient passes where x lies beyond, or exactly on, the bound. */
export const clip = <T extends tf.Tensor>(x: T, bound: number): T => {
  const op = tf.customGrad((v, save) => {
    const value = tf.clipByValue(v as T, -bound, bound);
    (save as tf.GradSaveFunc)([value]);
    return { value, gradFunc: (dy: tf.Tensor, [y]: tf.Tensor[]) => mlpEngine().clipSlope(y, dy, bound) };
  });
  return op(x) as T;
};
