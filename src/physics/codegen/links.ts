/**
 * Poses of the links as code: (joint coordinates) ⇒ (sines, cosines, stems, moments, anchors).
 *
 * @module
 */
import type { Model } from "../model.ts";
import type { Block } from "./block.ts";
import {
  abs,
  add,
  atom,
  type Expression,
  literal,
  mul,
  ONE,
  type Pair,
  polynomial,
  select,
  sub,
  ZERO,
} from "./expression.ts";

/** What is known of each link in one evaluation; all entries are names or literals. */
export interface Poses {
  /** [nlink] rad */
  readonly angle: ReadonlyArray<Expression>;
  /** [nlink] */
  readonly cos: ReadonlyArray<Expression>;
  /** [nlink] */
  readonly sin: ReadonlyArray<Expression>;
  /** [nlink] m, parent's anchor → anchor, in the world */
  readonly stem: ReadonlyArray<Pair>;
  /** [nlink] kg·m, in the world */
  readonly moment: ReadonlyArray<Pair>;
  /** [nlink] m */
  readonly anchor: ReadonlyArray<Pair>;
}

/** High part of π/2 with 33 bits, so that its product with an integer below 2^20 is exact; see `sincos.ts`. */
const HALF_PI_HIGH = Math.floor((Math.PI / 2) * 2 ** 32) / 2 ** 32;
const HALF_PI_LOW = Math.PI / 2 - HALF_PI_HIGH + 6.123233995736766e-17;

/** Largest |angle| of the reduction, rad; beyond it the generic engine takes over. */
const LARGEST_ANGLE = 1e6;

// Minimax coefficients on |r| ≤ π/4, errors below 2^-57. Source: FreeBSD's msun, k_sin.c and k_cos.c.
const SINE = [
  -1.66666666666666324348e-01,
  8.33333333332248946124e-03,
  -1.98412698298579493134e-04,
  2.75573137070700676789e-06,
  -2.50507602534068634195e-08,
  1.58969099521155010221e-10,
];
const COSINE = [
  4.16666666666666019037e-02,
  -1.38888888888741095749e-03,
  2.48015872894767294178e-05,
  -2.75573143513906633035e-07,
  2.08757232129817482790e-09,
  -1.13596475577881948265e-11,
];

/**
 * Sine and cosine of an angle: n = ⌊2x/π + ½⌋ quarters and a rest r, polynomials of r, and a turn by n quarters.
 *
 * The signs come from the bits of n by arithmetic, so that no arm of a branch computes anything.
 */
const sineCosine = (b: Block, l: number, angle: Expression): readonly [Expression, Expression] => {
  if (angle.value === 0) return [ZERO, ONE];
  const n = b.define(`n${l}`, atom(`Math.floor(${add(mul(angle, literal(2 / Math.PI)), literal(0.5)).text})`));
  const r = b.define(`r${l}`, sub(sub(angle, mul(literal(HALF_PI_HIGH), n)), mul(literal(HALF_PI_LOW), n)));
  const z = b.define(`z${l}`, mul(r, r));
  const odd = b.define(`odd${l}`, add(r, mul(mul(r, z), polynomial(z, SINE))));
  const tail = sub(mul(literal(0.5), z), mul(mul(z, z), polynomial(z, COSINE)));
  const even = b.define(`even${l}`, sub(ONE, tail));
  const swap = `(${n.text} & 1) !== 0`;
  return [
    b.define(`sin${l}`, mul(select(swap, even, odd), atom(`(1 - (${n.text} & 2))`))),
    b.define(`cos${l}`, mul(select(swap, odd, even), atom(`(1 - ((${n.text} + 1) & 2))`))),
  ];
};

/** (block, name, cos, sin, pair of constants) ⇒ the pair turned by the angle. */
export const rotate = (b: Block, name: string, cos: Expression, sin: Expression, u0: number, v0: number): Pair => {
  const u = literal(u0), v = literal(v0);
  return [
    b.define(`${name}U`, sub(mul(cos, u), mul(sin, v))),
    b.define(`${name}V`, add(mul(sin, u), mul(cos, v))),
  ];
};

/** (dof or −1, base) ⇒ base + q − qpos0. */
const displaced = (m: Model, dof: number, base: number): Expression =>
  dof < 0 ? literal(base) : add(atom(`q${dof}`), literal(base - m.qpos0[dof]));

/** Angles of all links; leaves to the generic engine what the reduction does not reach. */
const angles = (m: Model, b: Block, leave: string): ReadonlyArray<Expression> => {
  const found: Expression[] = [];
  for (let l = 0; l < m.nlink; l++) {
    const dof = m.linkDof[l], parent = m.linkParent[l];
    const turn = dof < 0 ? ZERO : mul(literal(m.dofSign[dof]), displaced(m, dof, 0));
    found.push(b.define(`angle${l}`, parent < 0 ? turn : add(found[parent], turn)));
  }
  const turning = found.filter((angle) => angle.value === null);
  if (turning.length === 0) return found;
  const reached = turning.map((angle) => `${abs(angle).text} <= ${LARGEST_ANGLE}`).join(" && ");
  b.line(`if (!(${reached})) ${leave}`);
  return found;
};

/** (q0, q1, …) ⇒ (poses). `leave`: the statement that hands the evaluation to the generic engine. */
export const linkPosesCode = (m: Model, b: Block, leave: string): Poses => {
  const angle = angles(m, b, leave);
  const turned = angle.map((x, l) => sineCosine(b, l, x));
  const sin = turned.map((x) => x[0]), cos = turned.map((x) => x[1]);
  const stem: Pair[] = [], moment: Pair[] = [], anchor: Pair[] = [];
  for (let l = 0; l < m.nlink; l++) {
    const parent = m.linkParent[l], u = m.linkStem0[2 * l], v = m.linkStem0[2 * l + 1];
    stem.push(parent < 0 ? [ZERO, ZERO] : rotate(b, `stem${l}`, cos[parent], sin[parent], u, v));
    moment.push(rotate(b, `moment${l}`, cos[l], sin[l], m.linkMoment0[2 * l], m.linkMoment0[2 * l + 1]));
    const base: Pair = parent < 0
      ? [displaced(m, m.linkSlideU[l], u), displaced(m, m.linkSlideV[l], v)]
      : [add(anchor[parent][0], stem[l][0]), add(anchor[parent][1], stem[l][1])];
    anchor.push([b.define(`anchor${l}U`, base[0]), b.define(`anchor${l}V`, base[1])]);
  }
  return { angle, cos, sin, stem, moment, anchor };
};
