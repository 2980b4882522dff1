/**
 * Rows of the soft constraints: joint limits and contacts.
 *
 * @module
 */
import type { Data } from "./data.ts";
import type { Model, SoftConstraint } from "./model.ts";

/**
 * Impedance d(x) of a constraint at violation `distance`: (distance in m or rad) ⇒ (d, unitless).
 *
 * x = |distance|/width, y = 2x² up to ½ and 1 − 2(1 − x)² beyond, d = d0 + y(d1 − d0), with d0 and d1 as `compile`
 * clips them. Source: MuJoCo's `solimp` with midpoint ½ and power 2, its defaults.
 */
export const impedance = (soft: SoftConstraint, i: number, distance: number): number => {
  const low = soft.impedance[3 * i], high = soft.impedance[3 * i + 1], width = soft.impedance[3 * i + 2];
  const x = Math.abs(distance) / width;
  const y = x >= 1 ? 1 : x <= 0.5 ? 2 * x * x : 1 - 2 * (1 - x) * (1 - x);
  return low + y * (high - low);
};

/** Weight and reference acceleration of row r, whose efcJ is filled: D = `weight`, aref = −B·(J w) − K·d·distance. */
const finishRow = (m: Model, d: Data, r: number, weight: number, damping: number, pull: number): void => {
  const { efcJ, linkVel } = d, base = r * m.nv;
  let velocity = 0;
  for (let k = 0; k < m.nv; k++) velocity += efcJ[base + k] * linkVel[k];
  d.efcD[r] = weight;
  d.efcAref[r] = -damping * velocity - pull;
};

/** Row J q̇ = sign·q̇_dof of a limit whose distance less its margin is below 0. */
const addLimit = (m: Model, d: Data, i: number, sign: number, distance: number): void => {
  const { limit, dofSign, dofParent } = m;
  const r = d.nefc++, base = r * m.nv, dof = limit.dof[i];
  for (let k = 0; k < m.nv; k++) d.efcJ[base + k] = 0;
  d.efcJ[base + dof] = sign * dofSign[dof];
  if (dofParent[dof] >= 0) d.efcJ[base + dofParent[dof]] = -sign * dofSign[dof];
  const imp = impedance(limit, i, distance);
  const weight = imp / ((1 - imp) * limit.diagonal[i]);
  finishRow(m, d, r, weight, limit.damping[i], limit.stiffness[i] * imp * distance);
};

/** Adds ± the velocity of a point of `link` per unit of w to the two rows of pointJacobian. */
const addPointJacobian = (m: Model, d: Data, link: number, pointU: number, pointV: number, sign: number): void => {
  const { nv, linkParent, linkDof, linkSlideU, linkSlideV } = m;
  const { pointJacobian, linkAnchor, linkStem } = d;
  if (linkSlideU[link] >= 0) pointJacobian[linkSlideU[link]] += sign;
  if (linkSlideV[link] >= 0) pointJacobian[nv + linkSlideV[link]] += sign;
  let armU = pointU - linkAnchor[2 * link], armV = pointV - linkAnchor[2 * link + 1];
  for (let l = link; l >= 0; l = linkParent[l]) {
    const dof = linkDof[l];
    if (dof >= 0) {
      pointJacobian[dof] -= sign * armV;
      pointJacobian[nv + dof] += sign * armU;
    }
    armU = linkStem[2 * l];
    armV = linkStem[2 * l + 1];
  }
};

/** Row direction·pointJacobian of contact c. */
const addContactRow = (
  m: Model,
  d: Data,
  c: number,
  directionU: number,
  directionV: number,
  weight: number,
  pull: number,
): void => {
  const { nv } = m, { efcJ, pointJacobian } = d;
  const r = d.nefc++, base = r * nv, pair = d.contactPair[c];
  for (let k = 0; k < nv; k++) {
    efcJ[base + k] = directionU * pointJacobian[k] + directionV * pointJacobian[nv + k];
  }
  finishRow(m, d, r, weight, m.pair.damping[pair], pull);
};

/**
 * Rows of one contact. Frictionless: Jn. Friction: the pyramid's edges Jn ± μJt in the plane; the two edges out of the
 * plane both equal Jn, so they are one row of twice the weight. Of a normal out of the plane, of crossing axes, Jn is 0
 * and both tangents lie in it: edges ±μJu, ±μJv.
 */
const addContactRows = (m: Model, d: Data, c: number): void => {
  const { pair, geom } = m, p = d.contactPair[c];
  const distance = d.contactDist[c] - pair.margin[p], friction = pair.friction[p];
  const imp = impedance(pair, p, distance);
  const pull = pair.stiffness[p] * imp * distance;
  const link1 = geom.link[pair.geom1[p]], link2 = geom.link[pair.geom2[p]];
  const pointU = d.contactPoint[2 * c], pointV = d.contactPoint[2 * c + 1];
  for (let k = 0; k < 2 * m.nv; k++) d.pointJacobian[k] = 0;
  addPointJacobian(m, d, link2, pointU, pointV, 1);
  if (link1 >= 0) addPointJacobian(m, d, link1, pointU, pointV, -1);
  const weight = imp / ((1 - imp) * pair.diagonal[p]);
  const normalU = d.contactNormal[2 * c], normalV = d.contactNormal[2 * c + 1];
  if (friction === 0) {
    addContactRow(m, d, c, normalU, normalV, weight, pull);
  } else if (normalU === 0 && normalV === 0) {
    addContactRow(m, d, c, friction, 0, weight, pull);
    addContactRow(m, d, c, -friction, 0, weight, pull);
    addContactRow(m, d, c, 0, friction, weight, pull);
    addContactRow(m, d, c, 0, -friction, weight, pull);
  } else {
    addContactRow(m, d, c, normalU + friction * normalV, normalV - friction * normalU, weight, pull);
    addContactRow(m, d, c, normalU - friction * normalV, normalV + friction * normalU, weight, pull);
    addContactRow(m, d, c, normalU, normalV, 2 * weight, pull);
  }
};

/** (qpos, linkVel, contacts) ⇒ (nefc, efcJ, efcD, efcAref): limits within their margin, then contacts. */
export const constraintRows = (m: Model, d: Data): void => {
  const { dof, range, margin, count } = m.limit;
  d.nefc = 0;
  for (let i = 0; i < count; i++) {
    const below = d.qpos[dof[i]] - range[2 * i] - margin[i], above = range[2 * i + 1] - d.qpos[dof[i]] - margin[i];
    if (below < 0) addLimit(m, d, i, 1, below);
    if (above < 0) addLimit(m, d, i, -1, above);
  }
  for (let c = 0; c < d.ncon; c++) addContactRows(m, d, c);
};
