/**
 * Contacts between capsules and planes as code.
 *
 * A contact has the three rows n + μt, n − μt and n (twice the weight) over its point's acceleration along the normal
 * +v and the tangent +u. Rows that push therefore add a 2×2 weight W to the point, whatever the number of contacts:
 *
 *   W = [γ β; β α],  α = D(e₊ + e₋ + 2e₀),  β = μD(e₊ − e₋),  γ = μ²D(e₊ + e₋),  e = 1 where the row pushes.
 *
 * Each link sums W, its moments about the anchor and the forces W·target over its contacts (nine numbers); the sums then
 * go up the tree as masses do. Without friction the three rows are equal, so a quarter of the weight each is the one row.
 *
 * @module
 */
import type { Model } from "../model.ts";
import type { Block } from "./block.ts";
import { type End, type Tables, touchingLinks } from "./ends.ts";
import { add, atom, cross, div, type Expression, literal, mul, ONE, type Pair, sub, ZERO } from "./expression.ts";
import { impedanceCode } from "./limits.ts";
import type { Poses } from "./links.ts";

/** Numbers of one link in `links`: cos, sin, velocity (u, v), spin, acceleration (u, v), its angular one. */
export const LINK_STRIDE = 8;
/** Numbers of one contact in `contacts`: arm (u, v), weight, target along n and t, friction. */
export const CONTACT_STRIDE = 6;
/** Room of one link in `sums`, nine numbers: W as uu, uv, vv; its moment (u, v) and second moment; force (u, v) and torque. */
export const SUM_STRIDE = 2 * LINK_STRIDE;

/** What the functions of this file share. */
export interface ContactCode {
  readonly m: Model;
  readonly b: Block;
  readonly ends: ReadonlyArray<End>;
  readonly tables: Tables;
}

const rateOf = (m: Model, l: number, rate: ReadonlyArray<Expression>): Expression =>
  m.linkDof[l] < 0 ? ZERO : rate[m.linkDof[l]];

/** (cos, sin, w) ⇒ `links`, for the links that may touch. */
const storeLinks = (
  { m, b, ends }: ContactCode,
  poses: Poses,
  flow: ReadonlyArray<Pair>,
  spin: ReadonlyArray<Expression>,
): void => {
  touchingLinks(ends).forEach((l, slot) => {
    const numbers = [poses.cos[l], poses.sin[l], ...flow[l], rateOf(m, l, spin)];
    numbers.forEach((e, k) => b.line(`links[${LINK_STRIDE * slot + k}] = ${e.text};`));
  });
};

/** Impedance d, and weight of each of the three rows: d/((1 − d)·diagonal), a quarter of it without friction. */
const weightCode = ({ m, b, ends, tables }: ContactCode, distance: Expression): readonly [Expression, Expression] => {
  const { pair } = m, diagonal = ends.map((end) => pair.diagonal[end.pair] * (pair.friction[end.pair] === 0 ? 4 : 1));
  const column = (name: string, k: number) =>
    tables.column(name, ends.map((end) => pair.impedance[3 * end.pair + k]), "end");
  const low = column("endLow", 0), high = column("endHigh", 1), width = column("endWidth", 2);
  const d = impedanceCode(b, "Contact", { low, high, width }, atom(`Math.abs(${distance.text})`));
  if (d.value === null) return [d, div(d, mul(sub(ONE, d), tables.column("endDiagonal", diagonal, "end")))];
  const value = d.value;
  return [d, tables.column("endWeight", diagonal.map((x) => value / ((1 - value) * x)), "end")];
};

/** (links, gap) ⇒ `contacts[i]`. */
const fillContact = (code: ContactCode): void => {
  const { m, b, ends, tables } = code, { pair } = m;
  const column = (name: string, value: (end: End) => number) => tables.column(name, ends.map(value), "end");
  const slots = touchingLinks(ends);
  const slot = column("endLink", (end) => LINK_STRIDE * slots.indexOf(end.link));
  b.line(`const end = active[i], gap = gaps[i], link = ${slot.text}, at = ${CONTACT_STRIDE} * i;`);
  b.line("const cos = links[link], sin = links[link + 1], spin = links[link + 4];");
  const cos = atom("cos"), sin = atom("sin"), spin = atom("spin"), gap = atom("gap");
  const u = column("endU", (end) => end.u), v = column("endV", (end) => end.v);
  const armU = b.define("armU", sub(mul(cos, u), mul(sin, v)));
  const center = add(mul(sin, u), mul(cos, v)), radius = column("endRadius", (end) => end.radius);
  const armV = b.define("armV", sub(sub(center, radius), mul(literal(0.5), gap)));
  const distance = b.define("distance", sub(gap, column("endMargin", (end) => pair.margin[end.pair])));
  const [d, weight] = weightCode(code, distance);
  const damping = column("endDamping", (end) => pair.damping[end.pair]);
  const stiffness = column("endStiffness", (end) => pair.stiffness[end.pair]);
  const pull = b.define("pull", mul(mul(stiffness, d), distance));
  const normal = mul(damping, add(atom("links[link + 3]"), mul(armU, spin)));
  const tangent = mul(damping, sub(atom("links[link + 2]"), mul(armV, spin)));
  const friction = column("endFriction", (end) => pair.friction[end.pair]);
  const numbers = [armU, armV, weight, sub(sub(ZERO, normal), pull), sub(ZERO, tangent), friction];
  numbers.forEach((e, k) => b.line(`${k === 0 ? "contacts[at]" : `contacts[at + ${k}]`} = ${e.text};`));
  b.line("slots[i] = link;");
  b.line("masks[i] = 0;");
};

