/**
 * Transitions made ready for the networks of stochastic dynamics, whose loss looks one step ahead.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { ModelParams } from "../../data/parameters.ts";
import type { Features } from "../networks/dynamics.ts";
import { inputOf, type ModelSegments, targetOf } from "./dynamics_fit.ts";
import { readTensor } from "../passes/read.ts";

/** Normalised inputs and targets of transitions, ready for the network. */
export interface TransitionTable {
  readonly input: Float32Array; // [n, in]
  readonly target: Float32Array; // [n, out]
}

/** (model, segments of one step, features) ⇒ (table). */
export const transitionTable = (model: ModelParams, segments: ModelSegments, features: Features): TransitionTable => {
  const { count: n } = segments, size = segments.observation.length / (2 * n);
  const input = readTensor(() => {
    const observation = tf.tensor2d(segments.observation.subarray(0, n * size), [n, size]);
    const action = tf.tensor2d(segments.action, [n, segments.action.length / n]);
    const raw = inputOf(features, observation, action);
    return tf.mul(tf.sub(raw, tf.tensor1d(model.inputMean)), tf.tensor1d(model.inputScale));
  });
  return { input, target: targetOf(model, segments, 0, size) };
};
