/**
 * The solver's fallback: Newton with exact line search, which decreases the objective at every step.
 *
 * @module
 */
import { solveCholesky } from "../math/linear_algebra_cholesky.ts";
import { factorHessian, solveActive, updateActive } from "./active_set.ts";
import type { Data } from "./data.ts";
import { type Model, Status } from "./model.ts";

const MOST_STEPS = 50;
const MOST_TRIALS = 100;

/** Product of row i of the symmetric linkMass, stored as its lower triangle, with x. */
const massRow = (m: Model, d: Data, i: number, x: Float64Array): number => {
  const { nv } = m, { linkMass } = d;
  let sum = 0;
  for (let j = 0; j < nv; j++) sum += (j <= i ? linkMass[i * nv + j] : linkMass[j * nv + i]) * x[j];
  return sum;
};

/** (linkAcc, efcActive) ⇒ (gradient of the objective, efcResidual = J a − aref). */
export const objectiveGradient = (m: Model, d: Data): void => {
  const { nv } = m, { nefc, efcJ, efcD, efcAref, efcActive, efcResidual, gradient, linkAcc, linkSmooth } = d;
  for (let i = 0; i < nv; i++) gradient[i] = massRow(m, d, i, linkAcc) - linkSmooth[i];
  for (let r = 0; r < nefc; r++) {
    const base = r * nv;
    let residual = -efcAref[r];
    for (let k = 0; k < nv; k++) residual += efcJ[base + k] * linkAcc[k];
    efcResidual[r] = residual;
    if (efcActive[r] === 0) continue;
    for (let k = 0; k < nv; k++) gradient[k] += efcD[r] * residual * efcJ[base + k];
  }
};

/**
 * (gradient, direction, efcResidual) ⇒ (step length): root of the objective's derivative along the direction.
 *
 * The derivative slope₀ + α·curvature + Σ D(r + αs)s over r + αs < 0 is piecewise linear and increasing, so Newton is
 * exact within a piece; a bracket with bisection keeps it from jumping between two pieces for ever.
 */
export const exactStep = (m: Model, d: Data): number => {
  const { nv } = m, { nefc, efcJ, efcD, efcResidual, efcSlope, direction } = d;
  let smoothSlope = 0, smoothCurvature = 0;
  for (let i = 0; i < nv; i++) {
    smoothSlope += direction[i] * (massRow(m, d, i, d.linkAcc) - d.linkSmooth[i]);
    smoothCurvature += direction[i] * massRow(m, d, i, direction);
  }
  for (let r = 0; r < nefc; r++) {
    efcSlope[r] = 0;
    for (let k = 0, base = r * nv; k < nv; k++) efcSlope[r] += efcJ[base + k] * direction[k];
  }
  let low = 0, high = Infinity, alpha = 1;
  for (let trial = 0; trial < MOST_TRIALS; trial++) {
    let slope = smoothSlope + alpha * smoothCurvature, curvature = smoothCurvature;
    for (let r = 0; r < nefc; r++) {
      const residual = efcResidual[r] + alpha * efcSlope[r];
      if (residual >= 0) continue;
      slope += efcD[r] * residual * efcSlope[r];
      curvature += efcD[r] * efcSlope[r] * efcSlope[r];
    }
    if (slope < 0) low = alpha;
    else high = alpha;
    let next = alpha - slope / curvature;
    if (Math.abs(next - alpha) <= 1e-15 * alpha) return next;
    if (!(next > low && next < high)) next = high === Infinity ? 2 * low : 0.5 * (low + high);
    if (next === low || next === high) return alpha;
    alpha = next;
  }
  return alpha;
};

/**
 * (linkMass, linkSmooth, efc…) ⇒ (linkAcc, efcActive), from the unconstrained acceleration on.
 *
 * Stops when the minimum of the quadratic piece at the current point has the same active set as that point, or when the
 * line search moves nothing.
 */
export const searchAcceleration = (m: Model, d: Data): Status => {
  const { nv } = m, { linkAcc, direction, gradient } = d;
  d.efcActive.fill(0);
  if (!solveActive(m, d)) return Status.singular;
  updateActive(m, d);
  for (let step = 0; step < MOST_STEPS; step++) {
    if (!factorHessian(m, d)) return Status.singular;
    objectiveGradient(m, d);
    for (let i = 0; i < nv; i++) gradient[i] = -gradient[i];
    solveCholesky(d.hessian, nv, gradient, direction);
    const alpha = exactStep(m, d);
    let moved = false;
    for (let i = 0; i < nv; i++) {
      const next = linkAcc[i] + alpha * direction[i];
      if (next !== linkAcc[i]) moved = true;
      linkAcc[i] = next;
    }
    const changed = updateActive(m, d);
    if (!moved || (!changed && Math.abs(alpha - 1) < 1e-12)) break;
  }
  return solveActive(m, d) ? Status.ok : Status.singular;
};
