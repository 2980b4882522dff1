/**
 * One state held against MuJoCo where rounding does not decide what touches, and which way.
 *
 * @module
 */
import { type Data, forward, type Model, Status } from "../../src/physics/physics.ts";
import { capsulePairs } from "./degenerate.ts";
import { copyState, type Reference } from "./reference.ts";

const CROSSING = 1e-15; // m: MuJoCo takes axes for crossing below it
const SHORT = 1e-5; // m: rounding turns the direction of a shorter gap by more than 1e-10
const ON_MARGIN = 1e-14; // m: rounding decides whether it is within the margin

/** A contact in MuJoCo. */
interface Touch {
  readonly gap: number; // m, between the axes of two capsules; ∞: with the floor
  readonly outOfPlane: boolean;
  readonly onMargin: boolean;
  readonly geoms: ReadonlyArray<number>; // indices, the same as ours in these models
  readonly point: readonly [number, number]; // m
}

const touchesOf = ({ model, data }: Reference): ReadonlyArray<Touch> => {
  const contacts = data.contact, found: Touch[] = [];
  for (let c = 0; c < contacts.size(); c++) {
    const contact = contacts.get(c), [one, two] = contact.geom;
    const reach = model.geom_bodyid[one] === 0 ? Infinity : model.geom_size[3 * one] + model.geom_size[3 * two];
    if (contact.exclude !== 0) { // listed, but not within its margin
      contact.delete();
      continue;
    }
    found.push({
      gap: contact.dist + reach,
      outOfPlane: Math.abs(contact.frame[1]) > 0.9,
      onMargin: Math.abs(contact.dist - contact.includemargin) < ON_MARGIN,
      geoms: [one, two],
      point: [contact.pos[0], contact.pos[2]],
    });
    contact.delete();
  }
  contacts.delete();
  return found;
};

/** Twice the signed area of the triangle a, b, c, indices into geomEnds. */
const area = ({ geomEnds: e }: Data, a: number, b: number, c: number): number =>
  (e[b] - e[a]) * (e[c + 1] - e[a + 1]) - (e[b + 1] - e[a + 1]) * (e[c] - e[a]);

/** Whether the axes of a pair cross or touch, by the sides on which the ends lie, to 1e-14 m². */
const axesMeet = (m: Model, d: Data, pair: number): boolean => {
  const i = 4 * m.pair.geom1[pair], j = 4 * m.pair.geom2[pair];
  return area(d, i, i + 2, j) * area(d, i, i + 2, j + 2) <= 1e-14 &&
    area(d, j, j + 2, i) * area(d, j, j + 2, i + 2) <= 1e-14;
};

/** Contacts between capsules of the last `forward`. */
interface Own {
  readonly capsules: number;
  /** with a normal out of the plane */
  readonly crossing: number;
  /** of coinciding axes, with the normal that MuJoCo gives to those that are parallel to the last bit */
  readonly aligned: number;
}

/** Whether some end is as far from the floor as its margin, to rounding. */
const endOnMargin = (m: Model, d: Data): boolean => {
  for (let pair = 0; pair < m.npair; pair++) {
    const plane = m.pair.geom1[pair], capsule = m.pair.geom2[pair], far = m.geom.radius[capsule] + m.pair.margin[pair];
    if (m.geom.isPlane[plane] === 0) continue;
    for (const k of [4 * capsule + 1, 4 * capsule + 3]) {
      if (Math.abs(d.geomEnds[k] - d.geomEnds[4 * plane + 1] - far) < ON_MARGIN) return true;
    }
  }
  return false;
};

const contactOnMargin = (m: Model, d: Data): boolean => {
  for (let c = 0; c < d.ncon; c++) {
    if (Math.abs(d.contactDist[c] - m.pair.margin[d.contactPair[c]]) < ON_MARGIN) return true;
  }
  return false;
};

/** Whether ours and theirs are the same contacts, by their geoms and points. */
const sameContacts = (m: Model, d: Data, touches: ReadonlyArray<Touch>): boolean =>
  d.ncon === touches.length && touches.every(({ geoms: [one, two], point: [u, v] }) => {
    for (let c = 0; c < d.ncon; c++) {
      const pair = d.contactPair[c];
      if (m.pair.geom1[pair] !== one || m.pair.geom2[pair] !== two) continue;
      if (Math.hypot(d.contactPoint[2 * c] - u, d.contactPoint[2 * c + 1] - v) < 0.01) return true;
    }
    return false;
  });

/** Throws where a normal is out of the plane and the axes do not meet. */
const ownContacts = (m: Model, d: Data): Own => {
  const pairs = capsulePairs(m);
  let capsules = 0, crossing = 0, aligned = 0;
  for (let c = 0; c < d.ncon; c++) {
    const pair = d.contactPair[c], [normalU, normalV] = d.contactNormal.subarray(2 * c, 2 * c + 2);
    if (!pairs.includes(pair)) continue;
    const gap = d.contactDist[c] + m.geom.radius[m.pair.geom1[pair]] + m.geom.radius[m.pair.geom2[pair]];
    capsules++;
    if (gap < ON_MARGIN && normalU === 1) aligned++;
    if (normalU !== 0 || normalV !== 0) continue;
    crossing++;
    if (!axesMeet(m, d, pair)) throw new Error(`the axes of pair ${pair} do not meet at ${d.qpos}`);
  }
  return { capsules, crossing, aligned };
};

/** What `compareStage` found. */
export interface Stage {
  /** m/s or rad/s, largest difference that the accelerations make in one physics step, to the largest velocity there */
  readonly error: number;
  /** Whether rounding decides in MuJoCo: the error means nothing */
  readonly rounded: boolean;
  /** Whether something is at its margin to rounding: it may be beyond in the next evaluation */
  readonly onMargin: boolean;
  /** Contacts between capsules */
  readonly capsules: number;
  /** of these, with a normal out of the plane */
  readonly crossing: number;
}

/** (state in `d`) ⇒ (ours against MuJoCo's). Throws where a normal is out of the plane and the axes do not meet. */
export const compareStage = (m: Model, d: Data, reference: Reference): Stage => {
  copyState(d, reference);
  reference.forward();
  if (forward(m, d) !== Status.ok) throw new Error("a state without accelerations");
  const { capsules, crossing, aligned } = ownContacts(m, d), touches = touchesOf(reference);
  const theirs = touches.filter(({ outOfPlane }) => outOfPlane).length;
  const short = touches.some(({ gap, outOfPlane }) => !outOfPlane && gap >= CROSSING && gap < SHORT);
  const onMargin = endOnMargin(m, d) || contactOnMargin(m, d) || touches.some((touch) => touch.onMargin);
  const direction = theirs < crossing || (theirs > crossing && theirs <= crossing + aligned);
  let error = 0, size = 1;
  for (let j = 0; j < m.nv; j++) {
    error = Math.max(error, m.timestep * Math.abs(d.qacc[j] - reference.data.qacc[j]));
    size = Math.max(size, Math.abs(d.qvel[j]), m.timestep * Math.abs(reference.data.qacc[j]));
  }
  const rounded = short || direction || (onMargin && !sameContacts(m, d, touches));
  return { error: error / size, rounded, onMargin, capsules, crossing };
};
