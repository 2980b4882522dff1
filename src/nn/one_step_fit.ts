/**
 * Fitting the dynamics on single transitions: the one-step case of `trainModel`, without tensors in its loop.
 *
 * @module
 */
import tf from "@tensorflow/tfjs";
import type { ModelParams } from "../data/parameters.ts";
import { adamInPlace, copyAdam } from "./adam.ts";
import type { Features } from "./dynamics.ts";
import { inputOf, type ModelSegments, type ModelTrainOptions, targetOf, type TrainedModel } from "./dynamics_fit.ts";
import { networkGradient } from "./network_gradient.ts";
import { type LossGradient, readTensor } from "./read.ts";

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

/**
 * (model, table) ⇒ (loss, ∇θ loss): the mean over transitions of (mean over obs of e² + α·e_residual²), as `modelGradient`
 * with H = 1.
 */
export const oneStepGradient = (
  { shape, theta }: Pick<ModelParams, "shape" | "theta">,
  { input, target }: TransitionTable,
  observationSize: number,
  rewardWeight: number,
): LossGradient => {
  const outputs = shape.sizes[shape.sizes.length - 1], n = target.length / outputs;
  const weight = Float64Array.from(
    { length: outputs },
    (_, j) => (j < observationSize ? 1 / observationSize : rewardWeight),
  );
  return networkGradient(shape, theta, input, (output, first, slope) => {
    let loss = 0;
    for (let i = 0, at = first * outputs; i < output.length; at += outputs) {
      for (let j = 0; j < outputs; j++, i++) {
        const error = output[i] - target[at + j], scaled = weight[j] * error / n;
        slope[i] = 2 * scaled;
        loss += scaled * error;
      }
    }
    return loss;
  });
};

const GROUP = 64; // updates whose transitions are drawn and normalised together

/** (model, (n, group) ⇒ n transitions) ⇒ (model, loss of every update): Adam on `oneStepGradient`. */
export const trainOneStep = (
  model: ModelParams,
  sample: (count: number, group: number) => ModelSegments,
  options: ModelTrainOptions & { readonly batchSize: number },
  features: Features,
): TrainedModel => {
  const { updates, batchSize, learningRate, decay, rewardWeight } = options, theta = model.theta.slice();
  const losses = new Float64Array(updates);
  let adam = copyAdam(model.adam), group: ModelSegments | null = null;
  let table: TransitionTable = { input: new Float32Array(0), target: new Float32Array(0) };
  for (let i = 0; i < updates; i++) {
    if (i % GROUP === 0) {
      group = sample(batchSize * Math.min(GROUP, updates - i), i / GROUP);
      table = transitionTable(model, group, features);
    }
    const rows = (array: Float32Array) => {
      const size = array.length / group!.count * batchSize, from = (i % GROUP) * size;
      return array.subarray(from, from + size);
    };
    const size = group!.observation.length / (2 * group!.count);
    const minibatch = { input: rows(table.input), target: rows(table.target) };
    const { loss, gradient } = oneStepGradient({ shape: model.shape, theta }, minibatch, size, rewardWeight);
    adam = adamInPlace(theta, gradient, adam, { learningRate: learningRate * decay ** (i / Math.max(1, updates - 1)) });
    losses[i] = loss;
  }
  return { model: { ...model, theta, adam }, losses };
};
