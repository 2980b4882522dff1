/**
 * Forward dynamics as a list of steps: (qpos, qvel, ctrl) ⇒ (qacc).
 *
 * @module
 */
import { biasForces } from "./bias.ts";
import { collide } from "./collision.ts";
import { constraintRows } from "./constraint.ts";
import type { Data } from "./data.ts";
import { jointAccelerations, linkPoses, linkVelocities } from "./kinematics.ts";
import { massMatrix } from "./mass.ts";
import { type Model, Status } from "./model.ts";
import { actuatorForces, passiveForces } from "./passive.ts";
import { solveConstraints } from "./solver.ts";

/** Largest magnitude of a position, velocity or acceleration. */
export const LARGEST = 1e10; // mjMAXVAL

/** Whether all entries are numbers within ±1e10. */
export const isBounded = (values: Float64Array): boolean => {
  for (let i = 0; i < values.length; i++) if (!(Math.abs(values[i]) <= LARGEST)) return false;
  return true;
};

/** (linkPassive, linkActuator, linkBias) ⇒ (linkSmooth). */
const smoothForces = (m: Model, d: Data): void => {
  for (let j = 0; j < m.nv; j++) d.linkSmooth[j] = d.linkPassive[j] + d.linkActuator[j] - d.linkBias[j];
};

/**
 * Accelerations at the current state and controls: (qpos, qvel, ctrl) ⇒ (qacc) and every intermediate in `data`.
 *
 * The result does not depend on earlier evaluations. Fails: `diverged` where qacc is not finite or beyond 1e10,
 * `singular` where the mass matrix is not positive definite.
 */
export const forward = (m: Model, d: Data): Status => {
  linkPoses(m, d);
  linkVelocities(m, d);
  massMatrix(m, d);
  biasForces(m, d);
  passiveForces(m, d);
  actuatorForces(m, d);
  smoothForces(m, d);
  collide(m, d);
  constraintRows(m, d);
  const status = solveConstraints(m, d);
  if (status !== Status.ok) return isBounded(d.linkMass) ? status : Status.diverged;
  jointAccelerations(m, d);
  return isBounded(d.qacc) ? Status.ok : Status.diverged;
};
