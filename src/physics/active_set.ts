/**
 * Which constraint rows push, and the exact minimum while just these do.
 *
 * @module
 */
import { factorCholesky, solveCholesky } from "../math/linear_algebra_cholesky.ts";
import type { Data } from "./data.ts";
import type { Model } from "./model.ts";

/**
 * (linkAcc) ⇒ (efcActive): the rows with J a < aref.
 *
 * @returns whether any row changed
 */
export const updateActive = (m: Model, d: Data): boolean => {
  const { nv } = m, { nefc, efcJ, efcAref, efcActive, linkAcc } = d;
  let changed = false;
  for (let r = 0; r < nefc; r++) {
    let residual = -efcAref[r];
    for (let k = 0, base = r * nv; k < nv; k++) residual += efcJ[base + k] * linkAcc[k];
    const active = residual < 0 ? 1 : 0;
    if (efcActive[r] !== active) changed = true;
    efcActive[r] = active;
  }
  return changed;
};

/** (linkMass, efcJ, efcD, efcActive) ⇒ (hessian = Cholesky factor of M + Σ_active D JᵀJ); false: singular. */
export const factorHessian = (m: Model, d: Data): boolean => {
  const { nv } = m, { nefc, efcJ, efcD, efcActive, hessian, linkMass } = d;
  for (let k = 0; k < nv * nv; k++) hessian[k] = linkMass[k];
  for (let r = 0; r < nefc; r++) {
    if (efcActive[r] === 0) continue;
    const base = r * nv;
    for (let i = 0; i < nv; i++) {
      const scaled = efcD[r] * efcJ[base + i];
      if (scaled === 0) continue;
      for (let j = 0; j <= i; j++) hessian[i * nv + j] += scaled * efcJ[base + j];
    }
  }
  return factorCholesky(hessian, nv);
};

/** (efcActive) ⇒ (linkAcc): minimum of the quadratic in which exactly the active rows count; false: singular. */
export const solveActive = (m: Model, d: Data): boolean => {
  const { nv } = m, { nefc, efcJ, efcD, efcAref, efcActive, gradient, linkAcc, linkSmooth } = d;
  if (!factorHessian(m, d)) return false;
  for (let k = 0; k < nv; k++) gradient[k] = linkSmooth[k];
  for (let r = 0; r < nefc; r++) {
    if (efcActive[r] === 0) continue;
    const push = efcD[r] * efcAref[r];
    for (let k = 0, base = r * nv; k < nv; k++) gradient[k] += push * efcJ[base + k];
  }
  solveCholesky(d.hessian, nv, gradient, linkAcc);
  return true;
};
