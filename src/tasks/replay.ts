/**
 * Recorded controls, simulated again.
 *
 * @module
 */
import { type Data, makeData, Status } from "../physics/physics.ts";
import { advance } from "./advance.ts";
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
  /** [obs] as Gymnasium observes: within the task's bound. */
  readonly obs: Float64Array;
  /** Exact reward. */
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

const firstNonFinite = (data: Data): string => {
  const position = data.qpos.findIndex((x) => !Number.isFinite(x));
  if (position >= 0) return `qpos[${position}]`;
  const velocity = data.qvel.findIndex((x) => !Number.isFinite(x));
  if (velocity >= 0) return `qvel[${velocity}]`;
  const acceleration = data.qacc.findIndex((x) => !Number.isFinite(x));
  return acceleration >= 0 ? `qacc[${acceleration}]` : "the next state"; // a failed step leaves the state as it was
};

/**
 * (state, actions [T][act]) ⇒ T steps, lazily. Continues after a termination and after the time limit, as Gymnasium
 * does where nobody resets; the caller stops it.
 *
 * Throws PhysicsDiverged when the simulation leaves the real numbers, RangeError when a state or an action has another
 * size than the task's.
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
  const data = makeData(task.model);
  load(data.qpos, state.qpos, "qpos");
  load(data.qvel, state.qvel, "qvel");
  const action = new Float64Array(task.actionSize), observation = new Float64Array(task.observationSize);
  let index = 0;
  for (const given of actions) {
    load(action, given, "action");
    const positionBefore = task.position(data);
    const status = advance(task, data, action);
    if (status !== Status.ok) throw new PhysicsDiverged(task.name, index, firstNonFinite(data));
    task.observe(data, observation);
    const reward = task.reward(data, positionBefore, action);
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

const load = (target: Float64Array, values: ArrayLike<number>, quantity: string): void => {
  if (values.length !== target.length) {
    throw new RangeError(
      `Cannot replay as the size of ${quantity} must be ${target.length}: current value is ${values.length}`,
    );
  }
  target.set(values);
};
