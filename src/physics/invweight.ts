/**
 * Inverse weights at qpos0: how much a unit force moves a joint or a body. They scale the softness of constraints.
 *
 * @module
 */
import { factorCholesky, solveCholesky } from "../math/linear_algebra_cholesky.ts";
import { makeData } from "./data.ts";
import { linkPoses } from "./kinematics.ts";
import { massMatrix } from "./mass.ts";
import type { Model } from "./model.ts";
import type { Tree } from "./tree.ts";

/** (link, point relative to its anchor at qpos0) ⇒ the rows [2, nv] that map w to the point's velocity. */
const pointRows = (m: Model, stems: Float64Array, link: number, point: readonly [number, number]) => {
  const alongU = new Float64Array(m.nv), alongV = new Float64Array(m.nv);
  if (m.linkSlideU[link] >= 0) alongU[m.linkSlideU[link]] = 1;
  if (m.linkSlideV[link] >= 0) alongV[m.linkSlideV[link]] = 1;
  let [armU, armV] = point;
  for (let l = link; l >= 0; l = m.linkParent[l]) {
    const dof = m.linkDof[l];
    if (dof >= 0) {
      alongU[dof] = -armV;
      alongV[dof] = armU;
    }
    armU = stems[2 * l];
    armV = stems[2 * l + 1];
  }
  return [alongU, alongV] as const;
};

/** (factor of M, row J) ⇒ J M⁻¹ Jᵀ. */
const weighRow = (factor: Float64Array, nv: number, row: Float64Array): number => {
  const solution = new Float64Array(nv);
  solveCholesky(factor, nv, row, solution);
  return row.reduce((sum, x, k) => sum + x * solution[k], 0);
};

/**
 * (model without inverse weights, tree) ⇒ (dofInvweight0, bodyInvweight0), both at qpos0 with armature.
 *
 *   dof: (M⁻¹)_jj; body: trace(J M⁻¹ Jᵀ)/3 at its centre of mass, by 3 although nothing moves out of the plane
 *
 * A body that `slidesAlone` and its dofs have 1/mass, as in MuJoCo, without armature.
 */
export const inverseWeights = (
  m: Model,
  { bodies, dofs }: Tree,
): { readonly dofInvweight0: Float64Array; readonly bodyInvweight0: Float64Array } => {
  const d = makeData(m), { nv } = m;
  linkPoses(m, d);
  massMatrix(m, d);
  const factor = d.linkMass.slice();
  if (!factorCholesky(factor, nv)) {
    throw new Error(`Cannot compile the model as its mass matrix must be positive definite: "${m.name}"`);
  }
  const dofInvweight0 = Float64Array.from({ length: nv }, (_, j) => {
    const { slidesAlone, inertia } = bodies.find(({ link }) => link === dofs[j].link)!;
    if (slidesAlone) return 1 / inertia.mass;
    const row = new Float64Array(nv);
    row[j] = m.dofSign[j];
    if (m.dofParent[j] >= 0) row[m.dofParent[j]] = -m.dofSign[j];
    return weighRow(factor, nv, row);
  });
  const bodyInvweight0 = Float64Array.from({ length: m.nbody }, (_, b) => {
    if (b === 0) return 0;
    const link = m.bodyLink[b];
    if (bodies[b - 1].slidesAlone) return 1 / m.bodyMass[b];
    const rows = pointRows(m, d.linkStem, link, [m.bodyCom[2 * b], m.bodyCom[2 * b + 1]]);
    return (weighRow(factor, nv, rows[0]) + weighRow(factor, nv, rows[1])) / 3;
  });
  return { dofInvweight0, bodyInvweight0 };
};
