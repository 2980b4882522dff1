/**
 * Why a step failed, for messages.
 *
 * @module
 */
import type { Data } from "./data.ts";
import { LARGEST } from "./forward.ts";
import { stepGeneric } from "./integrate.ts";
import type { Model } from "./model.ts";

/** A number that left ±1e10. */
export interface Divergence {
  /** Which entry, for instance `qvel[2]`. */
  readonly quantity: string;
  /** m, rad, and per s or s²; NaN where the equations have no solution. */
  readonly value: number;
}

const firstBeyond = (name: string, length: number, value: (j: number) => number): Divergence | null => {
  for (let j = 0; j < length; j++) {
    if (!(Math.abs(value(j)) <= LARGEST)) return { quantity: `${name}[${j}]`, value: value(j) };
  }
  return null;
};

/**
 * (state, ctrl of a step that failed) ⇒ the first number beyond ±1e10: in the state itself, in an acceleration, in the
 * state after the step. Takes the step again by the generic engine; the state stays.
 *
 * Departure: MuJoCo looks at state and acceleration where a step begins, warns, and goes on from the model's initial
 * state. Here the step fails, and all four accelerations of Runge–Kutta count.
 */
export const findDivergence = (m: Model, d: Data): Divergence => {
  const { nv, timestep: h } = m, { qpos, qvel, qacc, sumQvel, sumQacc } = d;
  const before = firstBeyond("qpos", nv, (j) => qpos[j]) ?? firstBeyond("qvel", nv, (j) => qvel[j]);
  if (before !== null) return before;
  qacc.fill(NaN); // stays where the solver finds none
  stepGeneric(m, d);
  return firstBeyond("qacc", nv, (j) => qacc[j]) ?? firstBeyond("qpos", nv, (j) => qpos[j] + h * sumQvel[j]) ??
    firstBeyond("qvel", nv, (j) => qvel[j] + h * sumQacc[j]) ?? { quantity: "the next state", value: NaN };
};
