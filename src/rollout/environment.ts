/**
 * One environment over T steps: the loop that worker and inline samplers share, so that both give the same bits.
 *
 * @module
 */
import type { Batch } from "../data/batch.ts";
import type { Normalizer, PolicyParams } from "../data/parameters.ts";
import { fold, type Key, makeStream } from "../math/random.ts";
import { makePolicyInference } from "../nn/inference.ts";
import { makeData, Status } from "../physics/physics.ts";
import { advance } from "../tasks/advance.ts";
import type { Task } from "../tasks/task.ts";

/** State of one environment between collections. */
export interface EnvironmentState {
  /** n, names the random streams */
  readonly index: number;
  /** [nq] */
  readonly qpos: Float64Array;
  /** [nv] */
  readonly qvel: Float64Array;
  /** steps since the reset */
  readonly elapsed: number;
  /** reward since the reset */
  readonly episodeReturn: number;
  /** episodes begun */
  readonly resets: number;
}

/** Arrays of a batch that one environment fills, with N = 1. */
type Transitions = Pick<
  Batch,
  "observation" | "nextObservation" | "action" | "noise" | "logProb" | "reward" | "terminated" | "truncated"
>;

/** Transitions of one environment, and where it stands afterwards. */
export interface Trajectory extends Transitions {
  readonly episodes: ReadonlyArray<{ readonly end: number; readonly return: number; readonly length: number }>;
  readonly state: EnvironmentState;
  /** first step with a non-finite state, or −1 */
  readonly divergedAt: number;
}

const emptyTrajectory = (task: Task, steps: number, state: EnvironmentState) => ({
  observation: new Float32Array(steps * task.observationSize),
  nextObservation: new Float32Array(steps * task.observationSize),
  action: new Float32Array(steps * task.actionSize),
  noise: new Float32Array(steps * task.actionSize),
  logProb: new Float32Array(steps),
  reward: new Float32Array(steps),
  terminated: new Uint8Array(steps),
  truncated: new Uint8Array(steps),
  episodes: [] as Array<{ end: number; return: number; length: number }>,
  state,
  divergedAt: -1,
});

/**
 * (policy, state, T, key) ⇒ (trajectory).
 *
 *   aₜ = μ(sₜ) + σ·εₜ, clipped to the control range before it acts (as sb3 and CleanRL do); `action` keeps the sample.
 *
 * Fails: never; a non-finite state ends the loop and is named by `divergedAt`.
 */
export const runEnvironment = (
  task: Task,
  policy: PolicyParams,
  normalizer: Normalizer,
  start: EnvironmentState,
  steps: number,
  key: Key,
): Trajectory => {
  const { observationSize: no, actionSize: na } = task;
  const out = emptyTrajectory(task, steps, start);
  const noise = makeStream(fold(fold(key, "noise"), start.index));
  const resetKey = fold(fold(key, "reset"), start.index);
  const infer = makePolicyInference(policy, normalizer);
  const logStd = policy.theta.subarray(policy.theta.length - na);
  const std = Float64Array.from(logStd, Math.exp);
  const logNormal = -logStd.reduce((sum, x) => sum + x, 0) - 0.5 * na * Math.log(2 * Math.PI);
  const data = makeData(task.model);
  const observation = new Float64Array(no), mean = new Float64Array(na), control = new Float64Array(na);

  let { elapsed, episodeReturn, resets } = start;
  const reset = () => {
    task.reset(makeStream(fold(resetKey, resets)), data);
    elapsed = 0;
    episodeReturn = 0;
    resets++;
  };
  if (resets === 0) reset();
  else {
    data.qpos.set(start.qpos);
    data.qvel.set(start.qvel);
  }
  task.observe(data, observation);

  for (let t = 0; t < steps; t++) {
    out.observation.set(observation, t * no);
    infer(observation, mean);
    let logProb = logNormal;
    for (let j = 0; j < na; j++) {
      const epsilon = Math.fround(noise.normal());
      const action = Math.fround(mean[j] + std[j] * epsilon);
      out.noise[t * na + j] = epsilon;
      out.action[t * na + j] = action;
      control[j] = Math.min(1, Math.max(-1, action));
      logProb -= 0.5 * epsilon * epsilon;
    }
    out.logProb[t] = logProb;
    const before = task.position(data);
    const status = advance(task, data, control);
    const reward = task.reward(data, before, control);
    if (status !== Status.ok || !Number.isFinite(reward)) return { ...out, divergedAt: t };
    task.observe(data, observation);
    out.nextObservation.set(observation, t * no);
    out.reward[t] = reward;
    elapsed++;
    episodeReturn += reward;
    const terminated = task.terminated(data);
    const truncated = !terminated && elapsed >= task.timeLimit;
    if (!terminated && !truncated) continue;
    out.terminated[t] = terminated ? 1 : 0;
    out.truncated[t] = truncated ? 1 : 0;
    out.episodes.push({ end: t, return: episodeReturn, length: elapsed });
    reset();
    task.observe(data, observation);
  }
  const state = { ...start, qpos: data.qpos.slice(), qvel: data.qvel.slice(), elapsed, episodeReturn, resets };
  return { ...out, state };
};
