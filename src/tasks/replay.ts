/**
 * Recorded controls, simulated again.
 *
 * @module
 */
import { advance, advanceLagging } from "./advance.ts";
import { faultError, type TaskFault } from "./fault.ts";
import { joinState, splitState, type StateByParts } from "./simulator.ts";
import { PhysicsDiverged } from "./physics_diverged.ts";
import type { TaskFunction } from "./task_defect.ts";
import { boundObservation, type Task } from "./task.ts";
import { describeThrown } from "./thrown.ts";

/** A state that a replay starts from, by its parts: `{ qpos, qvel }` of a mechanism, `{ state }` of plain arithmetic. */
export type ReplayState = Readonly<Record<string, ArrayLike<number>>>;

/** What follows one action; fresh arrays. */
export interface ReplayStep {
  /** [obs] as Gymnasium observes: within the task's bound, and lagging where its poses do. */
  readonly obs: Float64Array;
  /** As Gymnasium gives it: of lagging poses where it is of poses, as is `terminated`. */
  readonly reward: number;
  /** Of this state alone: it may become healthy again. */
  readonly terminated: boolean;
  /** Whether the time limit is reached. */
  readonly truncated: boolean;
  /** By its parts, as where the replay starts. */
  readonly state: StateByParts;
}

/**
 * (state, actions [T][act]) ⇒ T steps, lazily. Continues after a termination and after the time limit, as Gymnasium
 * does where nobody resets; the caller stops it.
 *
 * Actions reach the simulator and the reward as they were recorded, in the range or not.
 *
 * Throws PhysicsDiverged when the simulation leaves its numbers, TaskDefect where the task's code throws, RangeError when a
 * state or an action has another size than the task's, or an action is not finite.
 *
 * @example
 * ```ts
 * import { getTask } from "./registry.ts";
 * import { replay } from "./replay.ts";
 *
 * const rest = { qpos: [0, 0, 0, 0, 0], qvel: [0, 0, 0, 0, 0] };
 * const rewards = [...replay(getTask("swimmer"), rest, [[0, 0], [1, -1]])].map((step) => step.reward);
 * if (rewards[0] !== 0 || rewards.length !== 2) throw new Error("a swimmer at rest earns nothing");
 * ```
 */
export function* replay(
  task: Task,
  state: ReplayState,
  actions: Iterable<ReadonlyArray<number>>,
): Generator<ReplayStep, void, void> {
  const { simulator } = task, before = joinState(simulator, state, "replay");
  const data = simulator.make(), lagging = simulator.make();
  simulator.write(data, before);
  simulator.read(data, before); // with the parts that were computed
  const action = new Float64Array(task.actionSize);
  let index = 0;
  for (const given of actions) {
    load(action, given, "action");
    refuseNonFinite(action, index);
    const step = take(task, { data, lagging, before, action }, index++);
    simulator.read(data, before);
    yield { ...step, truncated: index >= task.timeLimit, state: splitState(simulator, before) };
  }
}

/** What a replay works on. */
interface Replayed {
  readonly data: unknown;
  readonly lagging: unknown;
  /** [stateSize] */
  readonly before: Float64Array;
  /** [act] */
  readonly action: Float64Array;
}

/** (state, action) ⇒ what follows. Throws PhysicsDiverged, TaskDefect. */
const take = (task: Task, { data, lagging, before, action }: Replayed, step: number) => {
  const { laggingEntries } = task,
    fail = (fault: TaskFault): never => {
      throw faultError(task.name, undefined, fault);
    };
  let during: TaskFunction = "step";
  try {
    const divergence = laggingEntries === undefined
      ? advance(task, data, action)
      : advanceLagging(task, data, action, lagging);
    if (divergence !== null) return fail({ kind: "diverged", step, ...divergence });
    during = "observe";
    const observation = observed(task, data);
    if (laggingEntries !== undefined) replaceEntries(observation, observed(task, lagging), laggingEntries);
    during = "reward";
    const posed = laggingEntries === undefined ? data : lagging, reward = task.reward(before, action, posed);
    during = "terminated";
    return { obs: boundObservation(task, observation), reward, terminated: task.terminated(posed) };
  } catch (error) {
    if (error instanceof PhysicsDiverged) throw error;
    return fail({ kind: "threw", step, during, ...describeThrown(error) });
  }
};

const observed = (task: Task, data: unknown): Float64Array => {
  const out = new Float64Array(task.observationSize);
  task.observe(data, out);
  return out;
};

const replaceEntries = (target: Float64Array, source: Float64Array, entries: ReadonlyArray<number>): void => {
  for (const i of entries) target[i] = source[i]!;
};

const refuseNonFinite = (action: Float64Array, step: number): void => {
  const bad = action.findIndex((x) => !Number.isFinite(x));
  if (bad < 0) return;
  throw new RangeError(`Cannot replay step ${step} as action[${bad}] must be finite: current value is ${action[bad]}`);
};

const load = (target: Float64Array, values: ArrayLike<number>, quantity: string): void => {
  if (values.length !== target.length) {
    throw new RangeError(
      `Cannot replay as the size of ${quantity} must be ${target.length}: current value is ${values.length}`,
    );
  }
  target.set(values);
};
