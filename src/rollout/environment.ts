/**
 * One environment over T steps: the loop that worker and inline samplers share, so that both give the same bits.
 *
 * @module
 */
import type { Batch } from "../data/batch.ts";
import type { Normalizer, PolicyParams } from "../data/parameters.ts";
import { fold, type Key, makeStream } from "../math/random.ts";
import type { Task } from "../tasks/task.ts";
import { makeActor, type PhysicsState } from "./actor.ts";
import type { PhysicsRecord } from "./physics_record.ts";

/** State of one environment between collections. */
export interface EnvironmentState extends PhysicsState {
  /** n, names the random streams */
  readonly index: number;
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
  /** steps since the reset at the first step */
  readonly begin: number;
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
  begin: state.elapsed,
  divergedAt: -1,
});

/**
 * (policy, state, T, key) ⇒ (trajectory).
 *
 *   aₜ = μ(sₜ) + σ·εₜ, clipped to the control range before it acts (as sb3 and CleanRL do); `action` keeps the sample.
 *
 * @param record  takes in the physics state before every step, so that it can be continued from there
 * Fails: never; a non-finite state ends the loop and is named by `divergedAt`.
 */
export const runEnvironment = (
  task: Task,
  policy: PolicyParams,
  normalizer: Normalizer,
  start: EnvironmentState,
  steps: number,
  key: Key,
  record?: PhysicsRecord,
): Trajectory => {
  const { observationSize: no, actionSize: na } = task;
  const out = emptyTrajectory(task, steps, start);
  const noise = makeStream(fold(fold(key, "noise"), start.index));
  const disturbance = makeStream(fold(fold(key, "processNoise"), start.index));
  const resetKey = fold(fold(key, "reset"), start.index);
  const actor = makeActor(task, policy, normalizer), { data, observation } = actor;
  const logStd = policy.theta.subarray(policy.theta.length - na);
  const logNormal = -logStd.reduce((sum, x) => sum + x, 0) - 0.5 * na * Math.log(2 * Math.PI);

  let { elapsed, episodeReturn, resets } = start;
  const reset = () => {
    task.reset(makeStream(fold(resetKey, resets)), data);
    elapsed = 0;
    episodeReturn = 0;
    resets++;
    actor.observe();
  };
  if (resets === 0) reset();
  else actor.enter(start);

  for (let t = 0; t < steps; t++) {
    record?.write(t, data, elapsed);
    out.observation.set(observation, t * no);
    let logProb = logNormal;
    for (let i = t * na; i < (t + 1) * na; i++) {
      const epsilon = Math.fround(noise.normal());
      out.noise[i] = epsilon;
      logProb -= 0.5 * epsilon * epsilon;
    }
    out.logProb[t] = logProb;
    actor.choose(out.noise, out.action, t * na);
    const reward = actor.take(out.action, t * na, disturbance);
    if (!Number.isFinite(reward)) return { ...out, divergedAt: t };
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
  }
  const state = { ...start, qpos: data.qpos.slice(), qvel: data.qvel.slice(), elapsed, episodeReturn, resets };
  return { ...out, state };
};
