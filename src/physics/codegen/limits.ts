/**
 * Joint limits as code. The formulas are those of `constraint.ts`.
 *
 * A joint passes at most one end of its range, so each limit is one row: side·q̈ ≥ target, side = ±1, with weight 0 while
 * the joint is within its range. Where margins as wide as the range let it pass both, the generic engine takes over.
 *
 * @module
 */
import type { Model } from "../model.ts";
import type { Block } from "./block.ts";
import type { Lower } from "./dynamics.ts";
import { add, atom, div, type Expression, literal, mul, neg, ONE, select, sub, ZERO } from "./expression.ts";

/** Target of a joint within its range: no row pushes, and the processor learns that none does. */
const NEVER = "-1e300";

/** d0, d1 and the width of one constraint, or of the entry of a table. */
export interface ImpedanceCurve {
  readonly low: Expression;
  readonly high: Expression;
  readonly width: Expression;
}

/** (name, curve, depth ≥ 0) ⇒ impedance; see `impedance` of `constraint.ts`. */
export const impedanceCode = (b: Block, name: string, curve: ImpedanceCurve, depth: Expression): Expression => {
  const { low, high, width } = curve;
  if (low.value !== null && low.value === high.value) return low;
  const x = b.define(`depth${name}`, div(depth, width)), rest = b.define(`rest${name}`, sub(ONE, x));
  const near = b.define(`near${name}`, mul(literal(2), mul(x, x)));
  const far = b.define(`far${name}`, sub(ONE, mul(literal(2), mul(rest, rest))));
  const inner = select(`${x.text} <= 0.5`, near, far);
  const y = b.define(`rise${name}`, select(`${x.text} >= 1`, ONE, inner));
  return b.define(`impedance${name}`, add(low, mul(sub(high, low), y)));
};

/** Distances of one joint from the ends of its range less the margin, m or rad; negative: passed. */
export interface Range {
  readonly below: Expression;
  readonly above: Expression;
}

/** (q) ⇒ (distances from the ends of each range, less the margin). */
export const rangesCode = (m: Model, b: Block, q: ReadonlyArray<Expression>): ReadonlyArray<Range> =>
  Array.from({ length: m.limit.count }, (_, i) => {
    const position = q[m.limit.dof[i]], [low, high] = m.limit.range.subarray(2 * i, 2 * i + 2);
    const margin = literal(m.limit.margin[i]);
    return {
      below: b.define(`below${i}`, sub(sub(position, literal(low)), margin)),
      above: b.define(`above${i}`, sub(sub(literal(high), position), margin)),
    };
  });

/** (ranges) ⇒ conditions under which some limit is passed. */
export const limitConditions = (ranges: ReadonlyArray<Range>): ReadonlyArray<string> =>
  ranges.flatMap(({ below, above }) => [below, above].map(isNegative));

/** Leaves to the generic engine what passes both ends of a range. */
const leaveBothEnds = (m: Model, b: Block, ranges: ReadonlyArray<Range>, leave: string): void => {
  const { range, margin } = m.limit, slack = 1 + 1e-9;
  const narrow = ranges.filter((_, i) => range[2 * i + 1] - range[2 * i] <= 2 * margin[i] * slack);
  const both = narrow.map(({ below, above }) => `(${isNegative(below)} && ${isNegative(above)})`);
  if (both.length > 0) b.line(`if (${both.join(" || ")}) ${leave}`);
};

/** e < 0 */
const isNegative = (e: Expression): string => e.minus === null ? `${e.text} < 0` : `${e.minus.text} > 0`;

