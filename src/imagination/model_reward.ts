/**
 * Which part of the reward is known in imagination and which part the model learns.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs";
import { type Algebra, float64Algebra } from "../math/algebra.ts";
import { clipControl, unitRange } from "../math/control_range.ts";
import type { Batch } from "../data/batch.ts";
import type { ModelParams } from "../data/parameters.ts";

import { record } from "../nn/passes/column_program.ts";
import type { FeatureProgram, Features } from "../nn/networks/dynamics.ts";
import { columns, fromColumns, tensorAlgebra } from "../nn/passes/tensor_algebra.ts";
import type { ImaginedTask } from "../tasks/task.ts";

/** known: what the task says of the reward is exact, the model learns the rest; learned: it learns all of it. */
export type RewardKind = ModelParams["reward"];

/** (task, reward) ⇒ the task with that part of its reward known. */
export const withReward = (task: ImaginedTask, reward: RewardKind): ImaginedTask =>
  reward === "known"
    ? task
    : { ...task, knownReward: <T>(algebra: Algebra<T>) => algebra.constant(0), rewardResidual: "learned" };

/** (task) ⇒ number of reward outputs of the model, 0 or 1. */
export const rewardOutputs = (task: ImaginedTask): number => (task.rewardResidual === "learned" ? 1 : 0);

/** (task) ⇒ the model's inputs made from observations, on tensors and as a program. */
export const featuresOf = (task: ImaginedTask): Features & FeatureProgram =>
  Object.assign(
    (observation: tf.Tensor2D) => fromColumns(task.features(tensorAlgebra, columns(observation))),
    {
      program: (size: number) => record(size, (algebra, s) => task.features(algebra, s)),
      controlRange: task.controlRange,
    },
  );

const residuals = new WeakMap<Batch, { readonly task: ImaginedTask; readonly residual: Float32Array }>();

/** (task, batch) ⇒ reward minus its known part [T, N], in float64; remembered as long as the batch is. */
export const residualOf = (task: ImaginedTask, batch: Batch): Float32Array => {
  const known = residuals.get(batch);
  if (known?.task === task) return known.residual;
  const { observationSize: no, actionSize: na } = batch;
  const range = task.controlRange ?? unitRange(na), clipped = new Float64Array(na);
  const s = new Array<number>(no).fill(0), next = s.slice(), control = new Array<number>(na).fill(0);
  const residual = batch.reward.map((reward, i) => {
    clipControl(range, batch.action, i * na, clipped);
    for (let j = 0; j < na; j++) control[j] = clipped[j];
    for (let j = 0; j < no; j++) {
      s[j] = batch.observation[i * no + j];
      next[j] = batch.nextObservation[i * no + j];
    }
    return reward - task.knownReward(float64Algebra, s, control, next);
  });
  residuals.set(batch, { task, residual });
  return residual;
};
