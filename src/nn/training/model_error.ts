/**
 * How far the dynamics' own predictions are off on segments.
 *
 * @module
 */
import type { ModelParams } from "../../data/parameters.ts";
import { type FeatureProgram, unitsOf } from "../networks/dynamics.ts";
import { maskSum, type ModelSegments } from "./dynamics_fit.ts";
import { mlpEngine } from "../passes/mlp_engine.ts";
import { unrolledErrors } from "./unrolled_gradient.ts";

/** Errors of a model on segments, in units of the outputs' standard deviations. */
export interface ModelError {
  readonly state: Float64Array; // [H] mean squared normalised error of the state h + 1 steps ahead
  readonly residual: Float64Array; // [H] mean squared normalised error of the residual; empty where none is learned
}

/**
 * (model, segments held out) ⇒ (errors by horizon), with η = 0 where the dynamics are stochastic; a step that no segment
 * reaches has error 0. Fails: `OutOfMemory`.
 */
export const modelError = (model: ModelParams, segments: ModelSegments, features: FeatureProgram): ModelError => {
  const { horizon, count: n } = segments;
  const outputs = model.outputMean.length;
  const size = segments.observation.length / ((horizon + 1) * n);
  const inputs = { program: features.program(size), controlRange: features.controlRange };
  const flat = unrolledErrors(mlpEngine().passes, model, segments, inputs);
  const units = unitsOf(model); // of flat
  const [state, residual] = [new Float64Array(horizon), new Float64Array(outputs > size ? horizon : 0)];
  for (let h = 0; h < horizon; h++) {
    const valid = maskSum(segments.mask.subarray(h * n, (h + 1) * n)) || 1;
    for (let i = h * n; i < (h + 1) * n; i++) {
      const weight = segments.mask[i] / valid;
      for (let j = 0; j < size; j++) state[h] += weight * (units[j] * flat[i * outputs + j]) ** 2 / size;
      if (outputs > size) residual[h] += weight * (units[size] * flat[i * outputs + size]) ** 2;
    }
  }
  return { state, residual };
};
