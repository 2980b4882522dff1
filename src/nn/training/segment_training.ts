/**
 * Fitting the dynamics on segments.
 *
 * @module
 */
import type { ModelParams } from "../../data/parameters.ts";
import type { FeatureProgram } from "../networks/dynamics.ts";
import type { ModelMean, ModelSegments, ModelTrainOptions, TrainedModel } from "./dynamics_fit.ts";
import { mlpEngine } from "../passes/mlp_engine.ts";
import { trainPlaced } from "./network_training.ts";
import { openHalvedLoss } from "./halved_loss.ts";

/** How a model is trained on segments. */
export interface SegmentTrainOptions extends ModelTrainOptions {
  /** segments an update */
  readonly batchSize: number;
  /** H */
  readonly horizon: number;
}

/** (n, number of the draw) ⇒ (n segments of H steps). */
export type DrawSegments = (count: number, draw: number) => ModelSegments;

/** Updates whose transitions are drawn together. */
export const GROUP = 64;

/**
 * (model, draw, options, features, mean so far) ⇒ (model, loss of every update): Adam on the H-step loss. Transitions are
 * drawn for many updates at a time, longer segments for one. Fails: `OutOfMemory`, with nothing left behind.
 */
export const trainOnSegments = (
  model: ModelParams,
  draw: DrawSegments,
  options: SegmentTrainOptions,
  features: FeatureProgram,
  before: ModelMean = { model, updates: 0 },
): TrainedModel => {
  const { passes } = mlpEngine();
  const { updates, batchSize, horizon, learningRate, decay } = options;
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
      const loss = openHalvedLoss(passes, model, inputs, training, { rows: batchSize, horizon }, options);
      try {
        for (let i = 0; i < updates; i++) {
          if (i > 0 && i % group === 0) segments = drawFor(i);
          losses[i] = loss.gradientOf({ segments, first: i % group * batchSize, count: batchSize });
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
