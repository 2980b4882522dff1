/**
 * The likelihood-ratio term: mean ∇ log π(a|s)·signal, and its surrogate.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { type Batch, batchSize } from "../data/batch.ts";
import type { Normalizer, PolicyParams } from "../data/parameters.ts";
import { chunks, rowsOf } from "../imagination/chunks.ts";
import { normalizeInto } from "../nn/networks/normalizer.ts";
import { logProbability } from "../nn/networks/policy.ts";
import { likelihoodGradient } from "../nn/networks/policy_gradient.ts";

/** (policy, batch, signal [T, N]) ⇒ mean ∇ log π_θ(a|s)·signal [parameters]. */
export const scoreGradient = (
  policy: PolicyParams,
  normalizer: Normalizer,
  batch: Batch,
  signal: Float32Array,
): Float32Array => likelihoodGradient(policy, normalizeInto(normalizer, batch.observation), batch.action, signal);

/** (θ new) ⇒ mean π_θnew/π_old·signal, whose gradient at the old θ is `scoreGradient`. */
export const scoreSurrogate = (
  policy: PolicyParams,
  normalizer: Normalizer,
  batch: Batch,
  signal: Float32Array,
  theta: Float32Array,
): number => {
  const n = batchSize(batch);
  const observation = normalizeInto(normalizer, batch.observation);
  let total = 0;
  for (const rows of chunks(n)) {
    total += tf.tidy(() => {
      const s = rowsOf(observation, batch.observationSize, rows), a = rowsOf(batch.action, batch.actionSize, rows);
      const logProb = logProbability(policy.shape, tf.tensor1d(theta), s, a);
      const ratio = tf.exp(tf.sub(logProb, tf.tensor1d(batch.logProb.subarray(...rows))));
      return tf.sum(tf.mul(ratio, tf.tensor1d(signal.subarray(...rows)))).dataSync()[0];
    });
  }
  return total / n;
};
