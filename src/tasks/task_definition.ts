/**
 * What a task says of itself to `defineTask`.
 *
 * @module
 */
import type { OptionFault, OptionFields } from "../options/options.ts";
import type { ControlRange } from "../math/control_range.ts";
import type { Stream } from "../math/random.ts";
import type { Scene } from "../scene/scene.ts";
import type { Simulator } from "./simulator.ts";
import type { GymnasiumEnvironment, ImaginedTask, KnownReward, Survival, TaskFeatures } from "./task.ts";

/** What a task says for imagined rollouts; all of it may be absent. */
export interface ImaginedDefinition {
  /** Inputs of the networks of the dynamics; default: the observation as it is. */
  readonly features?: TaskFeatures;
  /** The part of the reward that (s, a, s′) determine; default: 0, so that the model learns all of it. */
  readonly knownReward?: KnownReward;
  /** `zero`: `knownReward` is the whole reward, nothing is learned; default: learned. */
  readonly rewardResidual?: ImaginedTask["rewardResidual"];
  /**
   * Conditions of survival in s′. Default: none where the task never ends. A task that gives `terminated` alone can be
   * trained on, but by no estimator that imagines: those refuse it when the program is built.
   */
  readonly survival?: Survival;
}

/** What tasks of either kind say. */
export interface TaskFields<D> {
  /** A letter, then letters, digits, `_` or `-`: as pipeline files write it. */
  readonly name: string;
  /** environment steps */
  readonly timeLimit: number;
  /** Width of an observation. */
  readonly observationSize: number;
  /** [act] what actions are clipped to before they act, each in its own unit; as many as an action is wide. */
  readonly controlRange: ControlRange;
  /** steps of the simulator per environment step; default 1 */
  readonly frameSkip?: number;
  /** return at which the task counts as solved; default: nothing is said of it */
  readonly threshold?: number;
  /** The environment of Gymnasium that it follows; default: none. */
  readonly gymnasium?: GymnasiumEnvironment;
  /** [obs] largest magnitude that policy and value function see; default: no bound. */
  readonly observationBound?: ReadonlyArray<number>;
  /** See `Task.laggingEntries`. */
  readonly laggingEntries?: ReadonlyArray<number>;
  /** (stream) ⇒ `data` at the start of an episode: all of the state, so that equal streams give equal bits. */
  reset(stream: Stream, data: D): void;
  /** (data) ⇒ out [obs], every entry of it; the state stays. */
  observe(data: D, out: Float64Array): void;
  /** (state before the step [stateSize], action [act] clipped to the control range, data after it) ⇒ reward. */
  reward(before: Float64Array, action: Float64Array, after: D): number;
  /** (data) ⇒ whether its state is terminal; default: by `imagined.survival` of the observation, else never. */
  terminated?(data: D): boolean;
  /** What of it can be seen, for `watch` and `render`; default: nothing, it is shown by its numbers. */
  readonly scene?: Scene<D>;
  /** For imagined rollouts. */
  readonly imagined?: ImaginedDefinition;
}

/** A task on a simulator: our physics by `planarSimulator`, or another engine. */
export interface SimulatedTask<D> extends TaskFields<D> {
  /** What moves it. */
  readonly simulator: Simulator<D>;
}

/** A task by plain arithmetic on an array of numbers. */
export interface PlainTask extends TaskFields<Float64Array> {
  /** Numbers of a state, which determine the future. */
  readonly stateSize: number;
  /** s that one step lasts; default 1 */
  readonly timestep?: number;
  /** (state [stateSize], control [act] within the control range) ⇒ state one step later, in place. */
  step(state: Float64Array, control: Float64Array): void;
}

/** What a task on a simulator is beside its name: what `make` of a task with options returns. */
export type TaskParts<D> = Omit<SimulatedTask<D>, "name">;

/** A task that owns options. */
export interface TaskWithOptions<Options, Definition> {
  /** As without options. */
  readonly name: string;
  /** Options by name, made by `option`. None may be called `processNoise`, which every task has. */
  readonly options: OptionFields<Options>;
  /** (options) ⇒ what does not go together, or null; default: everything does. */
  readonly check?: (options: Options) => OptionFault<Options> | null;
  /** (options) ⇒ what the task is with them: sizes may differ, too. */
  readonly make: (options: Options) => Omit<Definition, "name">;
}
