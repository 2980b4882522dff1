/**
 * Fitting the dynamics on single transitions: the one-step case of `trainModel`, without tensors in its loop.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { ModelParams } from "../../data/parameters.ts";
import { makeAverage } from "./average.ts";
import type { Features } from "../networks/dynamics.ts";
import {
  inputOf,
  type ModelMean,
  type ModelSegments,
  type ModelTrainOptions,
  targetOf,
  type TrainedModel,
} from "./dynamics_fit.ts";
import { networkGradient, type OutputSlope } from "../passes/network_gradient.ts";
import { trainNetwork } from "./network_training.ts";
import { type LossGradient, readTensor } from "../passes/read.ts";

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

/** (table, obs, outputs, α) ⇒ slope of: mean over transitions of (mean over obs of e² + α·e_residual²). */
const tableSlope = (
  target: Float32Array,
  observationSize: number,
  outputs: number,
  rewardWeight: number,
): OutputSlope => {
  const n = target.length / outputs;
  const weight = Float64Array.from(
    { length: outputs },
    (_, j) => (j < observationSize ? 1 / observationSize : rewardWeight) / n,
  );
  return (output, first, slope) => {
    let loss = 0;
    for (let i = 0, at = first * outputs; i < output.length; at += outputs) {
      for (let j = 0; j < outputs; j++, i++) {
        const error = output[i] - target[at + j], scaled = weight[j] * error;
        slope[i] = 2 * scaled;
        loss += scaled * error;
      }
    }
    return loss;
  };
};

/** (model, table) ⇒ (loss, ∇θ loss), as `modelGradient` with H = 1. */
export const oneStepGradient = (
  { shape, theta }: Pick<ModelParams, "shape" | "theta">,
  { input, target }: TransitionTable,
  observationSize: number,
  rewardWeight: number,
): LossGradient => {
  const outputs = shape.sizes[shape.sizes.length - 1];
  return networkGradient(shape, theta, input, tableSlope(target, observationSize, outputs, rewardWeight));
};

/** Updates whose transitions are drawn together. */
export const GROUP = 64;

/** (model, (n, group) ⇒ n transitions) ⇒ (model, loss of every update): Adam on `oneStepGradient`. */
export const trainOneStep = (
  model: ModelParams,
  sample: (count: number, group: number) => ModelSegments,
  options: ModelTrainOptions & { readonly batchSize: number },
  features: Features,
  mean: ModelMean = { model, updates: 0 },
): TrainedModel => {
  const { updates, batchSize, learningRate, decay, rewardWeight } = options, { sizes } = model.shape;
  const inputs = sizes[0], outputs = sizes[sizes.length - 1], losses = new Float64Array(updates);
  const average = makeAverage(mean.model.theta, options.averaging, mean.updates);
  const { theta, adam } = trainNetwork(model.shape, model, batchSize, (step, current) => {
    for (let start = 0; start < updates; start += GROUP) {
      const size = Math.min(GROUP, updates - start), group = sample(batchSize * size, start / GROUP);
      const table = transitionTable(model, group, features),
        observationSize = group.observation.length / (2 * group.count);
      for (let i = 0; i < size; i++) {
        const [from, to] = [i * batchSize, (i + 1) * batchSize];
        const target = table.target.subarray(from * outputs, to * outputs);
        losses[start + i] = step(
          table.input.subarray(from * inputs, to * inputs),
          tableSlope(target, observationSize, outputs, rewardWeight),
          learningRate * decay ** ((start + i) / Math.max(1, updates - 1)),
        );
        average.add(current(), start + i);
      }
    }
  });
  const last = { ...model, theta, adam };
  return { model: { ...last, theta: average.mean(theta) }, last, losses };
};
