/**
 * The contract of a task: what it is reset to, how it moves, what is observed and rewarded, when it ends, and its
 * differentiable counterpart for imagined rollouts. `defineTask` makes one.
 *
 * @module
 */
import type { Algebra } from "../math/algebra.ts";
import type { ControlRange } from "../math/control_range.ts";
import type { Stream } from "../math/random.ts";
import type { Scene } from "../scene/scene.ts";
import type { Robot } from "./robot/robot.ts";
import type { Simulation } from "./simulation.ts";
import type { Simulator } from "./simulator.ts";
import type { TaskConfiguration } from "./task_options.ts";

export type { Algebra, ControlRange };

/** One condition of staying alive: positive while it holds. `width` is the margin over which it becomes soft. */
export interface SurvivalMargin<T> {
  /** Positive while the condition holds. */
  readonly margin: T;
  /** Margin over which it becomes soft. */
  readonly width: number;
}

/** Columns of network inputs made from the columns of an observation, for instance sines and cosines of angles. */
export type TaskFeatures = <T>(algebra: Algebra<T>, observation: ReadonlyArray<T>) => ReadonlyArray<T>;

/** The part of the reward that (s, a, s′) determine. */
export type KnownReward = <T>(
  algebra: Algebra<T>,
  observation: ReadonlyArray<T>,
  action: ReadonlyArray<T>,
  nextObservation: ReadonlyArray<T>,
) => T;

/** Conditions of survival in s′; empty where nothing terminates. Terminated when any margin is ≤ 0. */
export type Survival = <T>(algebra: Algebra<T>, nextObservation: ReadonlyArray<T>) => ReadonlyArray<SurvivalMargin<T>>;

/** The task as imagined rollouts see it: functions of observations and actions (clipped to the control range) alone. */
export interface ImaginedTask {
  /** Columns of network inputs made from the columns of an observation. */
  readonly features: TaskFeatures;
  /** Number of columns that `features` returns. */
  readonly featureSize: number;
  /** The part of the reward that (s, a, s′) determine. */
  readonly knownReward: KnownReward;
  /** Whether the exact reward minus `knownReward` has to be learned (forward reward) or is zero (Reacher). */
  readonly rewardResidual: "learned" | "zero";
  /** Conditions of survival in s′; `unknownSurvival` where the task does not say how its ends are seen in observations. */
  readonly survival: Survival;
  /** [act] what actions are clipped to; absent: ±1 everywhere. */
  readonly controlRange?: ControlRange;
  /** What steps imagined rollouts in place of a learned model (`simulatedBy`); absent: a model does. */
  readonly simulation?: Simulation;
}

/** An environment of Gymnasium. */
export interface GymnasiumEnvironment {
  /** As `gymnasium.make` takes it; another name of the task. */
  readonly id: string;
  /** Its `reward_threshold`; absent: it has none. */
  readonly threshold?: number;
}

/**
 * A task. `D` is the mutable scratch of its simulator, which the caller owns; nobody above the task looks into it, which is
 * why a task of any `D` counts as a `Task`.
 */
export interface Task<D = unknown> {
  /** Name, as pipeline files write it. */
  readonly name: string;
  /** What moves it. */
  readonly simulator: Simulator<D>;
  /** steps of the simulator per environment step */
  readonly frameSkip: number;
  /** environment steps */
  readonly timeLimit: number;
  /** Width of an observation. */
  readonly observationSize: number;
  /** Width of an action. */
  readonly actionSize: number;
  /** [act] what actions are clipped to before they act, each in its own unit. */
  readonly controlRange: ControlRange;
  /** return at which the task counts as solved; absent: nothing is said of it */
  readonly threshold?: number;
  /** The environment of Gymnasium that it follows; absent: none. */
  readonly gymnasium?: GymnasiumEnvironment;
  /** (stream) ⇒ `data` at the start of an episode; equal streams give equal bits, whatever it held before. */
  reset(stream: Stream, data: D): void;
  /** (data) ⇒ out [obs], as recorded in batches and seen by the dynamics: not clamped to `observationBound`. */
  observe(data: D, out: Float64Array): void;
  /**
   * [obs] largest magnitude that policy, value function and critic see of each entry, Infinity where there is none;
   * absent: none anywhere. Gymnasium's observation is the clamped one (`boundObservation`).
   */
  readonly observationBound?: ReadonlyArray<number>;
  /**
   * Entries of the observation that Gymnasium computes from MuJoCo's poses, which lag behind the state by most of a physics
   * step, and its reward and terminations with them, be there such entries or not; absent: nothing is of poses. `replay` shows
   * them so, a batch as they are in its states.
   */
  readonly laggingEntries?: ReadonlyArray<number>;
  /** (state before the step [stateSize], action [act] clipped to the control range, data after it) ⇒ exact reward. */
  reward(before: Float64Array, action: Float64Array, after: D): number;
  /** (data) ⇒ whether its state is terminal. */
  terminated(data: D): boolean;
  /** What of it can be seen; absent: it is shown by its numbers alone. */
  readonly scene?: Scene<D>;
  /** The differentiable counterpart. */
  readonly imagined: ImaginedTask;
  /**
   * Standard deviation of the Gaussian disturbance of every control, of which neither policy nor reward knows, in halves of
   * the control's range (controls lie within ±1 of them); absent: none, as Gymnasium's tasks are. The disturbed control is
   * clipped to the range.
   */
  readonly processNoise?: number;
  /** The options that it owns, their values, and how it is made with others; absent: it owns none. */
  // deno-lint-ignore no-explicit-any
  readonly configuration?: TaskConfiguration<any>;
  /** What it was made of, where it is a robot of one's own: a worker is sent this. */
  readonly robot?: Robot;
  /** Addresses of the modules that export the task; absent: it is built in, or made where it runs. */
  readonly modules?: ReadonlyArray<string>;
  /** The task as these modules export it; absent: this one. */
  readonly exported?: Task;
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

/** (task, addresses of the modules that export it) ⇒ (task), which workers find there. */
export const withModules = <D>(task: Task<D>, modules: ReadonlyArray<string>): Task<D> => ({
  ...task,
  modules,
  exported: task as Task,
});
