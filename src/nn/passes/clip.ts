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

/**
 * (x [n, d], low [d], high [d]) ⇒ x within the ends of its column, differentiable in x; no gradient passes where x lies
 * beyond, or exactly on, an end.
 */
export const clipColumns = (x: tf.Tensor2D, low: tf.Tensor1D, high: tf.Tensor1D): tf.Tensor2D => {
  const op = tf.customGrad((v, save) => {
    const value = tf.minimum(tf.maximum(v as tf.Tensor, low), high);
    (save as tf.GradSaveFunc)([value, low, high]);
    const gradFunc = (dy: tf.Tensor, [y, least, most]: tf.Tensor[]) =>
      tf.where(tf.logicalAnd(tf.greater(y, least), tf.less(y, most)), dy, tf.zerosLike(dy));
    return { value, gradFunc };
  });
  return op(x) as tf.Tensor2D;
};
