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

/** Plane against capsule: the two end spheres, independently; a sphere is one of them. */
const planeCapsule = (m: Model, d: Data, pair: number): void => {
  const plane = m.pair.geom1[pair], capsule = m.pair.geom2[pair];
  const height = d.geomEnds[4 * plane + 1],
    radius = m.geom.radius[capsule],
    end = m.geom.isSphere[capsule] === 1 ? 2 : 4;
  for (let k = 4 * capsule; k < 4 * capsule + end; k += 2) {
    const dist = d.geomEnds[k + 1] - height - radius;
    if (!(dist < m.pair.margin[pair])) continue;
    addContact(d, pair, dist, d.geomEnds[k], d.geomEnds[k + 1] - radius - 0.5 * dist, 0, 1);
  }
};

const clampUnit = (x: number): number => (x < -1 ? -1 : x > 1 ? 1 : x);

const TINY = 1e-15; // mjMINVAL
const ROUNDING = 2 ** -50; // of a coordinate of a point: four units in the last place

/**
 * Capsule against capsule: closest points of the two segments, then sphere against sphere.
 *
 * With centres c and half-axes a, minimise |c₁ + x₁a₁ − c₂ − x₂a₂|² on the square [−1, 1]²: solve the 2×2 system, clamp
 * x₁ and solve for x₂, clamp x₂ and solve for x₁. Where nothing is clamped the axes cross, and no direction of the plane
 * leads apart: the normal is the cross product of the axes.
 *
 * Departure: MuJoCo finds a crossing by the distance of the two points, below 1e-15 m. Where rounding leaves it more, its
 * normal is the direction of that rounding; here axes that cross always have the normal of those that do exactly, and so
 * have points that rounding alone may have parted.
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
  if (Math.abs(determinant) < TINY) {
    parallelCapsules(m, d, pair);
    return;
  }
  const free = (square2 * right1 + mixed * right2) / determinant;
  let x1 = clampUnit(free), x2 = (right2 + mixed * x1) / square2;
  const cross = x1 === free && x2 >= -1 && x2 <= 1;
  if (x2 < -1 || x2 > 1) {
    x2 = clampUnit(x2);
    x1 = clampUnit((right1 + mixed * x2) / square1);
  }
  const point1U = center1U + x1 * half1U, point1V = center1V + x1 * half1V;
  if (cross) sphereSphere(m, d, pair, point1U, point1V, point1U, point1V, 0);
  else sphereSphere(m, d, pair, point1U, point1V, center2U + x2 * half2U, center2V + x2 * half2V, 0);
};

/**
 * Capsules with parallel axes: up to two contacts, of the ends of one axis with the nearest points of the other; both ends
 * of the first, then those of the second until there are two.
 */
const parallelCapsules = (m: Model, d: Data, pair: number): void => {
  const { geom1, geom2 } = m.pair, normalU = axesAlign(m, d, geom1[pair], geom2[pair]) ? 1 : 0;
  let found = 0;
  for (let side = 0; side < 2; side++) {
    const own = 4 * (side === 0 ? geom1[pair] : geom2[pair]), other = 4 * (side === 0 ? geom2[pair] : geom1[pair]);
    for (let end = own; end < own + 4 && found < 2; end += 2) {
      const u = d.geomEnds[end], v = d.geomEnds[end + 1], x = nearestOnAxis(d, other, u, v);
      const nearU = 0.5 * ((1 + x) * d.geomEnds[other] + (1 - x) * d.geomEnds[other + 2]);
      const nearV = 0.5 * ((1 + x) * d.geomEnds[other + 1] + (1 - x) * d.geomEnds[other + 3]);
      found += side === 0
        ? sphereSphere(m, d, pair, u, v, nearU, nearV, normalU)
        : sphereSphere(m, d, pair, nearU, nearV, u, v, normalU);
    }
  }
};

/**
 * Sphere against sphere or capsule: the centre and the nearest point of the axis.
 *
 * Departure: a centre on the axis of a capsule whose hinges turn about z is pushed nowhere; MuJoCo pushes across the axis.
 */
const sphereCapsule = (m: Model, d: Data, pair: number): void => {
  const { geom1, geom2 } = m.pair, own = 4 * geom1[pair], other = 4 * geom2[pair];
  const u = d.geomEnds[own], v = d.geomEnds[own + 1], normalU = axesAlign(m, d, geom1[pair], geom2[pair]) ? 1 : 0;
  const x = m.geom.isSphere[geom2[pair]] === 1 ? 0 : nearestOnAxis(d, other, u, v);
  const nearU = 0.5 * ((1 + x) * d.geomEnds[other] + (1 - x) * d.geomEnds[other + 2]);
  const nearV = 0.5 * ((1 + x) * d.geomEnds[other + 1] + (1 - x) * d.geomEnds[other + 3]);
  sphereSphere(m, d, pair, u, v, nearU, nearV, normalU);
};

