/**
 * Clipping as one differentiable operation: the tensor library's takes five kernels for its gradient.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { controlEnds, type ControlRange } from "../../math/control_range.ts";
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

/** (a [n, act], range or none for ±1) ⇒ a within its range, differentiable; no gradient passes where it was clipped. */
export const clipActions = (action: tf.Tensor2D, range: ControlRange | undefined): tf.Tensor2D => {
  if (range === undefined || range.every(([low, high]) => low === -1 && high === 1)) return clip(action, 1);
  const { low, high } = controlEnds(range, action.shape[1]);
  return clipColumns(action, tf.tensor1d(low), tf.tensor1d(high));
};