/** (gaps, poses, w) ⇒ (count, contacts): the ends that touch. */
export const findContactsCode = (
  code: ContactCode,
  gaps: ReadonlyArray<Expression>,
  conditions: ReadonlyArray<string>,
  poses: Poses,
  flow: ReadonlyArray<Pair>,
  spin: ReadonlyArray<Expression>,
): void => {
  const { b } = code;
  b.line("let count = 0;");
  clearSums(b, "summed");
  b.nest(`if (${conditions.join(" || ")})`, () => {
    gaps.forEach((gap, i) => {
      b.line(`active[count] = ${i};`);
      b.line(`gaps[count] = ${gap.text};`);
      b.line(`count += ${conditions[i]} ? 1 : 0;`);
    });
    storeLinks(code, poses, flow, spin);
    b.nest("for (let i = 0; i < count; i++)", () => fillContact(code));
  });
  b.line("summed = count;");
};

/** (dw/dt of the links) ⇒ (masks): which rows of each contact push; `change` is not 0 where one is new. */
export const updateContactsCode = (
  { m, b, ends }: ContactCode,
  rates: ReadonlyArray<Pair>,
  acc: ReadonlyArray<Expression>,
): void => {
  b.nest("if (count > 0)", () => {
    touchingLinks(ends).forEach((l, slot) => {
      [...rates[l], rateOf(m, l, acc)].forEach((e, k) => b.line(`links[${LINK_STRIDE * slot + 5 + k}] = ${e.text};`));
    });
    b.nest("for (let i = 0; i < count; i++)", () => {
      b.line(`const at = ${CONTACT_STRIDE} * i, link = slots[i], turn = links[link + 7];`);
      b.line("const normal = links[link + 6] + contacts[at] * turn - contacts[at + 3];");
      b.line("const slide = contacts[at + 5] * (links[link + 5] - contacts[at + 1] * turn - contacts[at + 4]);");
      b.line("const mask = (normal + slide < 0 ? 1 : 0) | (normal - slide < 0 ? 2 : 0) | (normal < 0 ? 4 : 0);");
      b.line("change |= mask ^ masks[i];");
      b.line("masks[i] = mask;");
    });
  });
};

const SUMS = 9;
const slot = `const sum = ${SUM_STRIDE / LINK_STRIDE} * slots[i];`;

/** Sets the sums of the links of the first `count` contacts to 0; those of all other links are 0 between evaluations. */
const clearSums = (b: Block, count: string): void => {
  b.nest(`for (let i = 0; i < ${count}; i++)`, () => {
    b.line(slot);
    b.line(`for (let k = 0; k < ${SUMS}; k++) sums[sum + k] = 0;`);
  });
};

/** (contacts, masks) ⇒ (sums). */
export const sumContactsCode = ({ b }: ContactCode): void => {
  clearSums(b, "count");
  b.nest("for (let i = 0; i < count; i++)", () => {
    for (const line of SUM_LINES) b.line(line.replace("SLOT;", slot));
  });
};

const SUM_LINES: ReadonlyArray<string> = [
  `const at = ${CONTACT_STRIDE} * i, mask = masks[i];`,
  "SLOT;",
  "const armU = contacts[at], armV = contacts[at + 1], weight = contacts[at + 2], friction = contacts[at + 5];",
  "const normal = contacts[at + 3], tangent = contacts[at + 4];",
  "const plus = weight * (mask & 1), minus = weight * ((mask >> 1) & 1);",
  "const vv = plus + minus + 2 * (weight * ((mask >> 2) & 1));",
  "const uv = friction * (plus - minus), uu = friction * friction * (plus + minus);",
  "const momentU = uv * armU - uu * armV, momentV = vv * armU - uv * armV;",
  "const forceU = uv * normal + uu * tangent, forceV = vv * normal + uv * tangent;",
  "sums[sum] += uu;",
  "sums[sum + 1] += uv;",
  "sums[sum + 2] += vv;",
  "sums[sum + 3] += momentU;",
  "sums[sum + 4] += momentV;",
  "sums[sum + 5] += armU * momentV - armV * momentU;",
  "sums[sum + 6] += forceU;",
  "sums[sum + 7] += forceV;",
  "sums[sum + 8] += armU * forceV - armV * forceU;",
];

