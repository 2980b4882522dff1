/**
 * Which part of the reward is known in imagination and which part the model learns.
 *
 * @module
 */
import { type Algebra, float64Algebra } from "../math/algebra.ts";
import type { ModelParams } from "../data/parameters.ts";
import type { Segments } from "../data/segments.ts";
import type { Features } from "../nn/dynamics.ts";
import { columns, fromColumns, tensorAlgebra } from "../nn/tensor_algebra.ts";
import type { ImaginedTask } from "../tasks/task.ts";

/** known: what observations and actions determine is exact, the model learns the rest; learned: it learns all of it. */
export type RewardKind = ModelParams["reward"];

/** (task, reward) ⇒ the task with that part of its reward known. */
export const withReward = (task: ImaginedTask, reward: RewardKind): ImaginedTask =>
  reward === "known"
    ? task
    : { ...task, knownReward: <T>(algebra: Algebra<T>) => algebra.constant(0), rewardResidual: "learned" };

/** (task) ⇒ number of reward outputs of the model, 0 or 1. */
export const rewardOutputs = (task: ImaginedTask): number => (task.rewardResidual === "learned" ? 1 : 0);

/** (task) ⇒ the model's inputs made from observations, on tensors. */
export const featuresOf = (task: ImaginedTask): Features => (observation) =>
  fromColumns(task.features(tensorAlgebra, columns(observation)));

/** (task, segments) ⇒ reward minus its known part [H, n], in float64; empty where the model learns none. */
export const residualOf = (task: ImaginedTask, segments: Segments): Float32Array => {
  if (task.rewardResidual === "zero") return new Float32Array(0);
  const { count, horizon } = segments;
  const no = segments.observation.length / ((horizon + 1) * count), na = segments.action.length / (horizon * count);
  const clip = (a: number) => Math.min(1, Math.max(-1, a));
  return segments.reward.map((reward, i) => {
    const row = (array: Float32Array, at: number, width: number) =>
      Array.from(array.subarray(at * width, (at + 1) * width));
    const s = row(segments.observation, i, no), next = row(segments.observation, i + count, no);
    return reward - task.knownReward(float64Algebra, s, row(segments.action, i, na).map(clip), next);
  });
};
