/**
 * The physics states of a trajectory, beside its transitions: what a batch lacks to be continued from any of its steps.
 *
 * @module
 */
import type { Data } from "../physics/physics.ts";
import type { Task } from "../tasks/task.ts";
import type { PhysicsState } from "./actor.ts";

/** States before each of T steps of one environment. */
export interface PhysicsRecord {
  /** Takes in the state before step t. */
  readonly write: (t: number, data: Data, elapsed: number) => void;
  /** (t) ⇒ the state before step t. */
  readonly state: (t: number) => PhysicsState;
  /** [T] steps since the reset */
  readonly elapsed: Int32Array;
}

/** (task, T) ⇒ (record). */
export const makePhysicsRecord = ({ model: { nq, nv } }: Task, steps: number): PhysicsRecord => {
  const qpos = new Float64Array(steps * nq), qvel = new Float64Array(steps * nv), elapsed = new Int32Array(steps);
  return {
    write: (t, data, since) => {
      qpos.set(data.qpos, t * nq);
      qvel.set(data.qvel, t * nv);
      elapsed[t] = since;
    },
    state: (t) => ({ qpos: qpos.slice(t * nq, (t + 1) * nq), qvel: qvel.slice(t * nv, (t + 1) * nv) }),
    elapsed,
  };
};
