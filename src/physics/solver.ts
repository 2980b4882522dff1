/**
 * The acceleration that satisfies the soft constraints: the unique minimum of
 *
 *   ½(a − a₀)ᵀM(a − a₀) + Σᵣ ½Dᵣ min(0, Jᵣa − arefᵣ)²,   a₀ = M⁻¹·linkSmooth.
 *
 * @module
 */
import { solveActive, updateActive } from "./active_set.ts";
import type { Data } from "./data.ts";
import { searchAcceleration } from "./linesearch.ts";
import { type Model, Status } from "./model.ts";

const MOST_GUESSES = 12;

/**
 * (linkAcc, efcActive) ⇒ (efcForce = D(aref − J a) on active rows, else 0; qfrcConstraint = Jᵀ efcForce in joint
 * coordinates: of w_j = s_j q̇_j + w_parent(j) follows f_j = s_j Σ τ over the subtree of j).
 */
const constraintForces = (m: Model, d: Data): void => {
  const { nv, dofParent, dofSign } = m;
  const { nefc, efcJ, efcD, efcAref, efcActive, efcForce, linkAcc, qfrcConstraint } = d;
  qfrcConstraint.fill(0);
  for (let r = 0; r < nefc; r++) {
    let violation = efcAref[r];
    for (let k = 0, base = r * nv; k < nv; k++) violation -= efcJ[base + k] * linkAcc[k];
    efcForce[r] = efcActive[r] === 1 ? efcD[r] * violation : 0;
    for (let k = 0, base = r * nv; k < nv; k++) qfrcConstraint[k] += efcJ[base + k] * efcForce[r];
  }
  for (let j = nv - 1; j >= 0 && nefc > 0; j--) {
    if (dofParent[j] >= 0) qfrcConstraint[dofParent[j]] += qfrcConstraint[j];
    qfrcConstraint[j] *= dofSign[j];
  }
};

/**
 * (linkMass, linkSmooth, efc…) ⇒ (linkAcc, efcActive, efcForce, qfrcConstraint).
 *
 * Newton on the active set: guess it (at first from the previous linkAcc), solve exactly, look which rows push, until
 * nothing changes. That can cycle on extreme states, so after 12 guesses the line search takes over, which cannot.
 * The result depends on the final active set only, not on the first guess.
 */
export const solveConstraints = (m: Model, d: Data): Status => {
  updateActive(m, d);
  for (let guess = 0; guess < MOST_GUESSES; guess++) {
    if (!solveActive(m, d)) return Status.singular;
    if (d.nefc === 0 || !updateActive(m, d)) {
      constraintForces(m, d);
      return Status.ok;
    }
  }
  d.solverFallbacks++;
  const status = searchAcceleration(m, d);
  constraintForces(m, d);
  return status;
};
