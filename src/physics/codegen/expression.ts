/**
 * Arithmetic expressions as they are printed, with constants folded: 2·3 ⇒ 6, 0·x ⇒ 0, 1·x ⇒ x, a + (−b) ⇒ a − b.
 *
 * Folding only drops neutral elements and joins literals, so it never reorders the operations on variables.
 *
 * @module
 */

/** How tightly the outermost operator binds. */
const Rank = { sum: 0, product: 1, sign: 2, atom: 3 } as const;
type Rank = (typeof Rank)[keyof typeof Rank];

/** One expression of type `number`. */
export interface Expression {
  /** TypeScript */
  readonly text: string;
  /** How tightly the outermost operator binds. */
  readonly rank: Rank;
  /** The number, where it is one */
  readonly value: number | null;
  /** e where this is −e */
  readonly minus: Expression | null;
}

const printed = (text: string, rank: Rank, minus: Expression | null = null): Expression => ({
  text,
  rank,
  value: null,
  minus,
});

/** (finite number) ⇒ its shortest text that reads back as the same number. */
export const literal = (value: number): Expression => {
  if (!Number.isFinite(value)) {
    throw new Error(`Cannot print a literal as it must be finite: current value is ${value}`);
  }
  if (value >= 0) return { text: String(value === 0 ? 0 : value), rank: Rank.atom, value, minus: null };
  const minus = literal(-value);
  return { text: `-${minus.text}`, rank: Rank.sign, value, minus };
};

/** 0 */
export const ZERO: Expression = literal(0);
/** 1 */
export const ONE: Expression = literal(1);

/** (name, index or call) ⇒ what may stand anywhere without parentheses. */
export const atom = (text: string): Expression => printed(text, Rank.atom);

const within = (e: Expression, least: Rank): string => (e.rank < least ? `(${e.text})` : e.text);

/** −a */
export const neg = (a: Expression): Expression => {
  if (a.value !== null) return literal(-a.value);
  return a.minus ?? printed(`-${within(a, Rank.atom)}`, Rank.sign, a);
};

/** a + b */
export const add = (a: Expression, b: Expression): Expression => {
  if (a.value !== null && b.value !== null) return literal(a.value + b.value);
  if (a.value === 0) return b;
  if (b.value === 0) return a;
  if (b.minus !== null) return printed(`${a.text} - ${within(b.minus, Rank.product)}`, Rank.sum);
  if (a.minus !== null) return printed(`${b.text} - ${within(a.minus, Rank.product)}`, Rank.sum);
  return printed(`${a.text} + ${within(b, Rank.product)}`, Rank.sum);
};

/** a − b */
export const sub = (a: Expression, b: Expression): Expression => add(a, neg(b));

/** a₁ + a₂ + …, from the left */
export const sum = (...terms: ReadonlyArray<Expression>): Expression => terms.reduce(add, ZERO);

/** a·b; a literal comes first */
export const mul = (a: Expression, b: Expression): Expression => {
  if (a.value !== null && b.value !== null) return literal(a.value * b.value);
  if (b.value !== null) return mul(b, a);
  if (a.value === 0) return ZERO;
  if (a.value === 1) return b;
  if (a.minus !== null) return neg(mul(a.minus, b));
  if (b.minus !== null) return neg(mul(a, b.minus));
  return printed(`${within(a, Rank.product)} * ${within(b, Rank.sign)}`, Rank.product);
};

/** a/b */
export const div = (a: Expression, b: Expression): Expression => {
  if (a.value !== null && b.value !== null) return literal(a.value / b.value);
  if (a.value === 0) return ZERO;
  if (b.value === 1) return a;
  if (a.minus !== null) return neg(div(a.minus, b));
  if (b.minus !== null) return neg(div(a, b.minus));
  return printed(`${within(a, Rank.product)} / ${within(b, Rank.sign)}`, Rank.product);
};

/** c₀ + x(c₁ + x(c₂ + …)) */
export const polynomial = (x: Expression, coefficients: ReadonlyArray<number>): Expression =>
  coefficients.map(literal).reduceRight((tail, c) => add(c, mul(x, tail)));

/** |a| */
export const abs = (a: Expression): Expression =>
  a.value === null ? atom(`Math.abs(${(a.minus ?? a).text})`) : literal(Math.abs(a.value));

/** condition ? a : b; the arms should be names, since V8 drops compiled code at the first visit of an arm that computes */
export const select = (condition: string, a: Expression, b: Expression): Expression =>
  a.text === b.text ? a : atom(`(${condition} ? ${a.text} : ${b.text})`);

/** Scalar product of two pairs. */
export const dot = (a: Pair, b: Pair): Expression => add(mul(a[0], b[0]), mul(a[1], b[1]));

/** a₀b₁ − a₁b₀ */
export const cross = (a: Pair, b: Pair): Expression => sub(mul(a[0], b[1]), mul(a[1], b[0]));

/** Components along (u, v). */
export type Pair = readonly [Expression, Expression];
