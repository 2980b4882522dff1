/**
 * Recorded controls, simulated again.
 *
 * @module
 */
import { type Data, findDivergence, makeData, Status } from "../physics/physics.ts";
import { advance, advanceLagging } from "./advance.ts";
import { PhysicsDiverged } from "./physics_diverged.ts";
import { boundObservation, type Task } from "./task.ts";

/** A state that a replay starts from. */
export interface ReplayState {
  /** [nq] m or rad. */
  readonly qpos: ArrayLike<number>;
  /** [nv] m/s or rad/s. */
  readonly qvel: ArrayLike<number>;
}

/** What follows one action; fresh arrays. */
export interface ReplayStep {
  /** [obs] as Gymnasium observes: within the task's bound, and lagging where its poses do. */
  readonly obs: Float64Array;
  /** As Gymnasium gives it: of lagging poses where it is of poses. */
  readonly reward: number;
  /** Of this state alone: it may become healthy again. */
  readonly terminated: boolean;
  /** Whether the time limit is reached. */
  readonly truncated: boolean;
  /** [nq] m or rad. */
  readonly qpos: Float64Array;
  /** [nv] m/s or rad/s. */
  readonly qvel: Float64Array;
}

/**
 * (state, actions [T][act]) ⇒ T steps, lazily. Continues after a termination and after the time limit, as Gymnasium
 * does where nobody resets; the caller stops it.
 *
 * Throws PhysicsDiverged when the simulation leaves ±1e10, RangeError when a state or an action has another size than the
 * task's, or an action is not finite.
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
  const data = makeData(task.model), lagging = makeData(task.model), { laggingEntries } = task;
  load(data.qpos, state.qpos, "qpos");
  load(data.qvel, state.qvel, "qvel");
  const action = new Float64Array(task.actionSize), observation = new Float64Array(task.observationSize);
  let index = 0;
  for (const given of actions) {
    load(action, given, "action");
    refuseNonFinite(action, index);
    const positionBefore = task.position(data);
    const status = laggingEntries === undefined
      ? advance(task, data, action)
      : advanceLagging(task, data, action, lagging);
    if (status !== Status.ok) throw new PhysicsDiverged(task.name, index, findDivergence(task.model, data));
    task.observe(data, observation);
    if (laggingEntries !== undefined) replaceEntries(observation, observed(task, lagging), laggingEntries);
    const reward = task.reward(laggingEntries === undefined ? data : lagging, positionBefore, action);
    index++;
    yield {
      obs: boundObservation(task, observation),
      reward,
      terminated: task.terminated(data),
      truncated: index >= task.timeLimit,
      qpos: data.qpos.slice(),
      qvel: data.qvel.slice(),
    };
  }
}

const observed = (task: Task, data: Data): Float64Array => {
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
