/**
 * Rollouts that step a simulator, one start after the other.
 *
 *   a_0 given,  a_t = μ(observe(state_t)) + σ·ε_t,  state_{t+1} = step(state_t, clip(a_t))
 *
 * @module
 */
import type { Normalizer, PolicyParams } from "../data/parameters.ts";
import { clipControl } from "../math/control_range.ts";
import { makePolicyInference } from "../nn/inference/inference.ts";
import { advance } from "../tasks/advance.ts";
import type { Task } from "../tasks/task.ts";
import { describeThrown } from "../tasks/thrown.ts";

const LARGEST_REWARD = 1e12; // of one step, whose squares still add up in float32: beyond it the physics counts as diverged

/** What rollouts start from and act by. */
export interface SimulatedRollout {
  /** whose physics is stepped */
  readonly task: Task;
  /** of the steps after the first */
  readonly policy: PolicyParams;
  /** Normalisation of what the policy sees. */
  readonly normalizer: Normalizer;
  /** [n, state] */
  readonly states: Float64Array;
  /** [n, act] of the first step */
  readonly action: Float32Array;
  /** [≥ k, n, act] ε */
  readonly noise: Float32Array;
  /** k */
  readonly horizon: number;
}

/** What the rollouts of some starts went through. */
export interface SimulatedSteps {
  /** [k, rows] 0 after the end */
  readonly reward: Float64Array;
  /** [k, rows, obs] after the step */
  readonly next: Float32Array;
  /** [k, rows] 1 where the rollout goes on after the step */
  readonly goesOn: Uint8Array;
  /** rollouts that ended by divergence */
  readonly diverged: number;
  /** what the first of them threw, in words; null: none did */
  readonly thrown: string | null;
}

/** A batch has no states to start from, or those of another simulator. */
export class StatesUnrecorded extends Error {
  /** Discriminates typed errors. */
  readonly _tag = "StatesUnrecorded";
  /** The class name, as shown. */
  override readonly name = "StatesUnrecorded";

  /** (numbers that they must hold, that they hold; null: there are none) ⇒ (error with a message). */
  constructor(readonly wanted: number, readonly found: number | null) {
    super(
      `Cannot imagine by a simulator as the batch must hold ${wanted} numbers of its states: ` +
        (found === null ? "it holds none (collect it on a task that simulatedBy made)" : `current value is ${found}`),
    );
  }
}

/** (states of starts, where any are recorded; numbers that they must hold) ⇒ (states). Throws StatesUnrecorded. */
export const recordedStates = (state: Float64Array | undefined, wanted: number): Float64Array => {
  if (state?.length === wanted) return state;
  throw new StatesUnrecorded(wanted, state?.length ?? null);
};

/** Whether they are finite in single precision, in which networks see them. */
const holdsInSingle = (values: Float64Array): boolean => values.every((x) => Number.isFinite(Math.fround(x)));

/** Steps of a simulator. */
export interface SimulatorSteps {
  /** [obs] after it; of no use where a step has none */
  readonly observation: Float64Array;
  /** (state [stateSize]) ⇒ it stands there. */
  readonly enter: (state: Float64Array) => void;
  /** (action [.., act] from `at`) ⇒ (reward); NaN where the physics diverged, or threw. */
  readonly take: (action: Float32Array, at: number) => number;
  /** () ⇒ what a step threw first, in words; null: none has. */
  readonly thrown: () => string | null;
  /** Whether the present state is terminal. */
  readonly ended: () => boolean;
}

/**
 * (task) ⇒ (its steps), bounded: a step whose numbers are not finite, whose reward is beyond ±1e12, or that throws, as engines
 * do at states that they cannot hold, has none.
 */
export const simulatorSteps = (task: Task): SimulatorSteps => {
  const { simulator, observationSize, actionSize, controlRange } = task;
  const data = simulator.make(), before = new Float64Array(simulator.stateSize);
  const observation = new Float64Array(observationSize), control = new Float64Array(actionSize);
  let thrown: string | null = null, stands = true;
  /** Whether the engine does it. */
  const does = (work: () => boolean): boolean => {
    try {
      return work();
    } catch (error) {
      thrown ??= describeThrown(error).reason;
      return false;
    }
  };
  return {
    observation,
    thrown: () => thrown,
    enter: (state) => {
      stands = does(() => {
        simulator.write(data, state);
        task.observe(data, observation);
        return true;
      });
    },
    take: (action, at) => {
      clipControl(controlRange, action, at, control);
      if (!stands) return NaN;
      simulator.read(data, before);
      let reward = NaN;
      const done = does(() => {
        if (advance(task, data, control) !== null) return false;
        reward = task.reward(before, control, data);
        task.observe(data, observation);
        return true;
      });
      return done && Math.abs(reward) <= LARGEST_REWARD && holdsInSingle(observation) ? reward : NaN;
    },
    ended: () => task.terminated(data),
  };
};

/** (what rollouts start from; number of the first start, rows) ⇒ what each of these goes through. */
export const rollSimulated = (
  { task, policy, normalizer, states, action: first, noise, horizon }: SimulatedRollout,
  start: number,
  rows: number,
): SimulatedSteps => {
  const { observationSize: no, actionSize: na, simulator: { stateSize } } = task, n = first.length / na;
  const infer = makePolicyInference(policy, normalizer), step = simulatorSteps(task);
  const std = Float64Array.from(policy.theta.subarray(policy.theta.length - na), Math.exp);
  const mean = new Float64Array(na), action = new Float32Array(na);
  const reward = new Float64Array(horizon * rows), next = new Float32Array(horizon * rows * no);
  const goesOn = new Uint8Array(horizon * rows);
  let diverged = 0;
  for (let i = 0, row = start; i < rows; i++, row++) {
    step.enter(states.subarray(row * stateSize, (row + 1) * stateSize));
    action.set(first.subarray(row * na, (row + 1) * na));
    for (let t = 0, at = i; t < horizon; t++, at += rows) {
      if (t > 0) {
        infer(step.observation, mean);
        for (let j = 0, e = (t * n + row) * na; j < na; j++, e++) action[j] = mean[j] + std[j] * noise[e];
      }
      const earned = step.take(action, 0);
      if (Number.isNaN(earned)) {
        diverged++;
        break;
      }
      reward[at] = earned;
      next.set(step.observation, at * no);
      if (step.ended()) break;
      goesOn[at] = 1;
    }
  }
  return { reward, next, goesOn, diverged, thrown: step.thrown() };
};
