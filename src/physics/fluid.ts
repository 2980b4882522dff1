/**
 * Forces of the medium on the box of equal inertia of each body.
 *
 * @module
 */
import type { Data } from "./data.ts";
import type { Model } from "./model.ts";

/** (linkVel, linkStem) ⇒ (linkAnchorVel). */
const anchorVelocities = (m: Model, d: Data): void => {
  const { linkParent, linkDof, linkSlideU, linkSlideV } = m;
  const { linkVel, linkStem, linkAnchorVel } = d;
  for (let l = 0; l < m.nlink; l++) {
    const parent = linkParent[l], u = 2 * l, v = u + 1;
    if (parent < 0) {
      linkAnchorVel[u] = linkSlideU[l] < 0 ? 0 : linkVel[linkSlideU[l]];
      linkAnchorVel[v] = linkSlideV[l] < 0 ? 0 : linkVel[linkSlideV[l]];
    } else {
      const spin = linkDof[parent] < 0 ? 0 : linkVel[linkDof[parent]];
      linkAnchorVel[u] = linkAnchorVel[2 * parent] - spin * linkStem[v];
      linkAnchorVel[v] = linkAnchorVel[2 * parent + 1] + spin * linkStem[u];
    }
  }
};

/** (force in N at `arm` from the anchor, torque in N·m about it) ⇒ adds to linkPassive along the chain to the root. */
const addForce = (m: Model, d: Data, link: number, forceU: number, forceV: number, torque: number): void => {
  const { linkParent, linkDof, linkSlideU, linkSlideV } = m;
  const { linkPassive, linkStem } = d;
  if (linkSlideU[link] >= 0) linkPassive[linkSlideU[link]] += forceU;
  if (linkSlideV[link] >= 0) linkPassive[linkSlideV[link]] += forceV;
  if (linkDof[link] >= 0) linkPassive[linkDof[link]] += torque;
  for (let child = link, l = linkParent[link]; l >= 0; child = l, l = linkParent[l]) {
    if (linkDof[l] < 0) continue;
    linkPassive[linkDof[l]] += linkStem[2 * child] * forceV - linkStem[2 * child + 1] * forceU;
  }
};

/**
 * (linkVel) ⇒ adds the forces of the medium to linkPassive.
 *
 * In the principal axes at the centre of mass, with mean side d̄ and sides b: force −3π d̄ β v − ½ρ A_i |v_i| v_i, torque
 * −π d̄³ β ω − ρ b_k(b_i⁴ + b_j⁴)|ω|ω/64; the products are constants of the model. Source: MuJoCo's inertia-box fluid
 * model.
 */
export const fluidForces = (m: Model, d: Data): void => {
  const { link, com, axis, viscousForce, viscousTorque, dragForce, dragTorque, count } = m.fluid;
  anchorVelocities(m, d);
  for (let i = 0; i < count; i++) {
    const l = link[i], u = 2 * i, v = u + 1;
    const cos = d.linkCos[l], sin = d.linkSin[l];
    const spin = m.linkDof[l] < 0 ? 0 : d.linkVel[m.linkDof[l]];
    const armU = cos * com[u] - sin * com[v], armV = sin * com[u] + cos * com[v];
    const velU = d.linkAnchorVel[2 * l] - spin * armV, velV = d.linkAnchorVel[2 * l + 1] + spin * armU;
    const axisU = cos * axis[u] - sin * axis[v], axisV = sin * axis[u] + cos * axis[v];
    const along = axisU * velU + axisV * velV, across = axisU * velV - axisV * velU;
    const forceAlong = -(viscousForce[i] + dragForce[u] * Math.abs(along)) * along;
    const forceAcross = -(viscousForce[i] + dragForce[v] * Math.abs(across)) * across;
    const forceU = axisU * forceAlong - axisV * forceAcross, forceV = axisV * forceAlong + axisU * forceAcross;
    const torque = -(viscousTorque[i] + dragTorque[i] * Math.abs(spin)) * spin;
    addForce(m, d, l, forceU, forceV, torque + armU * forceV - armV * forceU);
  }
};