/** (axis at `k` of geomEnds, point) ⇒ x in [−1, 1]: the point of the axis nearest to it is centre + x·half. */
const nearestOnAxis = ({ geomEnds }: Data, k: number, u: number, v: number): number => {
  const halfU = 0.5 * (geomEnds[k] - geomEnds[k + 2]), halfV = 0.5 * (geomEnds[k + 1] - geomEnds[k + 3]);
  const gapU = u - 0.5 * (geomEnds[k] + geomEnds[k + 2]), gapV = v - 0.5 * (geomEnds[k + 1] + geomEnds[k + 3]);
  return clampUnit((halfU * gapU + halfV * gapV) / (halfU * halfU + halfV * halfV));
};

/**
 * Whether the axes of two geoms are parallel to rounding, by the angles of their links and not by their places; a sphere's
 * is its body's z.
 */
const axesAlign = (m: Model, { linkCos, linkSin }: Data, geom1: number, geom2: number): boolean => {
  const { link, ends } = m.geom, l1 = link[geom1], l2 = link[geom2], i = 4 * geom1, j = 4 * geom2;
  const cos1 = l1 < 0 ? 1 : linkCos[l1], sin1 = l1 < 0 ? 0 : linkSin[l1];
  const cos2 = l2 < 0 ? 1 : linkCos[l2], sin2 = l2 < 0 ? 0 : linkSin[l2];
  const round1 = m.geom.isSphere[geom1], round2 = m.geom.isSphere[geom2];
  if (m.plane === "xy" && (round1 === 1 || round2 === 1)) return round1 === round2;
  const u1 = ends[i] - ends[i + 2], v1 = round1 === 1 ? 1 : ends[i + 1] - ends[i + 3];
  const u2 = ends[j] - ends[j + 2], v2 = round2 === 1 ? 1 : ends[j + 1] - ends[j + 3];
  const axis1U = cos1 * u1 - sin1 * v1, axis1V = sin1 * u1 + cos1 * v1;
  const axis2U = cos2 * u2 - sin2 * v2, axis2V = sin2 * u2 + cos2 * v2;
  const sizes = Math.sqrt((u1 * u1 + v1 * v1) * (u2 * u2 + v2 * v2));
  return Math.abs(axis1U * axis2V - axis1V * axis2U) < TINY * sizes;
};

/**
 * Sphere against sphere, about points of two axes.
 *
 * @param aligned  normal along u where the points coincide: 1 for axes that are parallel to rounding; 0: out of the plane
 * @returns        1 where they are within the margin, else 0
 */
const sphereSphere = (
  m: Model,
  d: Data,
  pair: number,
  u1: number,
  v1: number,
  u2: number,
  v2: number,
  aligned: 0 | 1,
): 0 | 1 => {
  const radius1 = m.geom.radius[m.pair.geom1[pair]], radius2 = m.geom.radius[m.pair.geom2[pair]];
  const distance = Math.sqrt((u2 - u1) * (u2 - u1) + (v2 - v1) * (v2 - v1));
  const dist = distance - radius1 - radius2;
  if (!(dist < m.pair.margin[pair])) return 0;
  const apart = distance >= TINY + ROUNDING * (Math.abs(u1) + Math.abs(v1));
  const normalU = apart ? (u2 - u1) / distance : aligned, normalV = apart ? (v2 - v1) / distance : 0;
  const reach = radius1 + 0.5 * dist;
  addContact(d, pair, dist, u1 + normalU * reach, v1 + normalV * reach, normalU, normalV);
  return 1;
};

/** (linkAnchor, linkCos, linkSin) ⇒ (ncon, contact…): contacts with dist < margin, in the order of the pairs. */
export const collide = (m: Model, d: Data): void => {
  d.ncon = 0;
  if (m.npair === 0) return;
  placeGeoms(m, d);
  const { geom1 } = m.pair, { isPlane, isSphere } = m.geom;
  for (let pair = 0; pair < m.npair; pair++) {
    if (isPlane[geom1[pair]] === 1) planeCapsule(m, d, pair);
    else if (isSphere[geom1[pair]] === 1) sphereCapsule(m, d, pair);
    else capsuleCapsule(m, d, pair);
  }
};
