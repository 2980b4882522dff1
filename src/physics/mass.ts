/**
 * The mass matrix in link coordinates.
 *
 * @module
 */
import type { Data } from "./data.ts";
import type { Model } from "./model.ts";

/**
 * (linkStem, linkMoment) ⇒ (linkMass, lower triangle).
 *
 * With H_b = R_b(m_b c_b + Σ_children Msub·stem) the kinetic energy gives, for descendant b of a,
 * M_ba = (R_a stem)·H_b (less the armature where a is the parent), M_b,u = −H_v, M_b,v = H_u, and a constant diagonal
 * I + m|c|² + Σ_children Msub|stem|² + armatures of the own and the children's joints.
 */
export const massMatrix = (m: Model, d: Data): void => {
  const { nv, nlink, dofDiagonal, linkDof, linkSlideU, linkSlideV } = m;
  const { couplingA, couplingB, couplingStem, couplingLink, couplingArmature } = m;
  const { linkMass, linkStem, linkMoment } = d;
  for (let j = 0; j < nv; j++) linkMass[j * nv + j] = dofDiagonal[j];
  for (let l = 0; l < nlink; l++) {
    const dof = linkDof[l];
    if (dof < 0) continue;
    if (linkSlideU[l] >= 0) linkMass[dof * nv + linkSlideU[l]] = -linkMoment[2 * l + 1];
    if (linkSlideV[l] >= 0) linkMass[dof * nv + linkSlideV[l]] = linkMoment[2 * l];
  }
  for (let k = 0; k < couplingA.length; k++) {
    const stem = 2 * couplingStem[k], link = 2 * couplingLink[k];
    linkMass[couplingB[k] * nv + couplingA[k]] = linkStem[stem] * linkMoment[link] +
      linkStem[stem + 1] * linkMoment[link + 1] - couplingArmature[k];
  }
};
