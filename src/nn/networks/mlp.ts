/**
 * The multi-layer perceptron as one differentiable operation on one flat θ, in three forms that differ in what they
 * differentiate: θ and x, x alone (frozen θ, for imagined rollouts), θ alone (x is data).
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { mlpParameterCount, type MlpShape } from "../../data/parameters.ts";
import { fold, type Key, makeStream } from "../../math/random.ts";
import { layerSpans } from "../passes/layers.ts";
import { mlpEngine } from "../passes/mlp_engine.ts";
import type { Wanted } from "../passes/tensor_mlp.ts";

/**
 * (shape, key, gain of the output layer) ⇒ (θ [mlpParameterCount]): orthogonal weights, with gain √2 in hidden layers,
 * and zero biases.
 *
 * Source: Saxe et al. 2014; the gains that on-policy methods commonly use.
 */
export const initializeMlp = (shape: MlpShape, key: Key, outputGain: number): Float32Array => {
  const theta = new Float32Array(mlpParameterCount(shape));
  const spans = layerSpans(shape);
  for (const [i, { input, output, weights }] of spans.entries()) {
    const gain = i + 1 === spans.length ? outputGain : Math.SQRT2;
    const matrix = orthogonal(Math.max(input, output), Math.min(input, output), fold(key, i)); // columns orthonormal
    for (let r = 0; r < input; r++) {
      for (let c = 0; c < output; c++) {
        theta[weights + r * output + c] = gain * (input >= output ? matrix[c][r] : matrix[r][c]);
      }
    }
  }
  return theta;
};

/** (rows ≥ columns, key) ⇒ (columns): random orthonormal columns by modified Gram–Schmidt, twice for orthogonality. */
const orthogonal = (rows: number, columns: number, key: Key): Float64Array[] => {
  const { normal } = makeStream(key);
  const basis: Float64Array[] = [];
  while (basis.length < columns) {
    const v = Float64Array.from({ length: rows }, normal);
    for (let pass = 0; pass < 2; pass++) {
      for (const b of basis) {
        const overlap = b.reduce((sum, x, i) => sum + x * v[i], 0);
        for (let i = 0; i < rows; i++) v[i] -= overlap * b[i];
      }
    }
    const norm = Math.sqrt(v.reduce((sum, x) => sum + x * x, 0));
    basis.push(v.map((x) => x / norm));
  }
  return basis;
};

/** (shape, θ [≥ mlpParameterCount], x [n, in]) ⇒ (y [n, out]), differentiable in θ and x. */
export const mlp = (shape: MlpShape, theta: tf.Tensor1D, x: tf.Tensor2D): tf.Tensor2D => {
  const op = tf.customGrad((t, v, save) => {
    const { value, saved } = run(shape, t as tf.Tensor1D, v as tf.Tensor2D);
    (save as tf.GradSaveFunc)(saved);
    return {
      value,
      gradFunc: (dy: tf.Tensor, kept: tf.Tensor[]) => {
        const { theta, input } = pullBack(shape, kept, dy, "both");
        return [theta!, input!];
      },
    };
  });
  return op(theta, x) as tf.Tensor2D;
};

/** (shape, θ, x [n, in]) ⇒ (y [n, out]), differentiable in x; θ is a constant. */
export const mlpFrozen = (shape: MlpShape, theta: tf.Tensor1D, x: tf.Tensor2D): tf.Tensor2D => {
  const op = tf.customGrad((v, save) => {
    const { value, saved } = run(shape, theta, v as tf.Tensor2D);
    (save as tf.GradSaveFunc)(saved);
    return { value, gradFunc: (dy: tf.Tensor, kept: tf.Tensor[]) => pullBack(shape, kept, dy, "input").input! };
  });
  return op(x) as tf.Tensor2D;
};

/** (shape, θ, x [n, in]) ⇒ (y [n, out]), differentiable in θ; x is data. */
export const mlpOfData = (shape: MlpShape, theta: tf.Tensor1D, x: tf.Tensor2D): tf.Tensor2D => {
  const op = tf.customGrad((t, save) => {
    const { value, saved } = run(shape, t as tf.Tensor1D, x);
    (save as tf.GradSaveFunc)(saved);
    return { value, gradFunc: (dy: tf.Tensor, kept: tf.Tensor[]) => pullBack(shape, kept, dy, "theta").theta! };
  });
  return op(theta) as tf.Tensor2D;
};

/** Forward pass, and what its backward pass needs: θ, x, hidden activations. */
const run = (shape: MlpShape, theta: tf.Tensor1D, x: tf.Tensor2D): { value: tf.Tensor2D; saved: tf.Tensor[] } => {
  const outputs = mlpEngine().forward(shape, theta, x);
  const value = outputs[outputs.length - 1];
  return { value, saved: [theta, x, ...outputs.slice(0, -1)] };
};

const pullBack = (shape: MlpShape, kept: tf.Tensor[], dy: tf.Tensor, wanted: Wanted) =>
  mlpEngine().backward(shape, kept[0] as tf.Tensor1D, kept.slice(1) as tf.Tensor2D[], dy as tf.Tensor2D, wanted);
