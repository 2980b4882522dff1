/**
 * A policy outside of any environment.
 * (observation, key) ⇒ action
 *
 * @module
 */
import type { NormalizerInUse, PolicyParams } from "../data/parameters.ts";
import { clipControl } from "../math/control_range.ts";
import { type Key, makeStream } from "../math/random.ts";
import type { Task } from "../tasks/task.ts";
import { makeActor } from "./actor.ts";

/**
 * (observation [obs], key) ⇒ action [act], within the control range, fresh: a = μ(s) + σ·ε with ε ~ N(0, I) drawn from the
 * key; the mean μ(s) where there is none. Equal arguments give equal bits.
 */
export type PolicyFunction = (observation: ArrayLike<number>, key?: Key) => Float64Array;

const refuse = ({ name, observationSize }: Task, observation: ArrayLike<number>): void => {
  const length = observation.length;
  if (length !== observationSize) {
    throw new RangeError(
      `Cannot act as an observation of task "${name}" must hold ${observationSize} numbers: current value is ${length}`,
    );
  }
  const bad = Array.from(observation).findIndex((x) => !Number.isFinite(x));
  if (bad >= 0) {
    throw new RangeError(
      `Cannot act as an observation must be finite: current value of its element ${bad} is ${observation[bad]}`,
    );
  }
};

/** (task, policy, normaliser) ⇒ the policy as a function, with the bits of those that act in environments. */
export const makePolicyFunction = (
  task: Task,
  policy: PolicyParams,
  normalizer: NormalizerInUse,
): PolicyFunction => {
  const actor = makeActor(task, policy, normalizer);
  const noise = new Float32Array(task.actionSize), action = new Float32Array(task.actionSize);
  return (observation, key) => {
    refuse(task, observation);
    actor.observation.set(observation);
    noise.fill(0);
    if (key !== undefined) {
      const stream = makeStream(key);
      for (let i = 0; i < noise.length; i++) noise[i] = stream.normal();
    }
    actor.choose(noise, action, 0);
    const control = new Float64Array(task.actionSize);
    clipControl(task.controlRange, action, 0, control);
    return control;
  };
};
