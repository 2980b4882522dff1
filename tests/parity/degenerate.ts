/**
 * States in which geometry or limits degenerate, to the bit and next to it: what a search against MuJoCo starts from.
 *
 * @module
 */
import { type Data, forward, kinematics, type Model } from "../../src/physics/physics.ts";
import type { Stream } from "../../src/math/random.ts";
import { clearance, randomState } from "./reference.ts";

/** (model, data, stream) ⇒ whether the state in `d` is of the family; false: try again. */
export type Family = (m: Model, d: Data, stream: Stream) => boolean;

const NUDGES = [0, 0, 0, 2 ** -52, 1e-15, 1e-14, 1e-12, 1e-9, 1e-8, 1e-7, 3e-7, 1e-6, 1e-3];

const nudge = (stream: Stream): number => (stream.uniform() < 0.5 ? -1 : 1) * pick(NUDGES, stream);

const pick = <T>(from: ReadonlyArray<T>, stream: Stream): T => from[Math.floor(from.length * stream.uniform())];

const indices = (count: number, keep: (i: number) => boolean): ReadonlyArray<number> =>
  Array.from({ length: count }, (_, i) => i).filter(keep);

/** Pairs of two capsules. */
export const capsulePairs = (m: Model): ReadonlyArray<number> =>
  indices(m.npair, (i) => m.geom.isPlane[m.pair.geom1[i]] === 0);

/** Joints anywhere on the circle, high above the floor, at rest or not. */
const folded = (m: Model, d: Data, stream: Stream): void => {
  const still = stream.uniform() < 0.5;
  for (let j = 0; j < m.nq; j++) {
    d.qpos[j] = m.qpos0[j] + Math.PI * (2 * stream.uniform() - 1);
    d.qvel[j] = still ? 0 : stream.normal();
  }
  d.qpos[0] = 2 * stream.uniform() - 1;
  if (m.npair > 0) d.qpos[1] = 3;
  for (let i = 0; i < m.nu; i++) d.ctrl[i] = 3 * stream.uniform() - 1.5;
};

/** Joints on their limits, or at the limits' margins. */
const limits: Family = (m, d, stream) => {
  randomState(m, d, stream, kinematics);
  for (let i = 0; i < m.limit.count; i++) {
    const side = stream.uniform() < 0.5 ? 0 : 1, inward = side === 0 ? 1 : -1;
    const end = m.limit.range[2 * i + side] +
      inward * (m.limit.margin[i] > 0 ? pick([0, m.limit.margin[i]], stream) : 0);
    if (stream.uniform() < 0.7) d.qpos[m.limit.dof[i]] = end + nudge(stream);
  }
  return true;
};

/** The lowest end at the floor's margin, at the floor, or with its axis in the floor. */
const margins: Family = (m, d, stream) => {
  if (m.npair === 0) return false;
  randomState(m, d, stream, kinematics);
  d.qpos[1] += pick([0, m.pair.margin[0], -m.geom.radius[m.pair.geom2[0]]], stream) + nudge(stream) - clearance(m, d);
  return true;
};

/** Links upright or level, in or above the floor: ends of equal height, capsules along the normal. */
const upright: Family = (m, d, stream) => {
  if (m.npair === 0) return false;
  randomState(m, d, stream, kinematics);
  for (let j = 2; j < m.nq; j++) {
    if (stream.uniform() < 0.8) d.qpos[j] = (Math.PI / 2) * (Math.floor(5 * stream.uniform()) - 2) + nudge(stream);
  }
  kinematics(m, d);
  d.qpos[1] += 0.3 * stream.uniform() * pick([0, -1], stream) + nudge(stream) - clearance(m, d);
  return true;
};

/** (u, v) of end `k` of a geom, after `forward`. */
const endOf = (d: Data, geom: number, k: number): readonly [number, number] => [
  d.geomEnds[4 * geom + 2 * k],
  d.geomEnds[4 * geom + 2 * k + 1],
];

const direction = (d: Data, geom: number): number => {
  const [a, b] = [endOf(d, geom, 0), endOf(d, geom, 1)];
  return Math.atan2(a[1] - b[1], a[0] - b[0]);
};

const touches = (d: Data, pair: number): boolean => {
  for (let c = 0; c < d.ncon; c++) if (d.contactPair[c] === pair) return true;
  return false;
};

const hingeOf = (m: Model, geom: number): number => m.linkDof[m.geom.link[geom]];

/** Two capsules with parallel axes, some of them on one line. */
const parallel: Family = (m, d, stream) => {
  const pairs = capsulePairs(m);
  if (pairs.length === 0) return false;
  const pair = pick(pairs, stream), geom1 = m.pair.geom1[pair], geom2 = m.pair.geom2[pair], dof = hingeOf(m, geom2);
  folded(m, d, stream);
  if (stream.uniform() < 0.3) {
    for (let j = 3; j < m.nq; j++) d.qpos[j] = (Math.PI / 2) * Math.floor(4 * stream.uniform());
  }
  forward(m, d);
  const turn = direction(d, geom1) - direction(d, geom2) + (stream.uniform() < 0.5 ? Math.PI : 0);
  d.qpos[dof] += m.dofSign[dof] * turn;
  forward(m, d);
  d.qpos[dof] += m.dofSign[dof] * Math.sin(direction(d, geom1) - direction(d, geom2)) *
    Math.sign(Math.cos(direction(d, geom1) - direction(d, geom2)));
  d.qpos[dof] += nudge(stream);
  forward(m, d);
  return touches(d, pair);
};

