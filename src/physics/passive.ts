/**
 * Joint springs, joint damping and motors in link coordinates. A force τ on joint j acts as s_j τ on its link and −s_j τ on the parent.
 *
 * @module
 */
import type { Data } from "./data.ts";
import { fluidForces } from "./fluid.ts";
import type { Model } from "./model.ts";

/** (qpos, qvel, linkVel) ⇒ (linkPassive): −stiffness·(q − q_spring) − damping·q̇ and the forces of the medium. */
export const passiveForces = (m: Model, d: Data): void => {
  const { dofDamping, dofParent, dofSign, dofStiffness, qposSpring } = m;
  const { linkPassive, qpos, qvel } = d;
  for (let j = 0; j < m.nv; j++) linkPassive[j] = 0;
  for (let j = 0; j < m.nv; j++) {
    const spring = dofStiffness[j] === 0 ? 0 : dofStiffness[j] * (qpos[j] - qposSpring[j]);
    const force = -dofSign[j] * dofDamping[j] * qvel[j] - dofSign[j] * spring;
    linkPassive[j] += force;
    if (dofParent[j] >= 0) linkPassive[dofParent[j]] -= force;
  }
  if (m.fluid.count > 0) fluidForces(m, d);
};

const LARGEST_CONTROL = 1e10; // mjMAXVAL

/** Control i within its range; NaN where it is none. */
const clampControl = (m: Model, ctrl: Float64Array, i: number): number => {
  const low = m.actuatorCtrlrange[2 * i], high = m.actuatorCtrlrange[2 * i + 1];
  return ctrl[i] < low ? low : ctrl[i] > high ? high : ctrl[i];
};

/** Whether every clamped control is a number within ±1e10. */
const controlsAreUsable = (m: Model, ctrl: Float64Array): boolean => {
  for (let i = 0; i < m.nu; i++) if (!(Math.abs(clampControl(m, ctrl, i)) <= LARGEST_CONTROL)) return false;
  return true;
};

/**
 * (ctrl) ⇒ (linkActuator): gear · clamp(ctrl). As in MuJoCo, one control that is NaN, or that a range beyond 1e10 leaves
 * beyond it, zeroes all controls of this evaluation; ±∞ is clamped. `ctrl` itself stays as given.
 */
export const actuatorForces = (m: Model, d: Data): void => {
  const { actuatorDof, actuatorGear, dofParent, dofSign } = m;
  const { linkActuator, ctrl } = d;
  for (let j = 0; j < m.nv; j++) linkActuator[j] = 0;
  if (!controlsAreUsable(m, ctrl)) return;
  for (let i = 0; i < m.nu; i++) {
    const dof = actuatorDof[i];
    const force = dofSign[dof] * actuatorGear[i] * clampControl(m, ctrl, i);
    linkActuator[dof] += force;
    if (dofParent[dof] >= 0) linkActuator[dofParent[dof]] -= force;
  }
};
