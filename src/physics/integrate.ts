/**
 * Time integration: one step of Runge–Kutta 4 or semi-implicit Euler.
 *
 * @module
 */
import { factorCholesky, solveCholesky } from "../math/linear_algebra_cholesky.ts";
import type { Data } from "./data.ts";
import { forward, isBounded } from "./forward.ts";
import { jointAccelerations } from "./kinematics.ts";
import { type Model, Status } from "./model.ts";

/** One step of one model: what generated modules replace. */
export type Stepper = (m: Model, d: Data) => Status;

/** Puts the state back to where the step began. */
const undo = (d: Data, status: Status): Status => {
  d.qpos.set(d.stageQpos);
  d.qvel.set(d.stageQvel);
  return status;
};

/** (state at the start, stage velocity and acceleration) ⇒ (state at the start advanced by `h` along them). */
const advanceStage = (m: Model, d: Data, h: number): void => {
  const { qpos, qvel, qacc, stageQpos, stageQvel } = d;
  for (let j = 0; j < m.nv; j++) {
    qpos[j] = stageQpos[j] + h * qvel[j];
    qvel[j] = stageQvel[j] + h * qacc[j];
  }
};

const accumulate = (m: Model, d: Data, weight: number): void => {
  for (let j = 0; j < m.nv; j++) {
    d.sumQvel[j] += weight * d.qvel[j];
    d.sumQacc[j] += weight * d.qacc[j];
  }
};

/**
 * Classic Runge–Kutta 4: (qpos, qvel, ctrl) ⇒ (qpos, qvel, time). Contacts and limits are found anew at each stage, the
 * controls are held. Fails: with the state unchanged.
 */
export const stepRungeKutta: Stepper = (m: Model, d: Data): Status => {
  const h = m.timestep;
  d.stageQpos.set(d.qpos);
  d.stageQvel.set(d.qvel);
  d.sumQvel.fill(0);
  d.sumQacc.fill(0);
  for (let stage = 0; stage < 4; stage++) {
    const status = forward(m, d);
    if (status !== Status.ok) return undo(d, status);
    accumulate(m, d, stage === 0 || stage === 3 ? 1 / 6 : 1 / 3);
    if (stage < 3) advanceStage(m, d, stage === 2 ? h : 0.5 * h);
  }
  for (let j = 0; j < m.nv; j++) {
    d.qpos[j] = d.stageQpos[j] + h * d.sumQvel[j];
    d.qvel[j] = d.stageQvel[j] + h * d.sumQacc[j];
  }
  if (!isBounded(d.qpos) || !isBounded(d.qvel)) return undo(d, Status.diverged);
  d.time += h;
  return Status.ok;
};

/**
 * (state at the start of a step, ctrl) ⇒ (qpos, qvel of its last stage), to which MuJoCo's poses belong after the step: the
 * fourth of Runge–Kutta; of Euler the start. Fails: with the state unchanged.
 */
export const toLastStage: Stepper = (m: Model, d: Data): Status => {
  if (m.integrator === "euler") return Status.ok;
  d.stageQpos.set(d.qpos);
  d.stageQvel.set(d.qvel);
  for (let stage = 0; stage < 3; stage++) {
    const status = forward(m, d);
    if (status !== Status.ok) return undo(d, status);
    advanceStage(m, d, stage === 2 ? m.timestep : 0.5 * m.timestep);
  }
  return Status.ok;
};

/** (linkMass, linkAcc) ⇒ (linkAcc′) with (M + h·damping) ẇ′ = M ẇ; damping has the pattern of the armature. false: singular. */
export const dampImplicitly = (m: Model, d: Data): boolean => {
  const { nv, dofParent, dofDamping, timestep } = m, { hessian, linkMass, linkAcc, gradient } = d;
  for (let i = 0; i < nv; i++) {
    gradient[i] = 0;
    for (let j = 0; j < nv; j++) {
      gradient[i] += (j <= i ? linkMass[i * nv + j] : linkMass[j * nv + i]) * linkAcc[j];
    }
  }
  hessian.set(linkMass);
  for (let j = 0; j < nv; j++) {
    const parent = dofParent[j], damping = timestep * dofDamping[j];
    hessian[j * nv + j] += damping;
    if (parent < 0) continue;
    hessian[parent * nv + parent] += damping;
    hessian[j * nv + parent] -= damping;
  }
  if (!factorCholesky(hessian, nv)) return false;
  solveCholesky(hessian, nv, gradient, linkAcc);
  return true;
};

/**
 * Semi-implicit Euler with implicit joint damping: (qpos, qvel, ctrl) ⇒ (qpos, qvel, time). Fails: with the state
 * unchanged.
 */
export const stepEuler: Stepper = (m: Model, d: Data): Status => {
  d.stageQpos.set(d.qpos);
  d.stageQvel.set(d.qvel);
  const status = forward(m, d);
  if (status !== Status.ok) return status;
  if (!dampImplicitly(m, d)) return Status.singular;
  jointAccelerations(m, d);
  d.sumQacc.set(d.qacc);
  for (let j = 0; j < m.nv; j++) {
    d.qvel[j] += m.timestep * d.qacc[j];
    d.qpos[j] += m.timestep * d.qvel[j];
  }
  d.sumQvel.set(d.qvel);
  if (!isBounded(d.qpos) || !isBounded(d.qvel)) return undo(d, Status.diverged);
  d.time += m.timestep;
  return Status.ok;
};

/** One step of `m.timestep` with the model's integrator by the generic engine: (qpos, qvel, ctrl) ⇒ (qpos, qvel, time). */
export const stepGeneric: Stepper = (
  m: Model,
  d: Data,
): Status => (m.integrator === "rk4" ? stepRungeKutta(m, d) : stepEuler(m, d));