/** One limit: declares weight, side and target, and fills them where some limit is passed. */
const limitRow = (m: Model, b: Block, i: number, rate: ReadonlyArray<Expression>, range: Range): void => {
  const { limit } = m;
  const below = b.read(`low${i}`, range.below), above = b.read(`high${i}`, range.above); // names, as arms of branches
  const beyond = select(isNegative(above), above, ZERO);
  const past = b.define(`past${i}`, select(isNegative(below), below, beyond));
  const [low, high, width] = Array.from(limit.impedance.subarray(3 * i, 3 * i + 3), literal);
  const d = impedanceCode(b, `Limit${i}`, { low, high, width }, neg(past));
  const stiff = b.define(`stiff${i}`, div(d, mul(sub(ONE, d), literal(limit.diagonal[i]))));
  b.line(`side${i} = ${isNegative(below)} ? 1 : -1;`);
  b.line(`weight${i} = ${select(`${past.text} < 0`, stiff, ZERO).text.slice(1, -1)};`);
  const slow = mul(literal(limit.damping[i]), mul(atom(`side${i}`), rate[limit.dof[i]]));
  const pull = mul(mul(literal(limit.stiffness[i]), d), past);
  const target = b.define(`goal${i}`, sub(neg(slow), pull));
  b.line(`target${i} = ${past.text} < 0 ? ${target.text} : ${NEVER};`);
};

/** (ranges, q̇) ⇒ (weight, side, target) of each limit, as variables. */
export const limitRowsCode = (
  m: Model,
  b: Block,
  rate: ReadonlyArray<Expression>,
  ranges: ReadonlyArray<Range>,
  leave: string,
): void => {
  const each = (text: (i: number) => string) => Array.from({ length: m.limit.count }, (_, i) => text(i)).join(", ");
  if (m.limit.count === 0) return;
  b.line(`let ${each((i) => `weight${i} = 0`)};`);
  b.line(`let ${each((i) => `side${i} = 1`)};`);
  b.line(`let ${each((i) => `target${i} = ${NEVER}`)};`);
  b.line(`let ${each((i) => `pushing${i} = 0`)};`);
  b.nest(`if (${limitConditions(ranges).join(" || ")})`, () => {
    leaveBothEnds(m, b, ranges, leave);
    ranges.forEach((range, i) => limitRow(m, b, i, rate, range));
  });
};

const parentOf = (m: Model, i: number): number => m.dofParent[m.limit.dof[i]];

/** (dw/dt) ⇒ (pushing): the weight of each limit whose row pushes, else 0; `change` is 1 where one is new. */
export const updateLimitsCode = (m: Model, b: Block, acc: ReadonlyArray<Expression>): void => {
  if (m.limit.count === 0) return;
  for (let i = 0; i < m.limit.count; i++) {
    const dof = m.limit.dof[i], parent = parentOf(m, i);
    const joint = mul(literal(m.dofSign[dof]), parent < 0 ? acc[dof] : sub(acc[dof], acc[parent]));
    const side = mul(atom(`side${i}`), joint);
    b.line(`const push${i} = ${sub(side, atom(`target${i}`)).text} < 0 ? weight${i} : 0;`);
  }
  const news = Array.from({ length: m.limit.count }, (_, i) => `push${i} !== pushing${i}`);
  b.line(`if (${news.join(" || ")}) change = 1;`);
  for (let i = 0; i < m.limit.count; i++) b.line(`pushing${i} = push${i};`);
};

/** (pushing, matrix, right-hand side) ⇒ (both with the rows that push). */
export const addLimits = (m: Model, matrix: Expression[][], right: Expression[]): void => {
  for (let i = 0; i < m.limit.count; i++) {
    const dof = m.limit.dof[i], parent = parentOf(m, i), weight = atom(`pushing${i}`);
    const force = mul(literal(m.dofSign[dof]), mul(mul(weight, atom(`side${i}`)), atom(`target${i}`)));
    matrix[dof][dof] = add(matrix[dof][dof], weight);
    right[dof] = add(right[dof], force);
    if (parent < 0) continue;
    matrix[parent][parent] = add(matrix[parent][parent], weight);
    matrix[dof][parent] = sub(matrix[dof][parent], weight);
    right[parent] = sub(right[parent], force);
  }
};

/** A copy that may be added to. */
export const copyLower = (lower: Lower): Expression[][] => lower.map((row) => [...row]);