/** What hangs below an anchor: W, first and second moment of W about it, force, torque. */
interface Load {
  readonly uu: Expression;
  readonly uv: Expression;
  readonly vv: Expression;
  readonly moment: Pair;
  readonly second: Expression;
  readonly force: Pair;
  readonly torque: Expression;
}

const ownLoad = (b: Block, slot: number): Load => {
  const at = (k: number) => (slot < 0 ? ZERO : b.define(`sum${slot}_${k}`, atom(`sums[${SUM_STRIDE * slot + k}]`)));
  return {
    uu: at(0),
    uv: at(1),
    vv: at(2),
    moment: [at(3), at(4)],
    second: at(5),
    force: [at(6), at(7)],
    torque: at(8),
  };
};

/** Adds what hangs below the anchor of a child, `stem` away. */
const addLoad = (b: Block, name: string, own: Load, child: Load, stem: Pair): Load => {
  const named = (part: string, e: Expression) => b.define(`${part}${name}`, e);
  const moment: Pair = [
    named("loadU", sub(mul(child.uv, stem[0]), mul(child.uu, stem[1]))),
    named("loadV", sub(mul(child.vv, stem[0]), mul(child.uv, stem[1]))),
  ];
  return {
    uu: named("uu", add(own.uu, child.uu)),
    uv: named("uv", add(own.uv, child.uv)),
    vv: named("vv", add(own.vv, child.vv)),
    moment: [named("momentU", add(own.moment[0], moment[0])), named("momentV", add(own.moment[1], moment[1]))],
    second: named("second", add(own.second, cross(stem, moment))),
    force: [named("forceU", add(own.force[0], child.force[0])), named("forceV", add(own.force[1], child.force[1]))],
    torque: named("torque", add(own.torque, cross(stem, child.force))),
  };
};

/** (sums, matrix, right-hand side) ⇒ (both with the rows that push). */
export const addContacts = ({ m, b, ends }: ContactCode, poses: Poses, matrix: Expression[][], right: Expression[]) => {
  const slots = touchingLinks(ends), load = poses.cos.map((_, l) => ownLoad(b, slots.indexOf(l)));
  const adds = (row: number, column: number, e: Expression): void => {
    const i = Math.max(row, column), j = Math.min(row, column);
    matrix[i][j] = add(matrix[i][j], e);
  };
  for (let l = m.nlink - 1; l >= 0; l--) {
    const parent = m.linkParent[l], dof = m.linkDof[l], slideU = m.linkSlideU[l], slideV = m.linkSlideV[l];
    const { uu, uv, vv, moment, second, force, torque } = load[l];
    if (dof >= 0) {
      adds(dof, dof, second);
      right[dof] = add(right[dof], torque);
      if (slideU >= 0) adds(dof, slideU, moment[0]);
      if (slideV >= 0) adds(dof, slideV, moment[1]);
      for (let child = l, up = parent; up >= 0; child = up, up = m.linkParent[up]) {
        if (m.linkDof[up] >= 0) adds(dof, m.linkDof[up], b.define(`tie${l}_${up}`, cross(poses.stem[child], moment)));
      }
    }
    if (parent >= 0) {
      load[parent] = addLoad(b, `${parent}_${l}`, load[parent], load[l], poses.stem[l]);
      continue;
    }
    if (slideU >= 0) adds(slideU, slideU, uu);
    if (slideV >= 0) adds(slideV, slideV, vv);
    if (slideU >= 0 && slideV >= 0) adds(slideU, slideV, uv);
    if (slideU >= 0) right[slideU] = add(right[slideU], force[0]);
    if (slideV >= 0) right[slideV] = add(right[slideV], force[1]);
  }
};

/** Typed arrays of the contacts, as declarations; none without ends. */
export const contactArrays = (ends: ReadonlyArray<End>): ReadonlyArray<string> => {
  const links = touchingLinks(ends).length, floats = (n: number) => `Float64Array = new Float64Array(${n})`;
  return ends.length === 0 ? [] : [
    `const links: ${floats(LINK_STRIDE * links)};`,
    `const contacts: ${floats(CONTACT_STRIDE * ends.length)};`,
    `const sums: ${floats(SUM_STRIDE * links)};`,
    `const gaps: ${floats(ends.length)};`,
    `const active: Int32Array = new Int32Array(${ends.length});`,
    `const slots: Int32Array = new Int32Array(${ends.length});`,
    "/** Contacts of the last evaluation that had some, the first of `slots`. */",
    "let summed = 0;",
    `const masks: Int32Array = new Int32Array(${ends.length});`,
  ];
};
