/**
 * Open-loop prediction: the model alone, from a real state, under the actions that were really taken.
 * (task, model, segments) ⇒ (predictions)
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { Ensemble } from "../data/folds.ts";
import type { ModelParams } from "../data/parameters.ts";
import type { Segments } from "../data/training_segments.ts";
import { modelTensors } from "../nn/networks/dynamics.ts";
import type { ImaginedTask } from "../tasks/task.ts";
import { imaginedStep } from "./world.ts";

/** What the model says of each step. */
export interface Predictions {
  /** [H, n, obs] after the step */
  readonly observation: Float32Array;
  /** [H, n] */
  readonly reward: Float32Array;
}

const predictBy = (
  task: ImaginedTask,
  model: ModelParams,
  { horizon, count, observation, action }: Segments,
): Predictions => {
  const [width, actionSize] = [observation.length / (horizon + 1) / count, action.length / horizon / count];
  const predicted = {
    observation: new Float32Array(horizon * count * width),
    reward: new Float32Array(horizon * count),
  };
  tf.tidy(() => {
    const world = { task, model, dynamics: modelTensors(model) };
    let state = tf.tensor2d(observation.subarray(0, count * width), [count, width]);
    for (let h = 0; h < horizon; h++) {
      const taken = action.subarray(h * count * actionSize, (h + 1) * count * actionSize);
      const { next, reward } = imaginedStep(world, state, tf.tensor2d(taken, [count, actionSize]), "hard");
      predicted.observation.set(next.dataSync(), h * count * width);
      predicted.reward.set(reward.dataSync(), h * count);
      state = next;
    }
  });
  return predicted;
};

/** (task, model, segments) ⇒ (predictions) of each member of the ensemble. No tensor is left behind. */
export const predictOpenLoop = (
  task: ImaginedTask,
  model: Ensemble<ModelParams>,
  segments: Segments,
): ReadonlyArray<Predictions> => model.members.map((member) => predictBy(task, member, segments));
