/**
 * Continuations: what happens from a saved state on, with new noise or with given noise.
 *
 * The time limit does not count here, since it is no part of the simulation: a continuation ends where the task terminates.
 *
 * @module
 */
import type { Normalizer, PolicyParams } from "../data/parameters.ts";
import type { Stream } from "../math/random.ts";
import type { TaskFault } from "../tasks/fault.ts";
import type { Task } from "../tasks/task.ts";
import { type Actor, makeActor } from "./actor.ts";
import { faultAt } from "./stopped.ts";

/** What is known of a continuation before it is run. */
export interface ContinuationStart {
  /** [stateSize] */
  readonly state: ArrayLike<number>;
  /** [act] of the first step; the policy chooses where it is absent */
  readonly action?: Float32Array;
  /** [known steps, act] ε of the first steps; later ones are drawn. Of a given action it is what the record shows. */
  readonly noise?: Float32Array;
}

/** `length` transitions in a row, the last of them terminal or the last asked for. */
export interface Continuation {
  readonly length: number;
  readonly terminated: boolean;
  /** [length + 1, obs] */
  readonly observation: Float32Array;
  /** [length, act] */
  readonly action: Float32Array;
  /** [steps, act] ε, drawn to the last step asked for, whether or not it was reached */
  readonly noise: Float32Array;
  /** [length] */
  readonly reward: Float32Array;
  /** What stopped the task; null: nothing did. */
  readonly fault: TaskFault | null;
}

/** (start, steps, stream) ⇒ (continuation). */
export type Continue = (start: ContinuationStart, steps: number, stream: Stream) => Continuation;

/** Whole arrays that a continuation fills from their beginning. */
type Filled = Pick<Continuation, "observation" | "action" | "noise" | "reward">;

/** (actor, start, arrays whose noise is given) ⇒ how far it went; fills the arrays. */
const go = (
  actor: Actor,
  start: ContinuationStart,
  { observation, action, noise, reward }: Filled,
  stream: Stream,
): Pick<Continuation, "length" | "terminated" | "fault"> => {
  const no = actor.observation.length, na = actor.std.length;
  let length = 0, terminated = false;
  try {
    actor.enter(start.state);
    observation.set(actor.observation);
    while (length < reward.length && !terminated) {
      if (length > 0 || start.action === undefined) actor.choose(noise, action, length * na);
      reward[length] = actor.take(action, length * na, stream);
      length++;
      observation.set(actor.observation, length * no);
      terminated = actor.terminated();
    }
    return { length, terminated, fault: null };
  } catch (error) {
    return { length, terminated, fault: faultAt(error, length) };
  }
};

/** (task, policy, normaliser) ⇒ (continue); it owns its scratch, so it is not reentrant. */
export const makeContinue = (task: Task, policy: PolicyParams, normalizer: Normalizer): Continue => {
  const { observationSize: no, actionSize: na } = task;
  const actor = makeActor(task, policy, normalizer);
  return (start, steps, stream) => {
    const noise = new Float32Array(steps * na), known = start.noise ?? new Float32Array(0);
    for (let i = 0; i < noise.length; i++) noise[i] = i < known.length ? known[i] : stream.normal();
    const observation = new Float32Array((steps + 1) * no), action = new Float32Array(steps * na);
    const reward = new Float32Array(steps);
    if (start.action !== undefined) action.set(start.action);
    const reached = go(actor, start, { observation, action, noise, reward }, stream);
    const { length } = reached;
    return {
      ...reached,
      observation: observation.subarray(0, (length + 1) * no),
      action: action.subarray(0, length * na),
      noise,
      reward: reward.subarray(0, length),
    };
  };
};
