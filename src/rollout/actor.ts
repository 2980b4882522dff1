/**
 * A policy acting in one environment: the step that collections and continuations share, so that both give the same bits.
 *
 * @module
 */
import type { NormalizerInUse, PolicyParams } from "../data/parameters.ts";
import { clipControl } from "../math/control_range.ts";
import type { Stream } from "../math/random.ts";
import { makePolicyInference } from "../nn/inference/inference.ts";
import { advance } from "../tasks/advance.ts";
import type { Task } from "../tasks/task.ts";
import { guarded, stopDiverged, stopNonFinite } from "./stopped.ts";

/** An environment and the policy that acts in it; owns its scratch. A fault of the task is thrown: see `faultAt`. */
export interface Actor {
  /** [obs] of the present state, not clamped to the task's bound */
  readonly observation: Float64Array;
  /** [act] σ */
  readonly std: Float64Array;
  /** (state [stateSize]) ⇒ the environment stands there. */
  readonly enter: (state: ArrayLike<number>) => void;
  /** (stream) ⇒ the environment stands at the start of an episode. */
  readonly reset: (stream: Stream) => void;
  /** (state [stateSize]) ← where the environment stands. */
  readonly read: (state: Float64Array) => void;
  /** (ε [.., act] from `at`) ⇒ action [.., act] from `at`: a = μ(s) + σ·ε, not clipped. */
  readonly choose: (noise: Float32Array, action: Float32Array, at: number) => void;
  /**
   * (action [.., act] from `at`, stream of the task's process noise) ⇒ (reward): clips it to the control range, disturbs it
   * where the task does, and steps. The reward knows the clipped action alone.
   */
  readonly take: (action: Float32Array, at: number, disturbance: Stream) => number;
  /** Whether the present state is terminal. */
  readonly terminated: () => boolean;
}

/** (task) ⇒ (control [act], stream) ⇒ the control that acts: disturbed, then within the range again. */
const makeDisturb = ({ controlRange, processNoise = 0 }: Task) => {
  const applied = new Float64Array(controlRange.length);
  const deviation = controlRange.map(([low, high]) => processNoise * (0.5 * (high - low)));
  return (control: Float64Array, stream: Stream): Float64Array => {
    if (processNoise === 0) return control;
    for (let j = 0; j < applied.length; j++) applied[j] = control[j] + deviation[j] * stream.normal();
    clipControl(controlRange, applied, 0, applied);
    return applied;
  };
};

/** (task, policy, normaliser) ⇒ (actor), in whatever state the simulator starts with. */
export const makeActor = (
  task: Task,
  policy: PolicyParams,
  normalizer: NormalizerInUse,
): Actor => {
  const { simulator, observationSize, actionSize: na, controlRange } = task;
  const infer = makePolicyInference(policy, normalizer), disturb = makeDisturb(task);
  const std = Float64Array.from(policy.theta.subarray(policy.theta.length - na), Math.exp);
  const data = simulator.make(), before = new Float64Array(simulator.stateSize);
  const observation = new Float64Array(observationSize), mean = new Float64Array(na), control = new Float64Array(na);
  const observe = () => {
    observation.fill(NaN); // an entry that the task leaves out is seen
    guarded("observe", () => task.observe(data, observation));
    stopNonFinite("observation", observation);
  };
  return {
    observation,
    std,
    enter: (state) => {
      simulator.write(data, state);
      observe();
    },
    reset: (stream) => {
      guarded("reset", () => task.reset(stream, data));
      observe();
    },
    read: (state) => simulator.read(data, state),
    choose: (noise, action, at) => {
      infer(observation, mean);
      for (let j = 0; j < na; j++) action[at + j] = mean[j] + std[j] * noise[at + j];
    },
    take: (action, at, disturbance) => {
      clipControl(controlRange, action, at, control);
      simulator.read(data, before);
      stopNonFinite("action", control);
      const applied = disturb(control, disturbance);
      const divergence = guarded("step", () => advance(task, data, applied));
      if (divergence !== null) stopDiverged(divergence);
      const reward = guarded("reward", () => task.reward(before, control, data));
      if (!Number.isFinite(reward)) stopDiverged({ quantity: "reward", value: reward, limit: "finite" });
      observe();
      return reward;
    },
    terminated: () => guarded("terminated", () => task.terminated(data)),
  };
};
