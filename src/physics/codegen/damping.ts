/**
 * Joint damping of the Euler step as code, implicit in the velocity: (M + h·D) ẇ′ = M ẇ. The formulas are those of
 * `integrate.ts`.
 *
 * @module
 */
import type { Model } from "../model.ts";
import type { Block } from "./block.ts";
import type { Lower } from "./dynamics.ts";
import { solveCode } from "./elimination.ts";
import { add, type Expression, literal, mul, sub, ZERO } from "./expression.ts";
import { copyLower } from "./limits.ts";

/** Whether a step damps implicitly: Euler, with some damping. */
export const isDampedImplicitly = (m: Model): boolean => m.integrator === "euler" && m.dofDamping.some((x) => x !== 0);

/** (M) ⇒ (M + h·D); damping has the pattern of the armature. */
export const dampedMatrix = (m: Model, mass: Lower): Lower => {
  const matrix = copyLower(mass);
  for (let j = 0; j < m.nv; j++) {
    const parent = m.dofParent[j], damping = literal(m.timestep * m.dofDamping[j]);
    matrix[j][j] = add(matrix[j][j], damping);
    if (parent < 0) continue;
    matrix[parent][parent] = add(matrix[parent][parent], damping);
    matrix[j][parent] = sub(matrix[j][parent], damping);
  }
  return matrix;
};

/** (M, ẇ) ⇒ (ẇ′) as ẇ − (M + h·D)⁻¹ h·D ẇ. `leave`: the statement for a pivot that is no positive number. */
export const dampAccelerations = (
  m: Model,
  b: Block,
  mass: Lower,
  acc: ReadonlyArray<Expression>,
  leave: string,
): ReadonlyArray<Expression> => {
  const drag = acc.map((): Expression => ZERO);
  for (let j = 0; j < m.nv; j++) {
    const parent = m.dofParent[j], turn = parent < 0 ? acc[j] : sub(acc[j], acc[parent]);
    const torque = b.define(`drag${j}`, mul(literal(m.timestep * m.dofDamping[j]), turn));
    drag[j] = add(drag[j], torque);
    if (parent >= 0) drag[parent] = sub(drag[parent], torque);
  }
  const slower = solveCode(b, dampedMatrix(m, mass), drag, leave);
  return acc.map((e, j) => b.define(`damped${j}`, sub(e, slower[j])));
};
