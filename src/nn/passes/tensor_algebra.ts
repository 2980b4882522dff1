/**
 * The interpretation of `Algebra` on columns of tensors, and the way between matrices and columns.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { Algebra } from "../../math/algebra.ts";

/** Columns [n]; a constant is a column of one row that broadcasts. Differentiable. */
export const tensorAlgebra: Algebra<tf.Tensor1D> = {
  constant: (value) => tf.tensor1d([value]),
  add: (a, b) => tf.add(a, b),
  subtract: (a, b) => tf.sub(a, b),
  multiply: (a, b) => tf.mul(a, b),
  scale: (a, factor) => tf.mul(a, factor),
  shift: (a, offset) => tf.add(a, offset),
  square: (a) => tf.square(a),
  sqrt: (a) => tf.sqrt(a),
  sin: (a) => tf.sin(a),
  cos: (a) => tf.cos(a),
  ramp: (a, width) => tf.mul(tf.add(a, tf.sqrt(tf.add(tf.square(a), width * width))), 0.5),
};

/** (x [n, d]) ⇒ (d columns [n]), differentiable. One column goes its own way, since unstack's gradient fails on it. */
export const columns = (x: tf.Tensor2D): tf.Tensor1D[] =>
  x.shape[1] === 1 ? [x.as1D()] : tf.unstack(x, 1) as tf.Tensor1D[];

/** (d columns [n]) ⇒ (x [n, d]), differentiable; a column of one row (a constant) repeats in every row. */
export const fromColumns = (all: ReadonlyArray<tf.Tensor1D>): tf.Tensor2D => {
  const rows = all.reduce((most, column) => Math.max(most, column.size), 1);
  return tf.stack(all.map((c) => (c.size === rows ? c : tf.mul(c, tf.ones([rows])) as tf.Tensor1D)), 1) as tf.Tensor2D;
};
