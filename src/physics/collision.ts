/**
 * Contacts of the pairs that may touch.
 *
 * @module
 */
import type { Data } from "./data.ts";
import type { Model } from "./model.ts";

/** (linkAnchor, linkCos, linkSin) ⇒ (geomEnds): both ends of each geom's axis in the world. */
const placeGeoms = (m: Model, d: Data): void => {
  const { link, ends } = m.geom;
  const { geomEnds, linkAnchor, linkCos, linkSin } = d;
  for (let g = 0; g < m.ngeom; g++) {
    const l = link[g];
    for (let k = 4 * g; k < 4 * g + 4; k += 2) {
      const u = ends[k], v = ends[k + 1];
      geomEnds[k] = l < 0 ? u : linkAnchor[2 * l] + linkCos[l] * u - linkSin[l] * v;
      geomEnds[k + 1] = l < 0 ? v : linkAnchor[2 * l + 1] + linkSin[l] * u + linkCos[l] * v;
    }
  }
};

const addContact = (
  d: Data,
  pair: number,
  dist: number,
  pointU: number,
  pointV: number,
  normalU: number,
  normalV: number,
): void => {
  const c = d.ncon++;
  d.contactPair[c] = pair;
  d.contactDist[c] = dist;
  d.contactPoint[2 * c] = pointU;
  d.contactPoint[2 * c + 1] = pointV;
  d.contactNormal[2 * c] = normalU;
  d.contactNormal[2 * c + 1] = normalV;
};

/** Plane against capsule: the two end spheres, independently. */
const planeCapsule = (m: Model, d: Data, pair: number): void => {
  const plane = m.pair.geom1[pair], capsule = m.pair.geom2[pair];
  const height = d.geomEnds[4 * plane + 1], radius = m.geom.radius[capsule];
  for (let k = 4 * capsule; k < 4 * capsule + 4; k += 2) {
    const dist = d.geomEnds[k + 1] - height - radius;
    if (!(dist < m.pair.margin[pair])) continue;
    addContact(d, pair, dist, d.geomEnds[k], d.geomEnds[k + 1] - radius - 0.5 * dist, 0, 1);
  }
};

const clampUnit = (x: number): number => (x < -1 ? -1 : x > 1 ? 1 : x);

const PARALLEL = 1e-15; // mjMINVAL

/**
 * Capsule against capsule: closest points of the two segments, then sphere against sphere.
 *
 * With centres c and half-axes a, minimise |c₁ + x₁a₁ − c₂ − x₂a₂|² on the square [−1, 1]²: solve the 2×2 system, clamp
 * x₁ and solve for x₂, clamp x₂ and solve for x₁.
 * Departure: MuJoCo makes up to two contacts of exactly parallel axes; here there is at most one.
 */
const capsuleCapsule = (m: Model, d: Data, pair: number): void => {
  const { geomEnds } = d;
  const geom1 = m.pair.geom1[pair], geom2 = m.pair.geom2[pair], i = 4 * geom1, j = 4 * geom2;
  const center1U = 0.5 * (geomEnds[i] + geomEnds[i + 2]), center1V = 0.5 * (geomEnds[i + 1] + geomEnds[i + 3]);
  const center2U = 0.5 * (geomEnds[j] + geomEnds[j + 2]), center2V = 0.5 * (geomEnds[j + 1] + geomEnds[j + 3]);
  const half1U = 0.5 * (geomEnds[i] - geomEnds[i + 2]), half1V = 0.5 * (geomEnds[i + 1] - geomEnds[i + 3]);
  const half2U = 0.5 * (geomEnds[j] - geomEnds[j + 2]), half2V = 0.5 * (geomEnds[j + 1] - geomEnds[j + 3]);
  const gapU = center1U - center2U, gapV = center1V - center2V;
  const square1 = half1U * half1U + half1V * half1V, square2 = half2U * half2U + half2V * half2V;
  const mixed = half1U * half2U + half1V * half2V;
  const right1 = -(half1U * gapU + half1V * gapV), right2 = half2U * gapU + half2V * gapV;
  const determinant = square1 * square2 - mixed * mixed;
  let x1 = Math.abs(determinant) < PARALLEL ? 0 : (square2 * right1 + mixed * right2) / determinant;
  x1 = clampUnit(x1);
  let x2 = (right2 + mixed * x1) / square2;
  if (x2 < -1 || x2 > 1) {
    x2 = clampUnit(x2);
    x1 = clampUnit((right1 + mixed * x2) / square1);
  }
  const point1U = center1U + x1 * half1U, point1V = center1V + x1 * half1V;
  const point2U = center2U + x2 * half2U, point2V = center2V + x2 * half2V;
  sphereSphere(m, d, pair, point1U, point1V, point2U, point2V);
};

const sphereSphere = (m: Model, d: Data, pair: number, u1: number, v1: number, u2: number, v2: number): void => {
  const radius1 = m.geom.radius[m.pair.geom1[pair]], radius2 = m.geom.radius[m.pair.geom2[pair]];
  const distance = Math.sqrt((u2 - u1) * (u2 - u1) + (v2 - v1) * (v2 - v1));
  const dist = distance - radius1 - radius2;
  if (!(dist < m.pair.margin[pair])) return;
  const apart = distance >= PARALLEL;
  const normalU = apart ? (u2 - u1) / distance : 1, normalV = apart ? (v2 - v1) / distance : 0;
  const reach = radius1 + 0.5 * dist;
  addContact(d, pair, dist, u1 + normalU * reach, v1 + normalV * reach, normalU, normalV);
};

/** (linkAnchor, linkCos, linkSin) ⇒ (ncon, contact…): contacts with dist < margin, in the order of the pairs. */
export const collide = (m: Model, d: Data): void => {
  d.ncon = 0;
  if (m.npair === 0) return;
  placeGeoms(m, d);
  const { geom1 } = m.pair, { isPlane } = m.geom;
  for (let pair = 0; pair < m.npair; pair++) {
    if (isPlane[geom1[pair]] === 1) planeCapsule(m, d, pair);
    else capsuleCapsule(m, d, pair);
  }
};
