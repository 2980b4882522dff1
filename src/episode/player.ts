/**
 * A policy acting in one environment, step by step, to be looked at.
 *
 * (task, networks, key) ⇒ (state, observation, action, reward, value, poses) of every step
 *
 * It needs neither a tensor library nor Deno, and gives in a browser the bits that it gives here.
 *
 * @module
 */
import type { MlpShape, NormalizerInUse, PolicyParams } from "../data/parameters.ts";
import type { Key } from "../math/random.ts";
import { makePlainInference } from "../nn/inference/plain_inference.ts";
import { type Actions, policyThatActs } from "../rollout/actions.ts";
import { makeActor } from "../rollout/actor.ts";
import { streamsOf } from "../rollout/environment.ts";
import { POSE } from "../scene/scene.ts";
import type { Task } from "../tasks/task.ts";

/** The networks that are looked at. */
export interface Networks {
  /** θ_μ and log σ. */
  readonly policy: PolicyParams;
  /** Of the observations. */
  readonly normalizer: NormalizerInUse;
  /** θ_V; null: no value is shown. */
  readonly value: { readonly shape: MlpShape; readonly theta: Float32Array } | null;
}

/** Which episode is played. */
export interface EpisodeRequest {
  /** Of a collection: `fold(makeKey(seed), "eval")` gives the episodes of `eval --seed`. */
  readonly key: Key;
  /** Number of the environment in it; default: 0. */
  readonly index?: number;
  /** By the mean, or sampled. */
  readonly actions: Actions;
}

/** What one step gave. */
export interface Played {
  /** [act] as the policy chose it, clipped to the control range. */
  readonly action: Float64Array;
  /** Exact. */
  readonly reward: number;
  /** Whether the state after it is terminal. */
  readonly terminated: boolean;
  /** Whether the time limit is reached, and the state is not terminal. */
  readonly truncated: boolean;
}

/** A player, standing in some state of an episode. Arrays are its own and change with every step. */
export interface Player {
  /** [obs] of the present state, not clamped to the task's bound */
  readonly observation: Float64Array;
  /** [stateSize] the present one */
  readonly state: Float64Array;
  /** [solids, 12] where the present state places them; empty where the task has no scene */
  readonly poses: Float64Array;
  /** Steps since the reset. */
  readonly elapsed: () => number;
  /** V of the present state; null where no value function is given. */
  readonly value: () => number | null;
  /** Begins the next episode of its kind: the first one at first. */
  readonly reset: () => void;
  /** One environment step. Throws where the task's code throws or the simulation leaves its numbers. */
  readonly step: () => Played;
  /** (state [stateSize]) ⇒ stands there; the clock goes on. */
  readonly enter: (state: ArrayLike<number>) => void;
}

/** (task, networks) ⇒ (observation) ⇒ V. */
const valueOf = ({ value, normalizer }: Networks): (observation: Float64Array) => number | null => {
  if (value === null) return () => null;
  const infer = makePlainInference({ shape: value.shape, theta: value.theta }, normalizer), out = new Float64Array(1);
  return (observation) => {
    infer(observation, out);
    return out[0];
  };
};

/** (task) ⇒ (state, poses) ⇒ poses of the state, on scratch of its own. */
const placing = (task: Task): (state: Float64Array, poses: Float64Array) => void => {
  const { scene, simulator } = task;
  if (scene === undefined) return () => {};
  const data = simulator.make();
  return (state, poses) => {
    simulator.write(data, state);
    scene.place(data, poses);
  };
};

/** (task) ⇒ numbers of its poses. */
export const posesSize = ({ scene }: Pick<Task, "scene">): number => (scene?.solids.length ?? 0) * POSE;

/** (task, networks, request) ⇒ (player) at the first reset. */
export const makePlayer = (task: Task, networks: Networks, { key, index = 0, actions }: EpisodeRequest): Player => {
  const { actionSize: na, controlRange, timeLimit, simulator } = task;
  const actor = makeActor(task, policyThatActs(networks.policy, na, actions), networks.normalizer);
  const valueAt = valueOf(networks), place = placing(task), streams = streamsOf(key, index);
  const state = new Float64Array(simulator.stateSize), poses = new Float64Array(posesSize(task));
  const noise = new Float32Array(na), sample = new Float32Array(na), action = new Float64Array(na);
  let elapsed = 0, episodes = 0;
  const settle = () => {
    actor.read(state);
    place(state, poses);
  };
  const reset = () => {
    actor.reset(streams.reset(episodes++));
    elapsed = 0;
    settle();
  };
  const step = (): Played => {
    for (let i = 0; i < na; i++) noise[i] = streams.noise.normal();
    actor.choose(noise, sample, 0);
    for (let i = 0; i < na; i++) action[i] = Math.min(controlRange[i][1], Math.max(controlRange[i][0], sample[i]));
    const reward = actor.take(sample, 0, streams.disturbance);
    elapsed++;
    settle();
    const terminated = actor.terminated();
    return { action, reward, terminated, truncated: !terminated && elapsed >= timeLimit };
  };
  const enter = (there: ArrayLike<number>) => {
    actor.enter(there);
    settle();
  };
  reset();
  const value = () => valueAt(actor.observation);
  return { observation: actor.observation, state, poses, elapsed: () => elapsed, value, reset, step, enter };
};
