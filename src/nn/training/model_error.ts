/**
 * How far the dynamics' own predictions are off on segments.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { ModelParams } from "../../data/parameters.ts";
import type { Features } from "../networks/dynamics.ts";
import { fitTensors, maskSum, type ModelSegments, unrolledErrors } from "./dynamics_fit.ts";
import { mlpOfData } from "../networks/mlp.ts";
import { mlpEngine } from "../passes/mlp_engine.ts";
import { readTensor } from "../passes/read.ts";
import { unrolledErrorsInPlace } from "./unrolled_gradient.ts";

/** Errors of a model on segments, in units of the outputs' standard deviations. */
export interface ModelError {
  readonly state: Float64Array; // [H] mean squared normalised error of the state h + 1 steps ahead
  readonly residual: Float64Array; // [H] mean squared normalised error of the residual; empty where none is learned
}

/**
 * (model, segments held out) ⇒ (errors by horizon), with η = 0 where the dynamics are stochastic; a step that no segment
 * reaches has error 0.
 */
export const modelError = (model: ModelParams, segments: ModelSegments, features: Features): ModelError => {
  const { horizon, count: n } = segments;
  const outputs = model.outputMean.length;
  const flat = errorsOf(model, segments, features);
  const size = segments.observation.length / ((horizon + 1) * n);
  const [state, residual] = [new Float64Array(horizon), new Float64Array(outputs > size ? horizon : 0)];
  for (let h = 0; h < horizon; h++) {
    const valid = maskSum(segments.mask.subarray(h * n, (h + 1) * n)) || 1;
    for (let i = h * n; i < (h + 1) * n; i++) {
      const weight = segments.mask[i] / valid;
      for (let j = 0; j < size; j++) state[h] += weight * flat[i * outputs + j] ** 2 / size;
      if (outputs > size) residual[h] += weight * flat[i * outputs + size] ** 2;
    }
  }
  return { state, residual };
};

/** (model, segments) ⇒ normalised errors [H, n, out] of the predicted states and residuals. */
const errorsOf = (model: ModelParams, segments: ModelSegments, features: Features): Float32Array => {
  const { inPlace } = mlpEngine(), { latent } = model;
  const size = segments.observation.length / ((segments.horizon + 1) * segments.count);
  if (inPlace !== null && features.program !== undefined && latent === undefined) {
    const { controlRange } = features;
    return unrolledErrorsInPlace(inPlace, model, segments, { program: features.program(size), controlRange });
  }
  return readTensor(() => {
    const tensors = fitTensors(model, segments), theta = tf.tensor1d(model.theta);
    const padded = (input: tf.Tensor2D) => latent === undefined ? input : tf.pad(input, [[0, 0], [0, latent.size]]);
    return tf.stack(unrolledErrors((input) => mlpOfData(model.shape, theta, padded(input)), tensors, features));
  });
};
