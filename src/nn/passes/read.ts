/**
 * From tensors to plain arrays, with nothing left behind.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";

/** (f) ⇒ (values of the tensor that f makes); every tensor made on the way is freed. */
export const readTensor = (f: () => tf.Tensor): Float32Array => {
  const tensor = tf.tidy(f); // reading inside tidy would have it search the array for tensors
  const values = tensor.dataSync() as Float32Array;
  tensor.dispose();
  return values;
};

/** A scalar function of θ and its gradient, as plain values. */
export interface LossGradient {
  readonly loss: number;
  readonly gradient: Float32Array; // [parameters]
}

/** (loss, θ) ⇒ (loss(θ), ∇loss(θ)); every tensor made on the way is freed. */
export const lossGradient = (loss: (theta: tf.Tensor1D) => tf.Scalar, theta: Float32Array): LossGradient => {
  const { value, grad } = tf.tidy(() => tf.valueAndGrad((t) => loss(t as tf.Tensor1D))(tf.tensor1d(theta)));
  const result = { loss: value.dataSync()[0], gradient: grad.dataSync() as Float32Array };
  tf.dispose([value, grad]);
  return result;
};
