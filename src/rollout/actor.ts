/**
 * A policy acting in one environment: the step that collections and continuations share, so that both give the same bits.
 *
 * @module
 */
import type { NormalizerInUse, PolicyParams } from "../data/parameters.ts";
import type { Stream } from "../math/random.ts";
import { makePolicyInference } from "../nn/inference/inference.ts";
import { type Data, makeData, Status } from "../physics/physics.ts";
import { advance } from "../tasks/advance.ts";
import type { Task } from "../tasks/task.ts";

/** All that the future of an environment depends on, besides noise and time limit. */
export interface PhysicsState {
  /** [nq] m, rad */
  readonly qpos: Float64Array;
  /** [nv] m/s, rad/s */
  readonly qvel: Float64Array;
}

/** An environment and the policy that acts in it; owns its scratch. */
export interface Actor {
  readonly data: Data;
  /** [obs] of the present state, not clamped to the task's bound */
  readonly observation: Float64Array;
  /** [act] σ */
  readonly std: Float64Array;
  /** (state) ⇒ the environment stands there. */
  readonly enter: (state: PhysicsState) => void;
  /** Brings `observation` up to date after `data` was changed from outside. */
  readonly observe: () => void;
  /** (ε [.., act] from `at`) ⇒ action [.., act] from `at`: a = μ(s) + σ·ε, not clipped. */
  readonly choose: (noise: Float32Array, action: Float32Array, at: number) => void;
  /**
   * (action [.., act] from `at`, stream of the task's process noise) ⇒ (reward): clips it to the control range, disturbs it
   * where the task does, and steps; NaN for a non-finite state. The reward knows the action alone.
   */
  readonly take: (action: Float32Array, at: number, disturbance: Stream) => number;
}

/** (task, policy, normaliser) ⇒ (actor), in whatever state the physics starts with. */
export const makeActor = (
  task: Task,
  policy: PolicyParams,
  normalizer: NormalizerInUse,
): Actor => {
  const { observationSize, actionSize: na, processNoise = 0 } = task;
  const infer = makePolicyInference(policy, normalizer);
  const std = Float64Array.from(policy.theta.subarray(policy.theta.length - na), Math.exp);
  const data = makeData(task.model);
  const observation = new Float64Array(observationSize), mean = new Float64Array(na), control = new Float64Array(na);
  const applied = processNoise === 0 ? control : new Float64Array(na);
  const observe = () => task.observe(data, observation);
  return {
    data,
    observation,
    std,
    enter: ({ qpos, qvel }) => {
      data.qpos.set(qpos);
      data.qvel.set(qvel);
      observe();
    },
    observe,
    choose: (noise, action, at) => {
      infer(observation, mean);
      for (let j = 0; j < na; j++) action[at + j] = mean[j] + std[j] * noise[at + j];
    },
    take: (action, at, disturbance) => {
      for (let j = 0; j < na; j++) control[j] = Math.min(1, Math.max(-1, action[at + j]));
      if (processNoise > 0) {
        for (let j = 0; j < na; j++) {
          applied[j] = control[j] + processNoise * disturbance.normal();
        }
      }
      const before = task.position(data);
      const status = advance(task, data, applied);
      const reward = task.reward(data, before, control);
      if (status !== Status.ok) return NaN;
      observe();
      return reward;
    },
  };
};
