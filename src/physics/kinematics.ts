/**
 * Poses and velocities of the links.
 *
 * @module
 */
import type { Data } from "./data.ts";
import type { Model } from "./model.ts";
import { writeSinCos } from "./sincos.ts";

/** (qpos) ⇒ (linkAngle, linkCos, linkSin, linkAnchor, linkStem, linkMoment). */
export const linkPoses = (m: Model, d: Data): void => {
  const { linkParent, linkDof, dofSign, qpos0, linkStem0, linkMoment0, linkSlideU, linkSlideV } = m;
  const { qpos, linkAngle, linkCos, linkSin, linkAnchor, linkStem, linkMoment } = d;
  for (let l = 0; l < m.nlink; l++) {
    const parent = linkParent[l], dof = linkDof[l], u = 2 * l, v = u + 1;
    const turn = dof < 0 ? 0 : dofSign[dof] * (qpos[dof] - qpos0[dof]);
    if (parent < 0) {
      const slideU = linkSlideU[l], slideV = linkSlideV[l];
      linkAngle[l] = turn;
      linkAnchor[u] = linkStem0[u] + (slideU < 0 ? 0 : qpos[slideU] - qpos0[slideU]);
      linkAnchor[v] = linkStem0[v] + (slideV < 0 ? 0 : qpos[slideV] - qpos0[slideV]);
    } else {
      const cos = linkCos[parent], sin = linkSin[parent];
      linkAngle[l] = linkAngle[parent] + turn;
      linkStem[u] = cos * linkStem0[u] - sin * linkStem0[v];
      linkStem[v] = sin * linkStem0[u] + cos * linkStem0[v];
      linkAnchor[u] = linkAnchor[2 * parent] + linkStem[u];
      linkAnchor[v] = linkAnchor[2 * parent + 1] + linkStem[v];
    }
    writeSinCos(linkAngle[l], linkSin, linkCos, l);
    const cos = linkCos[l], sin = linkSin[l];
    linkMoment[u] = cos * linkMoment0[u] - sin * linkMoment0[v];
    linkMoment[v] = sin * linkMoment0[u] + cos * linkMoment0[v];
  }
};

/** Point i of `points`, fixed to link l, and its depth ⇒ x, y, z in `out`. */
const placePoint = (
  m: Model,
  d: Data,
  l: number,
  points: Float64Array,
  depth: Float64Array,
  i: number,
  out: Float64Array,
) => {
  const inPlane = m.plane === "xz" ? 2 : 1, normal = m.plane === "xz" ? 1 : 2, u = points[2 * i], v = points[2 * i + 1];
  out[3 * i] = l < 0 ? u : d.linkAnchor[2 * l] + d.linkCos[l] * u - d.linkSin[l] * v;
  out[3 * i + inPlane] = l < 0 ? v : d.linkAnchor[2 * l + 1] + d.linkSin[l] * u + d.linkCos[l] * v;
  out[3 * i + normal] = depth[i];
};

/** (linkAnchor, linkCos, linkSin) ⇒ (xpos, siteXpos). */
const positions = (m: Model, d: Data): void => {
  for (let b = 1; b < m.nbody; b++) placePoint(m, d, m.bodyLink[b], m.bodyOrigin, m.bodyDepth, b, d.xpos);
  for (let s = 0; s < m.nsite; s++) placePoint(m, d, m.siteLink[s], m.sitePos, m.siteDepth, s, d.siteXpos);
};

/**
 * Poses of the *current* qpos: (qpos) ⇒ (xpos, siteXpos, linkAngle, …).
 *
 * Departure: MuJoCo's `xpos` and `site_xpos` after an RK4 step belong to the fourth stage. Here neither `step` nor `forward` fills
 * them; a task that reads poses calls this, so that what it reads is a function of the state.
 */
export const kinematics = (m: Model, d: Data): void => {
  linkPoses(m, d);
  positions(m, d);
};

/** (qvel) ⇒ (linkVel): w_j = s_j q̇_j + w_parent(j). */
export const linkVelocities = (m: Model, d: Data): void => {
  const { dofSign, dofParent } = m;
  const { qvel, linkVel } = d;
  for (let j = 0; j < m.nv; j++) {
    const parent = dofParent[j];
    linkVel[j] = dofSign[j] * qvel[j] + (parent < 0 ? 0 : linkVel[parent]);
  }
};

/** (linkAcc) ⇒ (qacc): q̈_j = s_j (ẇ_j − ẇ_parent(j)). */
export const jointAccelerations = (m: Model, d: Data): void => {
  const { dofSign, dofParent } = m;
  const { qacc, linkAcc } = d;
  for (let j = 0; j < m.nv; j++) {
    const parent = dofParent[j];
    qacc[j] = dofSign[j] * (linkAcc[j] - (parent < 0 ? 0 : linkAcc[parent]));
  }
};
