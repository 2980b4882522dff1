/**
 * One environment over T steps: the loop that worker and inline samplers share, so that both give the same bits.
 *
 * @module
 */
import type { Batch } from "../data/batch.ts";
import type { Normalizer, PolicyParams } from "../data/parameters.ts";
import { fold, type Key, makeStream, type Stream } from "../math/random.ts";
import type { TaskFault } from "../tasks/fault.ts";
import type { Task } from "../tasks/task.ts";
import { type Actor, makeActor } from "./actor.ts";
import { makeStateRecord, type StateRecord } from "./state_record.ts";
import { faultAt } from "./stopped.ts";

/** State of one environment between collections. */
export interface EnvironmentState {
  /** [stateSize] */
  readonly state: Float64Array;
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

/** An episode that ended. */
interface Episode {
  /** t of its last step */
  readonly end: number;
  readonly return: number;
  readonly length: number;
}

/** Transitions of one environment, and where it stands afterwards. */
export interface Trajectory extends Transitions {
  readonly episodes: ReadonlyArray<Episode>;
  readonly state: EnvironmentState;
  /** steps since the reset at the first step */
  readonly begin: number;
  /** [T, state] before each step; absent: nobody asked for them */
  readonly states?: Float64Array;
  /** what stopped the task; null: nothing did */
  readonly fault: TaskFault | null;
}

/** A trajectory as it fills. */
interface OpenTrajectory extends Trajectory {
  readonly episodes: Episode[];
}

const emptyTrajectory = (task: Task, steps: number, state: EnvironmentState): OpenTrajectory => ({
  observation: new Float32Array(steps * task.observationSize),
  nextObservation: new Float32Array(steps * task.observationSize),
  action: new Float32Array(steps * task.actionSize),
  noise: new Float32Array(steps * task.actionSize),
  logProb: new Float32Array(steps),
  reward: new Float32Array(steps),
  terminated: new Uint8Array(steps),
  truncated: new Uint8Array(steps),
  episodes: [],
  state,
  begin: state.elapsed,
  fault: null,
});

/** Where an episode stands. */
interface Clock {
  elapsed: number;
  episodeReturn: number;
  resets: number;
}

/** Random streams of one environment. */
export interface Streams {
  /** Of ε. */
  readonly noise: Stream;
  /** Of the task's process noise. */
  readonly disturbance: Stream;
  /** (episodes begun) ⇒ the stream of the next reset. */
  readonly reset: (resets: number) => Stream;
}

/** (key of a collection, n) ⇒ the streams of its environment n. */
export const streamsOf = (key: Key, index: number): Streams => ({
  noise: makeStream(fold(fold(key, "noise"), index)),
  disturbance: makeStream(fold(fold(key, "processNoise"), index)),
  reset: (resets) => makeStream(fold(fold(fold(key, "reset"), index), resets)),
});

const begin = (actor: Actor, clock: Clock, { reset }: Streams): void => {
  actor.reset(reset(clock.resets));
  clock.elapsed = 0;
  clock.episodeReturn = 0;
  clock.resets++;
};

/** (log π of a mean action, t) ⇒ ε of step t into `out`, and its log density. */
const drawNoise = (out: Trajectory, t: number, na: number, logNormal: number, { noise }: Streams): void => {
  let logProb = logNormal;
  for (let i = t * na; i < (t + 1) * na; i++) {
    const epsilon = Math.fround(noise.normal());
    out.noise[i] = epsilon;
    logProb -= 0.5 * epsilon * epsilon;
  }
  out.logProb[t] = logProb;
};

/** One step: fills row t, and resets where an episode ended. */
const stepOnce = (task: Task, actor: Actor, out: OpenTrajectory, t: number, clock: Clock, streams: Streams): void => {
  const { observationSize: no, actionSize: na } = task;
  out.observation.set(actor.observation, t * no);
  actor.choose(out.noise, out.action, t * na);
  const reward = actor.take(out.action, t * na, streams.disturbance);
  out.nextObservation.set(actor.observation, t * no);
  out.reward[t] = reward;
  clock.elapsed++;
  clock.episodeReturn += reward;
  const terminated = actor.terminated();
  const truncated = !terminated && clock.elapsed >= task.timeLimit;
  if (!terminated && !truncated) return;
  out.terminated[t] = terminated ? 1 : 0;
  out.truncated[t] = truncated ? 1 : 0;
  out.episodes.push({ end: t, return: clock.episodeReturn, length: clock.elapsed });
  begin(actor, clock, streams);
};

/**
 * (policy, state, T, key) ⇒ (trajectory).
 *
 *   aₜ = μ(sₜ) + σ·εₜ, clipped to the control range before it acts (as sb3 and CleanRL do); `action` keeps the sample.
 *
 * @param record  takes in the state before every step, so that it can be continued from there; where a simulator imagines
 *                the task, there is one of its own
 * Fails: never; a fault of the task ends the loop and is told by `fault`.
 */
export const runEnvironment = (
  task: Task,
  policy: PolicyParams,
  normalizer: Normalizer,
  start: EnvironmentState,
  steps: number,
  key: Key,
  record?: StateRecord,
): Trajectory => {
  const { actionSize: na } = task, out = emptyTrajectory(task, steps, start);
  const streams = streamsOf(key, start.index), actor = makeActor(task, policy, normalizer);
  const logStd = policy.theta.subarray(policy.theta.length - na);
  const logNormal = -logStd.reduce((sum, x) => sum + x, 0) - 0.5 * na * Math.log(2 * Math.PI);
  const states = task.imagined.simulation === undefined ? record : record ?? makeStateRecord(task, steps);
  const { elapsed, episodeReturn, resets } = start, clock: Clock = { elapsed, episodeReturn, resets };
  let t = 0;
  try {
    if (resets === 0) begin(actor, clock, streams);
    else actor.enter(start.state);
    for (; t < steps; t++) {
      states?.write(t, actor, clock.elapsed);
      drawNoise(out, t, na, logNormal, streams);
      stepOnce(task, actor, out, t, clock, streams);
    }
  } catch (error) {
    return { ...out, fault: faultAt(error, t) };
  }
  const state = new Float64Array(task.simulator.stateSize);
  actor.read(state);
  return { ...out, ...(states === undefined ? {} : { states: states.states }), state: { ...start, ...clock, state } };
};