/** Two capsules that touch anywhere: their axes often cross. */
const overlapping: Family = (m, d, stream) => {
  if (capsulePairs(m).length === 0) return false;
  folded(m, d, stream);
  forward(m, d);
  return capsulePairs(m).some((pair) => touches(d, pair));
};

/** (f, interval with a change of sign) ⇒ its root, as far as numbers go. */
const bisect = (f: (x: number) => number, from: number, to: number): number => {
  let [low, high] = [from, to];
  const sign = Math.sign(f(low));
  for (let i = 0; i < 80; i++) {
    const middle = 0.5 * (low + high);
    if (middle === low || middle === high) break;
    if (Math.sign(f(middle)) === sign) low = middle;
    else high = middle;
  }
  return low;
};

const distanceToAxis = (d: Data, geom: number, [u, v]: readonly [number, number]): number => {
  const [a, b] = [endOf(d, geom, 0), endOf(d, geom, 1)], axis = [b[0] - a[0], b[1] - a[1]];
  const along = ((u - a[0]) * axis[0] + (v - a[1]) * axis[1]) / (axis[0] ** 2 + axis[1] ** 2);
  const x = Math.min(1, Math.max(0, along));
  return Math.hypot(u - a[0] - x * axis[0], v - a[1] - x * axis[1]);
};

/** An end of one axis at a given distance from the other: at the margin, at the surface, near the axis. */
const touching: Family = (m, d, stream) => {
  const pairs = capsulePairs(m);
  if (pairs.length === 0) return false;
  const pair = pick(pairs, stream), geom1 = m.pair.geom1[pair], geom2 = m.pair.geom2[pair], dof = hingeOf(m, geom2);
  const surface = m.geom.radius[geom1] + m.geom.radius[geom2];
  const target = pick([surface, surface + m.pair.margin[pair], 1e-3, 1e-5], stream), end = pick([0, 1], stream);
  folded(m, d, stream);
  const start = d.qpos[dof],
    f = (q: number) => {
      d.qpos[dof] = q;
      forward(m, d);
      return distanceToAxis(d, geom1, endOf(d, geom2, end)) - target;
    };
  for (let i = 0; i < 12; i++) {
    const [from, to] = [start + i / 2, start + (i + 1) / 2];
    if (f(from) * f(to) > 0) continue;
    f(bisect(f, from, to) + nudge(stream));
    return true;
  }
  return false;
};

/** An end of one axis on the other axis. */
const ended: Family = (m, d, stream) => {
  const pairs = capsulePairs(m);
  if (pairs.length === 0) return false;
  const pair = pick(pairs, stream), geom1 = m.pair.geom1[pair], geom2 = m.pair.geom2[pair], dof = hingeOf(m, geom2);
  const end = pick([0, 1], stream);
  folded(m, d, stream);
  const start = d.qpos[dof],
    f = (q: number) => {
      d.qpos[dof] = q;
      forward(m, d);
      const [u, v] = endOf(d, geom2, end), [a, b] = [endOf(d, geom1, 0), endOf(d, geom1, 1)];
      return (b[0] - a[0]) * (v - a[1]) - (b[1] - a[1]) * (u - a[0]);
    };
  for (let i = 0; i < 12; i++) {
    const [from, to] = [start + i / 2, start + (i + 1) / 2];
    if (f(from) * f(to) > 0) continue;
    f(bisect(f, from, to));
    if (distanceToAxis(d, geom1, endOf(d, geom2, end)) < 1e-12) return true;
  }
  return false;
};

/** An end of one axis on an end of the other, by Newton's method on two joints. */
const coincident: Family = (m, d, stream) => {
  const pairs = capsulePairs(m);
  if (pairs.length === 0) return false;
  const pair = pick(pairs, stream), geom1 = m.pair.geom1[pair], geom2 = m.pair.geom2[pair], dof = hingeOf(m, geom2);
  const ends = [pick([0, 1], stream), pick([0, 1], stream)];
  folded(m, d, stream);
  const gap = (): readonly [number, number] => {
    forward(m, d);
    const [a, b] = [endOf(d, geom1, ends[0]), endOf(d, geom2, ends[1])];
    return [b[0] - a[0], b[1] - a[1]];
  };
  for (let i = 0; i < 30; i++) {
    const [u, v] = gap();
    if (Math.hypot(u, v) < 3e-16) return true;
    const column = (j: number) => {
      const before = d.qpos[j];
      d.qpos[j] += 1e-6;
      const [u1, v1] = gap();
      d.qpos[j] = before;
      return [(u1 - u) / 1e-6, (v1 - v) / 1e-6];
    };
    const [a, b] = [column(dof), column(dof - 1)], determinant = a[0] * b[1] - a[1] * b[0];
    d.qpos[dof] -= (u * b[1] - v * b[0]) / determinant;
    d.qpos[dof - 1] -= (a[0] * v - a[1] * u) / determinant;
  }
  const [u, v] = gap();
  return Math.hypot(u, v) < 1e-15;
};

/** All families by name. */
export const families: Readonly<Record<string, Family>> = {
  limits,
  margins,
  upright,
  parallel,
  overlapping,
  touching,
  ended,
  coincident,
};
