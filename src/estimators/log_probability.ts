/**
 * How likely a policy takes the actions of a batch.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { type Batch, batchSize } from "../data/batch.ts";
import type { Normalizer, PolicyParams } from "../data/parameters.ts";
import { chunks, rowsOf } from "../imagination/chunks.ts";
import { normalizeInto } from "../nn/networks/normalizer.ts";
import { logProbability } from "../nn/networks/policy.ts";

/** (policy, normalizer, batch) ⇒ log π(a|s) [T, N], nats; beside `batch.logProb` it gives the likelihood ratio. */
export const logProbabilities = (policy: PolicyParams, normalizer: Normalizer, batch: Batch): Float32Array => {
  const observation = normalizeInto(normalizer, batch.observation), found = new Float32Array(batchSize(batch));
  for (const rows of chunks(batchSize(batch))) {
    const part = tf.tidy(() => {
      const s = rowsOf(observation, batch.observationSize, rows), a = rowsOf(batch.action, batch.actionSize, rows);
      return logProbability(policy.shape, tf.tensor1d(policy.theta), s, a).dataSync();
    });
    found.set(part, rows[0]);
  }
  return found;
};
