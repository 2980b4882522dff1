/**
 * Normalisation of observations: running statistics in float64, and the frozen copy that networks use.
 *
 * @module
 */
import tf from "@tensorflow/tfjs";
import type { Normalizer } from "../data/parameters.ts";
import { clip } from "./clip.ts";

/** Normalised observations stay within ± this. */
export const NORMALIZED_BOUND = 10;
const MINIMAL_VARIANCE = 1e-8; // added, so that a constant observation maps to 0

/** (size) ⇒ (normaliser) that has seen nothing and changes nothing. */
export const makeNormalizer = (size: number): Normalizer => ({
  mean: new Float32Array(size),
  scale: new Float32Array(size).fill(1),
  count: 0,
  runningMean: new Float64Array(size),
  runningSquares: new Float64Array(size),
});

/**
 * (normaliser, observation [n, obs]) ⇒ (normaliser): running statistics joined with those of the batch; what is in use
 * stays.
 *
 * Source: Chan et al. 1979, pairwise update.
 */
export const accumulate = (normalizer: Normalizer, observation: Float32Array): Normalizer => {
  const size = normalizer.mean.length;
  const n = observation.length / size;
  if (n === 0) return normalizer;
  const count = normalizer.count + n;
  const runningMean = new Float64Array(size);
  const runningSquares = new Float64Array(size);
  for (let j = 0; j < size; j++) {
    let sum = 0;
    for (let i = j; i < observation.length; i += size) sum += observation[i];
    const mean = sum / n;
    let squares = 0;
    for (let i = j; i < observation.length; i += size) squares += (observation[i] - mean) ** 2;
    const delta = mean - normalizer.runningMean[j];
    runningMean[j] = normalizer.runningMean[j] + delta * n / count;
    runningSquares[j] = normalizer.runningSquares[j] + squares + delta * delta * normalizer.count * n / count;
  }
  return { ...normalizer, count, runningMean, runningSquares };
};

/** (normaliser) ⇒ (normaliser): the running statistics come into use; with fewer than two observations nothing does. */
export const refreshNormalizer = (normalizer: Normalizer): Normalizer => {
  const { count, runningMean, runningSquares } = normalizer;
  if (count < 2) return normalizer;
  return {
    ...normalizer,
    mean: Float32Array.from(runningMean),
    scale: Float32Array.from(runningSquares, (s) => 1 / Math.sqrt(s / count + MINIMAL_VARIANCE)),
  };
};

/** (normaliser, observation [n, obs]) ⇒ ([n, obs]): (x − mean)·scale, clipped to ±10. */
export const normalizeInto = (normalizer: Normalizer, observation: Float32Array): Float32Array => {
  const { mean, scale } = normalizer;
  const size = mean.length;
  const out = new Float32Array(observation.length);
  for (let row = 0; row < out.length; row += size) {
    for (let j = 0; j < size; j++) {
      out[row + j] = Math.min(
        NORMALIZED_BOUND,
        Math.max(-NORMALIZED_BOUND, (observation[row + j] - mean[j]) * scale[j]),
      );
    }
  }
  return out;
};

/** A normaliser's part in use, as tensors. */
export interface NormalizerTensors {
  readonly mean: tf.Tensor1D; // [obs]
  readonly scale: tf.Tensor1D; // [obs]
}

/** (normaliser) ⇒ (tensors), which the caller frees. */
export const normalizerTensors = (normalizer: Normalizer): NormalizerTensors => ({
  mean: tf.tensor1d(normalizer.mean),
  scale: tf.tensor1d(normalizer.scale),
});

/** (normaliser, observation [n, obs]) ⇒ ([n, obs]): as `normalizeInto`, differentiable in the observation. */
export const normalizeTensor = (normalizer: NormalizerTensors, observation: tf.Tensor2D): tf.Tensor2D =>
  tf.tidy(() => clip(tf.mul(tf.sub(observation, normalizer.mean), normalizer.scale) as tf.Tensor2D, NORMALIZED_BOUND));
