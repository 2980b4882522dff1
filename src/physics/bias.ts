/**
 * Centrifugal forces and gravity in link coordinates.
 *
 * @module
 */
import type { Data } from "./data.ts";
import type { Model } from "./model.ts";

/**
 * (linkStem, linkMoment, linkVel) ⇒ (linkBias), on the left-hand side: linkMass·ẇ + linkBias = forces.
 *
 * With X = cross(R_a stem, H_b): bias_a −= X ω_b², bias_b += X ω_a², bias_slides −= H ω², and gravity g adds
 * g_u H_v − g_v H_u to hinges and −Msub·g to slides.
 */
export const biasForces = (m: Model, d: Data): void => {
  const { nv, nlink, dofWeight, linkDof, linkSlideU, linkSlideV, gravity } = m;
  const { couplingA, couplingB, couplingStem, couplingLink } = m;
  const { linkBias, linkStem, linkMoment, linkVel } = d;
  const gravityU = gravity[0], gravityV = gravity[1];
  for (let j = 0; j < nv; j++) linkBias[j] = -dofWeight[j];
  for (let l = 0; l < nlink; l++) {
    const dof = linkDof[l];
    if (dof < 0) continue;
    const momentU = linkMoment[2 * l], momentV = linkMoment[2 * l + 1];
    const spin = linkVel[dof] * linkVel[dof];
    linkBias[dof] += gravityU * momentV - gravityV * momentU;
    if (linkSlideU[l] >= 0) linkBias[linkSlideU[l]] -= momentU * spin;
    if (linkSlideV[l] >= 0) linkBias[linkSlideV[l]] -= momentV * spin;
  }
  for (let k = 0; k < couplingA.length; k++) {
    const stem = 2 * couplingStem[k], link = 2 * couplingLink[k], a = couplingA[k], b = couplingB[k];
    const cross = linkStem[stem] * linkMoment[link + 1] - linkStem[stem + 1] * linkMoment[link];
    linkBias[a] -= cross * linkVel[b] * linkVel[b];
    linkBias[b] += cross * linkVel[a] * linkVel[a];
  }
};
