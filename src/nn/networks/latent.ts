/**
 * Stochastic dynamics with a latent variable: s′ = f(s, a, η), η ~ N(0, I), and its inference network q(η | s, a, s′), which
 * says which η a real transition may have had.
 *
 * Source: MSCV, section 4.2, "latent space trajectory embedding"; Kingma and Welling 2014, Sohn et al. 2015 (conditional
 * VAE).
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { type LatentParams, mlpParameterCount, type ModelParams } from "../../data/parameters.ts";
import { fold, type Key, type Stream } from "../../math/random.ts";
import { makeAdam } from "../training/adam.ts";
import { initializeMlp, mlpOfData } from "./mlp.ts";
import { readTensor } from "../passes/read.ts";

/** (model's sizes, hidden layers, size of η, key) ⇒ (latent) whose inference network starts near N(0, I). */
export const makeLatent = (
  { inputSize, outputSize }: { readonly inputSize: number; readonly outputSize: number },
  hidden: ReadonlyArray<number>,
  size: number,
  key: Key,
): LatentParams => {
  const shape = { sizes: [inputSize + outputSize, ...hidden, 2 * size], activation: "tanh" as const };
  return {
    size,
    shape,
    theta: initializeMlp(shape, fold(key, "encoder"), 0.1),
    adam: makeAdam(mlpParameterCount(shape)),
  };
};

/** Mean and log deviation of q(η | s, a, s′). */
export interface Posterior {
  readonly mean: tf.Tensor2D; // [n, latent]
  readonly logStd: tf.Tensor2D; // [n, latent]
}

const LARGEST_LOG_STD = 5; // ± of q: beyond it exp would run away before the loss pulls it back

/** (output of the inference network [n, 2·latent]) ⇒ (posterior). */
export const posteriorOf = (output: tf.Tensor2D): Posterior => {
  const [mean, raw] = tf.split(output, 2, 1) as tf.Tensor2D[];
  return { mean, logStd: tf.mul(tf.tanh(tf.mul(raw, 1 / LARGEST_LOG_STD)), LARGEST_LOG_STD) };
};

/**
 * η of real transitions, drawn from q.
 * (model, input [n, features + act] and target [n, out], both normalised, stream) ⇒ (η [n, latent])
 */
export const inferLatent = (
  { latent }: Pick<ModelParams, "latent">,
  input: Float32Array,
  target: Float32Array,
  stream: Stream,
): Float32Array => {
  if (latent === undefined) return new Float32Array(0);
  const outputs = latent.shape.sizes[0];
  const noise = Float32Array.from({ length: rowsOf(input, target, outputs) * latent.size }, stream.normal);
  return readTensor(() => {
    const n = noise.length / latent.size;
    const x = tf.concat([tf.tensor2d(input, [n, input.length / n]), tf.tensor2d(target, [n, target.length / n])], 1);
    const { mean, logStd } = posteriorOf(mlpOfData(latent.shape, tf.tensor1d(latent.theta), x));
    return tf.add(mean, tf.mul(tf.exp(logStd), tf.tensor2d(noise, [n, latent.size])));
  });
};

const rowsOf = (input: Float32Array, target: Float32Array, width: number): number =>
  (input.length + target.length) / width;

/** KL(q ‖ N(0, I)) [n] = Σ ½(m² + s² − 1) − log s. */
export const latentDivergence = ({ mean, logStd }: Posterior): tf.Tensor1D => {
  const square = tf.add(tf.square(mean), tf.exp(tf.mul(logStd, 2)));
  return tf.sum(tf.sub(tf.mul(tf.sub(square, 1), 0.5), logStd), 1) as tf.Tensor1D;
};
