/**
 * Open-loop prediction: the model or the simulator alone, from a real state, under the actions that were really taken.
 * (task, model, segments) ⇒ (predictions)
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { isSimulator, type Model } from "../data/folds.ts";
import type { ModelParams, SimulatorParams } from "../data/parameters.ts";
import type { Segments } from "../data/training_segments.ts";
import { modelTensors } from "../nn/networks/dynamics.ts";
import type { ImaginedTask } from "../tasks/task.ts";
import { recordedStates, simulatorSteps } from "./simulated_rollout.ts";
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

/** From a divergence on the simulator says what it saw last before, and a reward of 0. Ends are passed over. */
const predictBySimulator = (
  task: ImaginedTask,
  { factors }: SimulatorParams,
  { horizon, count, observation: seen, action, mask, state }: Segments,
): Predictions => {
  const simulated = task.simulation!.at(factors), { observationSize: width, actionSize, simulator } = simulated;
  const { stateSize } = simulator, step = simulatorSteps(simulated);
  const starts = recordedStates(state, count * stateSize);
  const observation = new Float32Array(horizon * count * width), reward = new Float32Array(horizon * count);
  for (let s = 0; s < count; s++) {
    let stands = true, last: ArrayLike<number> = seen.subarray(s * width, (s + 1) * width);
    step.enter(starts.subarray(s * stateSize, (s + 1) * stateSize));
    for (let h = 0, at = s; h < horizon && mask[at] > 0; h++, at += count) {
      const earned: number = stands ? step.take(action, at * actionSize) : NaN;
      stands &&= !Number.isNaN(earned);
      reward[at] = stands ? earned : 0;
      if (stands) last = step.observation.slice();
      observation.set(last, at * width);
    }
  }
  return { observation, reward };
};

/**
 * (task, model, segments) ⇒ (predictions) of each member of the ensemble, or of the simulator alone. No tensor is left
 * behind. Throws StatesUnrecorded where a simulator stands and the segments hold no states.
 */
export const predictOpenLoop = (
  task: ImaginedTask,
  model: Model,
  segments: Segments,
): ReadonlyArray<Predictions> =>
  isSimulator(model)
    ? [predictBySimulator(task, model, segments)]
    : model.members.map((member) => predictBy(task, member, segments));
