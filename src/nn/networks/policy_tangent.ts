/**
 * Directional derivatives of the policy's mean.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { PolicyParams } from "../../data/parameters.ts";
import { mlpEngine } from "../passes/mlp_engine.ts";
import { readTensor } from "../passes/read.ts";

/** (policy, s [n, obs] normalised, θ̇ [parameters]) ⇒ ∂μ(s)/∂θ·θ̇ [n, act]. */
export const meanTangent = (
  { shape, theta }: PolicyParams,
  observation: Float32Array,
  direction: Float32Array,
): Float32Array =>
  readTensor(() => {
    const point = tf.tensor1d(theta);
    const x = tf.tensor2d(observation, [observation.length / shape.sizes[0], shape.sizes[0]]);
    const hidden = mlpEngine().forward(shape, point, x).slice(0, -1);
    return mlpEngine().tangent(shape, point, [x, ...hidden], tf.tensor1d(direction));
  });
