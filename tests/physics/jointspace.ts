/**
 * Link coordinates back to MuJoCo's: for inspection and parity, not in the hot path.
 *
 * @module
 */
import type { Data } from "../../src/physics/data.ts";
import type { Model } from "../../src/physics/model.ts";

/** Intermediates of the last evaluation under MuJoCo's names, in joint coordinates. */
export interface JointSpace {
  /** [nv, nv] mass matrix, full and symmetric. */
  readonly qM: Float64Array;
  /** [nv] N or N·m. */
  readonly qfrcBias: Float64Array;
  /** [nv] N or N·m. */
  readonly qfrcPassive: Float64Array;
  /** [nv] N or N·m. */
  readonly qfrcActuator: Float64Array;
  /** [nefc, nv] one row per unique pyramid edge. */
  readonly efcJ: Float64Array;
}

/**
 * (force or row in link coordinates) ⇒ (the same in joint coordinates).
 *
 * From w_j = s_j q̇_j + w_parent(j): f_j = s_j Σ_{i in the subtree of j} τ_i, gathered from the leaves.
 */
const toJoints = (m: Model, tau: Float64Array): Float64Array => {
  const gathered = tau.slice(), force = new Float64Array(m.nv);
  for (let j = m.nv - 1; j >= 0; j--) {
    force[j] = m.dofSign[j] * gathered[j];
    if (m.dofParent[j] >= 0) gathered[m.dofParent[j]] += gathered[j];
  }
  return force;
};

/** (linkMass) ⇒ (qM = Sᵀ M S with w = S q̇). */
const jointMass = (m: Model, d: Data): Float64Array => {
  const { nv } = m, half: Float64Array[] = [], qM = new Float64Array(nv * nv);
  for (let i = 0; i < nv; i++) {
    const row = Float64Array.from({ length: nv }, (_, j) => (j <= i ? d.linkMass[i * nv + j] : d.linkMass[j * nv + i]));
    half.push(toJoints(m, row));
  }
  for (let j = 0; j < nv; j++) {
    toJoints(m, Float64Array.from(half, (row) => row[j])).forEach((value, i) => (qM[i * nv + j] = value));
  }
  return qM;
};

/** (linkMass, link forces, efcJ, efcForce) ⇒ (JointSpace) of the last evaluation. */
export const jointSpace = (m: Model, d: Data): JointSpace => {
  const { nv } = m, efcJ = new Float64Array(d.nefc * nv);
  for (let r = 0; r < d.nefc; r++) efcJ.set(toJoints(m, d.efcJ.subarray(r * nv, (r + 1) * nv)), r * nv);
  return {
    qM: jointMass(m, d),
    qfrcBias: toJoints(m, d.linkBias),
    qfrcPassive: toJoints(m, d.linkPassive),
    qfrcActuator: toJoints(m, d.linkActuator),
    efcJ,
  };
};
