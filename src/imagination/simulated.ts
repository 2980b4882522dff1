/**
 * Imagined rollouts that step a simulator: physics with its own factors, exact rewards and ends.
 *
 * (states of the batch, actions, ε) ⇒ (Ã₁ … Ã_k)
 *
 *   state₀ = as recorded with the batch,  a_i = μ(observe(state_i)) + σ·ε_i,  state_{i+1} = step(state_i, clip(a_i))
 *
 * The arithmetic is that of whoever collects, so that the task's own physics reproduces the real trajectory. A simulator's
 * Ã is a function of state, action and noise like any other model's: however wrong it is, G1 + G2 keeps its mean.
 *
 * @module
 */
import { type Batch, batchSize } from "../data/batch.ts";
import type { SimulatorParams } from "../data/parameters.ts";
import type { ReturnForm } from "../data/gradient.ts";
import { clipControl } from "../math/control_range.ts";
import { makePolicyInference } from "../nn/inference/inference.ts";
import { normalizeInto } from "../nn/networks/normalizer.ts";
import { predictValue } from "../nn/networks/value.ts";
import { advance } from "../tasks/advance.ts";
import type { Task } from "../tasks/task.ts";
import type { World } from "./world.ts";

/** The world of imagined rollouts that step a simulator. */
export interface SimulatedWorld extends Omit<World, "model"> {
  /** by what figures of its physics are multiplied */
  readonly model: SimulatorParams;
}

/** What imagined rollouts gave. */
export interface Imagined {
  /** Ã₁ … Ã_k, each [T·N] */
  readonly advantages: Float32Array[];
  /** rollouts that ended because the physics left the numbers that it allows */
  readonly diverged: number;
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

const LARGEST_REWARD = 1e6; // of one step: beyond it the physics counts as diverged

/** (batch, numbers of a state) ⇒ states [T·N, state]. Throws StatesUnrecorded. */
const statesOf = (batch: Batch, stateSize: number): Float64Array => {
  const { state } = batch, wanted = stateSize * batchSize(batch);
  if (state?.length === wanted) return state;
  throw new StatesUnrecorded(wanted, state?.length ?? null);
};

const isFinite = (values: Float64Array): boolean => values.every(Number.isFinite);

/** What rollouts of every row went through. */
interface Steps {
  /** [k, n] 0 after the end */
  readonly reward: Float64Array;
  /** [k, n, obs] after the step */
  readonly next: Float32Array;
  /** [k, n] 1 where the rollout goes on after the step */
  readonly goesOn: Uint8Array;
  /** rollouts that ended by divergence */
  readonly diverged: number;
}

/** One step of the simulator. */
interface Step {
  /** [obs] after it */
  readonly observation: Float64Array;
  /** (state [stateSize]) ⇒ it stands there. */
  readonly enter: (state: Float64Array) => void;
  /** (action [.., act] from `at`) ⇒ (reward); NaN where the physics diverged. */
  readonly take: (action: Float32Array, at: number) => number;
  /** Whether the present state is terminal. */
  readonly ended: () => boolean;
}

/** (task) ⇒ (its steps), bounded: a step whose numbers are not finite, or whose reward is beyond ±1e6, has none. */
const stepsOf = (task: Task): Step => {
  const { simulator, observationSize, actionSize, controlRange } = task;
  const data = simulator.make(), before = new Float64Array(simulator.stateSize);
  const observation = new Float64Array(observationSize), control = new Float64Array(actionSize);
  return {
    observation,
    enter: (state) => {
      simulator.write(data, state);
      task.observe(data, observation);
    },
    take: (action, at) => {
      clipControl(controlRange, action, at, control);
      simulator.read(data, before);
      if (advance(task, data, control) !== null) return NaN;
      const reward = task.reward(before, control, data);
      task.observe(data, observation);
      return Math.abs(reward) <= LARGEST_REWARD && isFinite(observation) ? reward : NaN;
    },
    ended: () => task.terminated(data),
  };
};

/** (world, batch, ε [≥ k, n, act], k) ⇒ what each row goes through under its first action as given and the policy after it. */
const roll = (
  { task, policy, normalizer, model }: SimulatedWorld,
  batch: Batch,
  noise: Float32Array,
  horizon: number,
) => {
  const simulated = task.simulation!.at(model.factors), { simulator: { stateSize } } = simulated;
  const { observationSize: no, actionSize: na } = batch, n = batchSize(batch), states = statesOf(batch, stateSize);
  const infer = makePolicyInference(policy, normalizer), step = stepsOf(simulated);
  const std = Float64Array.from(policy.theta.subarray(policy.theta.length - na), Math.exp);
  const mean = new Float64Array(na), action = new Float32Array(na);
  const steps = {
    reward: new Float64Array(horizon * n),
    next: new Float32Array(horizon * n * no),
    goesOn: new Uint8Array(horizon * n),
  };
  let diverged = 0;
  for (let row = 0; row < n; row++) {
    step.enter(states.subarray(row * stateSize, (row + 1) * stateSize));
    action.set(batch.action.subarray(row * na, (row + 1) * na));
    for (let t = 0, at = row; t < horizon; t++, at += n) {
      if (t > 0) {
        infer(step.observation, mean);
        for (let j = 0; j < na; j++) action[j] = mean[j] + std[j] * noise[at * na + j];
      }
      const reward = step.take(action, 0);
      if (Number.isNaN(reward)) {
        diverged++;
        break;
      }
      steps.reward[at] = reward;
      steps.next.set(step.observation, at * no);
      if (step.ended()) break;
      steps.goesOn[at] = 1;
    }
  }
  return { ...steps, diverged } satisfies Steps;
};

/**
 * Imagined advantages of a batch's own actions by a simulator, as `embed` gives them of a learned model.
 * (batch with its states, ε [≥ k, T·N, act]) ⇒ (Ã₁ … Ã_k, divergences)
 *
 * A rollout whose physics diverges ends there with what it earned so far, as at a terminal state: a bound that the rollout
 * alone decides, so that the mean of G1 + G2 stays. Ends are those of the simulator's states, whatever `form.termination`.
 * Throws StatesUnrecorded.
 */
export const embedSimulated = (
  world: SimulatedWorld,
  batch: Batch,
  noise: Float32Array,
  horizon: number,
  { discount, lambda, weighting }: ReturnForm,
): Imagined => {
  const { value, normalizer } = world, n = batchSize(batch), { observationSize: no } = batch;
  const { reward, next, goesOn, diverged } = roll(world, batch, noise, horizon);
  const valueOf = (observation: Float32Array) => predictValue(value, normalizeInto(normalizer, observation));
  const earned = Float64Array.from(valueOf(batch.observation), (v) => -v);
  const previous = new Float64Array(n), advantage = new Float64Array(n), advantages: Float32Array[] = [];
  for (let t = 0; t < horizon; t++) {
    const decay = discount ** t, gain = lambda ** t, after = valueOf(next.subarray(t * n * no, (t + 1) * n * no));
    for (let i = 0, at = t * n; i < n; i++, at++) {
      earned[i] += decay * reward[at];
      const q = earned[i] + decay * discount * goesOn[at] * after[i];
      advantage[i] = weighting === "kStep" ? q : advantage[i] + gain * (q - previous[i]);
      previous[i] = q;
    }
    advantages.push(Float32Array.from(advantage));
  }
  return { advantages, diverged };
};
