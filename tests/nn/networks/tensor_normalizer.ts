/**
 * Normalised observations in tensors, differentiable: part of the rollout by the tape that tests hold the real one against.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { NormalizerInUse } from "../../../src/data/parameters.ts";
import { NORMALIZED_BOUND } from "../../../src/nn/networks/normalized_range.ts";
import { clip, clipColumns } from "../../../src/nn/passes/clip.ts";

/** A normaliser's part in use, as tensors. */
export interface NormalizerTensors {
  readonly mean: tf.Tensor1D; // [obs]
  readonly scale: tf.Tensor1D; // [obs]
  readonly ends: readonly [low: tf.Tensor1D, high: tf.Tensor1D] | null; // [obs] normalised; null: ±10
}

const standardize = <T extends tf.Tensor>({ mean, scale }: Pick<NormalizerTensors, "mean" | "scale">, x: T): T =>
  tf.mul(tf.sub(x, mean), scale) as T;

/** (normaliser) ⇒ (tensors), which the caller frees. */
export const normalizerTensors = ({ mean, scale, bound }: NormalizerInUse): NormalizerTensors => {
  const statistics = { mean: tf.tensor1d(mean), scale: tf.tensor1d(scale) };
  if (bound === undefined) return { ...statistics, ends: null };
  const end = (side: 1 | -1): tf.Tensor1D =>
    // by the tensors' operations: the bits of clamped observations
    tf.tidy(() => {
      const most = standardize(statistics, tf.tensor1d(bound.map((b) => side * b)));
      return tf.clipByValue(most, -NORMALIZED_BOUND, NORMALIZED_BOUND);
    });
  return { ...statistics, ends: [end(-1), end(1)] };
};

/**
 * (normaliser, observation [n, obs]) ⇒ ([n, obs]): as `normalizeInto`, differentiable in the observation; no gradient
 * passes where that is clamped or clipped.
 */
export const normalizeTensor = (normalizer: NormalizerTensors, observation: tf.Tensor2D): tf.Tensor2D =>
  tf.tidy(() => {
    const { ends } = normalizer, normal = standardize(normalizer, observation);
    return ends === null ? clip(normal, NORMALIZED_BOUND) : clipColumns(normal, ...ends);
  });
