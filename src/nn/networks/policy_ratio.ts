/**
 * Importance weights of stored actions under the present policy.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { PolicyParams } from "../../data/parameters.ts";
import { logProbability } from "./policy.ts";
import { readTensor } from "../passes/read.ts";

/** (policy, s [n, obs] normalised, a [n, act], log π_old [n]) ⇒ π(a|s)/π_old(a|s) [n]. */
export const importanceWeights = (
  { shape, theta }: PolicyParams,
  observation: Float32Array,
  action: Float32Array,
  logProb: Float32Array,
): Float32Array =>
  readTensor(() => {
    const n = logProb.length;
    const s = tf.tensor2d(observation, [n, observation.length / n]), a = tf.tensor2d(action, [n, action.length / n]);
    return tf.exp(tf.sub(logProbability(shape, tf.tensor1d(theta), s, a), tf.tensor1d(logProb)));
  });

/** (w [n]) ⇒ (Σw)² / (n·Σw²): the fraction of the samples that the weights leave effective. Source: Kong 1992. */
export const effectiveSampleFraction = (weight: Float32Array): number => {
  let sum = 0, squares = 0;
  for (let i = 0; i < weight.length; i++) {
    sum += weight[i];
    squares += weight[i] * weight[i];
  }
  return squares > 0 ? sum * sum / (weight.length * squares) : 0;
};
