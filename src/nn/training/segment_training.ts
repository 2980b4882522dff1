/**
 * Fitting the dynamics on segments: on the kernels' heap where they are installed and know the features, else in tensors.
 *
 * @module
 */
import type { ModelParams } from "../../data/parameters.ts";
import type { Features } from "../networks/dynamics.ts";
import {
  type ModelMean,
  type ModelSegments,
  type ModelTrainOptions,
  type TrainedModel,
  trainModel,
} from "./dynamics_fit.ts";
import type { InPlacePasses } from "../passes/in_place.ts";
import { mlpEngine } from "../passes/mlp_engine.ts";
import { trainPlaced } from "./network_training.ts";
import { GROUP, trainOneStep } from "./one_step_fit.ts";
import { openUnrolledLoss } from "./unrolled_gradient.ts";

/** How a model is trained on segments. */
export interface SegmentTrainOptions extends ModelTrainOptions {
  /** segments an update */
  readonly batchSize: number;
  /** H */
  readonly horizon: number;
}

/** (n, number of the draw) ⇒ (n segments of H steps). */
export type DrawSegments = (count: number, draw: number) => ModelSegments;

/**
 * (model, draw, options, features, mean so far) ⇒ (model, loss of every update): Adam on the H-step loss. Transitions are drawn for
 * many updates at a time, longer segments for one. Fails: `OutOfMemory`, with nothing left behind.
 */
export const trainOnSegments = (
  model: ModelParams,
  draw: DrawSegments,
  options: SegmentTrainOptions,
  features: Features,
  mean: ModelMean = { model, updates: 0 },
): TrainedModel => {
  const { inPlace } = mlpEngine();
  if (inPlace !== null && features.program !== undefined) {
    return onHeap(inPlace, model, draw, options, features as OnHeap, mean);
  }
  return options.horizon === 1
    ? trainOneStep(model, draw, options, features, mean)
    : trainModel(model, (i) => draw(options.batchSize, i), options, features, mean);
};

/** Features that kernels can make. */
type OnHeap = Features & Required<Pick<Features, "program">>;

const onHeap = (
  passes: InPlacePasses,
  model: ModelParams,
  draw: DrawSegments,
  options: SegmentTrainOptions,
  features: OnHeap,
  before: ModelMean,
): TrainedModel => {
  const { updates, batchSize, horizon, learningRate, decay } = options, count = model.theta.length;
  const group = horizon === 1 ? GROUP : 1;
  const drawFor = (update: number) => draw(batchSize * Math.min(group, updates - update), update / group);
  let segments = drawFor(0);
  const program = features.program(segments.observation.length / ((horizon + 1) * segments.count));
  const inputs = { program, controlRange: features.controlRange };
  const losses = new Float64Array(updates);
  const { theta, mean, adam } = trainPlaced(
    passes,
    model,
    (training) => {
      const loss = openUnrolledLoss(passes, model, inputs, training, { rows: batchSize, horizon }, options);
      try {
        for (let i = 0; i < updates; i++) {
          if (i > 0 && i % group === 0) segments = drawFor(i);
          passes.floats().fill(0, training.gradient, training.gradient + count);
          losses[i] = loss.add(segments, i % group * batchSize, batchSize);
          training.step(learningRate * decay ** (i / Math.max(1, updates - 1)));
        }
      } finally {
        loss.free();
      }
    },
    options.averaging,
    { theta: before.model.theta, updates: before.updates },
  );
  const last = { ...model, theta, adam };
  return { model: { ...last, theta: mean }, last, losses };
};
