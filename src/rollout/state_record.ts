/**
 * The states of a trajectory, beside its transitions: what a batch lacks to be continued from any of its steps.
 *
 * @module
 */
import type { Task } from "../tasks/task.ts";
import type { Actor } from "./actor.ts";

/** States before each of T steps of one environment. */
export interface StateRecord {
  /** Takes in the state before step t. */
  readonly write: (t: number, actor: Actor, elapsed: number) => void;
  /** [T, stateSize] */
  readonly states: Float64Array;
  /** (t) ⇒ the state before step t [stateSize]. */
  readonly state: (t: number) => Float64Array;
  /** [T] steps since the reset */
  readonly elapsed: Int32Array;
}

/** (task, T) ⇒ (record). */
export const makeStateRecord = ({ simulator: { stateSize } }: Task, steps: number): StateRecord => {
  const states = new Float64Array(steps * stateSize), elapsed = new Int32Array(steps);
  const at = (t: number) => states.subarray(t * stateSize, (t + 1) * stateSize);
  return {
    write: (t, actor, since) => {
      actor.read(at(t));
      elapsed[t] = since;
    },
    states,
    state: (t) => at(t).slice(),
    elapsed,
  };
};
