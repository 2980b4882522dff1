/**
 * How far a changed policy is from the one that acted.
 *
 * @module
 */
import tf from "@tensorflow/tfjs";
import type { PolicyParams } from "../data/parameters.ts";
import { klDivergence } from "./policy.ts";
import { readTensor } from "./read.ts";

/** (policy, θ new [parameters], s [n, obs] normalised) ⇒ mean KL(policy ‖ policy at θ new), nats. */
export const klBetween = ({ shape, theta }: PolicyParams, newTheta: Float32Array, observation: Float32Array): number =>
  readTensor(() => {
    const s = tf.tensor2d(observation, [observation.length / shape.sizes[0], shape.sizes[0]]);
    return klDivergence(shape, tf.tensor1d(theta), tf.tensor1d(newTheta), s);
  })[0];
