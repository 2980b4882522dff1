/**
 * The contract of a task: a compiled physics model with Gymnasium v5's observation, reward, termination, reset, frame
 * skip and time limit, and its differentiable counterpart for imagined rollouts.
 *
 * @module
 */
import type { Data, Model } from "../physics/physics.ts";
import type { Algebra } from "../math/algebra.ts";
import type { Stream } from "../math/random.ts";

export type { Algebra };

/** One condition of staying alive: positive while it holds. `width` is the margin over which it becomes soft. */
export interface SurvivalMargin<T> {
  /** Positive while the condition holds. */
  readonly margin: T;
  /** Margin over which it becomes soft. */
  readonly width: number;
}

/** The task as imagined rollouts see it: functions of observations and actions (clipped to the control range) alone. */
export interface ImaginedTask {
  /** Columns of network inputs made from the columns of an observation, for instance sines and cosines of angles. */
  readonly features: <T>(algebra: Algebra<T>, observation: ReadonlyArray<T>) => ReadonlyArray<T>;
  /** Number of columns that `features` returns. */
  readonly featureSize: number;
  /** The part of the reward that (s, a, s′) determine. */
  readonly knownReward: <T>(
    algebra: Algebra<T>,
    observation: ReadonlyArray<T>,
    action: ReadonlyArray<T>,
    nextObservation: ReadonlyArray<T>,
  ) => T;
  /** Whether the exact reward minus `knownReward` has to be learned (forward reward) or is zero (Reacher). */
  readonly rewardResidual: "learned" | "zero";
  /** Conditions of survival in s′; empty where nothing terminates. Terminated when any margin is ≤ 0. */
  readonly survival: <T>(algebra: Algebra<T>, nextObservation: ReadonlyArray<T>) => ReadonlyArray<SurvivalMargin<T>>;
}

/** A task. Physics `Data` is mutable scratch that the caller owns. */
export interface Task {
  /** Name, as pipeline files write it. */
  readonly name: string;
  /** Compiled physics. */
  readonly model: Model;
  /** physics steps per environment step */
  readonly frameSkip: number;
  /** environment steps */
  readonly timeLimit: number;
  /** Width of an observation. */
  readonly observationSize: number;
  /** Width of an action. */
  readonly actionSize: number;
  /** return of the paper's Table 1 */
  readonly threshold: number;
  /** (stream) ⇒ (qpos, qvel) of `data`, distributed as Gymnasium's `reset_model`. */
  readonly reset: (stream: Stream, data: Data) => void;
  /** (qpos, qvel) ⇒ out [obs], as recorded in batches and seen by the dynamics: not clamped to `observationBound`. */
  readonly observe: (data: Data, out: Float64Array) => void;
  /**
   * [obs] largest magnitude that policy, value function and critic see of each entry, Infinity where there is none;
   * absent: none anywhere. Gymnasium's observation is the clamped one (`boundObservation`).
   */
  readonly observationBound?: ReadonlyArray<number>;
  /**
   * Entries of the observation that Gymnasium computes from MuJoCo's poses, which lag behind (qpos, qvel) by most of a
   * physics step, and its reward with them; absent: none. `replay` shows them so, a batch as they are at (qpos, qvel).
   */
  readonly laggingEntries?: ReadonlyArray<number>;
  /** (qpos) ⇒ forward position in m that the reward compares before and after a step; 0 where it needs none. */
  readonly position: (data: Data) => number;
  /** (state after the step, position before it in m, action [act]) ⇒ exact reward. */
  readonly reward: (data: Data, positionBefore: number, action: Float64Array) => number;
  /** (qpos, qvel) ⇒ whether this state is terminal. */
  readonly terminated: (data: Data) => boolean;
  /** The differentiable counterpart. */
  readonly imagined: ImaginedTask;
  /**
   * Standard deviation of the Gaussian disturbance of every control, of which neither policy nor reward knows, unitless
   * (controls lie within ± 1); absent: none, as Gymnasium's tasks are.
   */
  readonly processNoise?: number;
}

/** (observation [obs] as the task observes) ⇒ ([obs]), fresh: what Gymnasium observes, and what policy and value see. */
export const boundObservation = (
  { observationBound }: Pick<Task, "observationBound">,
  observation: ArrayLike<number>,
): Float64Array =>
  Float64Array.from(observation, (x, i) => {
    const most = observationBound?.[i] ?? Infinity;
    return Math.min(most, Math.max(-most, x));
  });

/** What a pipeline may change about its task. */
export interface TaskOptions {
  /** Standard deviation of the disturbance of every control; 0: none. */
  readonly processNoise: number;
}

/** (task, options) ⇒ (task): the same one where nothing changes. */
export const withTaskOptions = (task: Task, { processNoise }: TaskOptions): Task =>
  processNoise === 0 ? task : { ...task, processNoise };
