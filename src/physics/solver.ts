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

/** (linkAcc, efcActive) ⇒ (efcForce = D(aref − J a) on active rows, else 0). */
const constraintForces = (m: Model, d: Data): void => {
  const { nv } = m, { nefc, efcJ, efcD, efcAref, efcActive, efcForce, linkAcc } = d;
  for (let r = 0; r < nefc; r++) {
    let violation = efcAref[r];
    for (let k = 0, base = r * nv; k < nv; k++) violation -= efcJ[base + k] * linkAcc[k];
    efcForce[r] = efcActive[r] === 1 ? efcD[r] * violation : 0;
  }
};

/**
 * (linkMass, linkSmooth, efc…) ⇒ (linkAcc, efcActive, efcForce).
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
