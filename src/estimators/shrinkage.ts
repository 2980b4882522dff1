/**
 * How much of an estimated coefficient is more than chance.
 *
 *   b = S⁻¹ Σ x·y,   S = Σ x xᵀ,   V = S⁻¹ M S⁻¹,   M = Σ_blocks s sᵀ,   s = Σ_{rows of a block} x·(y − bᵀx)
 *   share = max(0, 1 − p/bᵀV⁻¹b),   bᵀV⁻¹b = (S b)ᵀ M⁻¹ (S b)
 *
 * A control variate that has nothing to do with A, as imagined by a model that has learned nothing yet, gets weights by
 * chance, and rare large values make them large: it then adds variance. Coefficients whose square their own noise explains
 * shrink to 0, and those that are well known stay what they are; two coefficients shrink together, by one share, since what
 * is sure of controls that are alike is their sum. Rows within a block depend on one another.
 *
 * Source: the positive-part shrinkage of James and Stein 1961. Departure: p in place of p − 2, the share of least squared error
 * for a coefficient whose square is b² less its noise, which serves one and two as well. V by White 1980, with blocks by
 * Liang and Zeger 1986.
 *
 * @module
 */

const SINGULAR = 1e-9; // 1 − ρ² of two coefficients' scores up to which they are one

/** One coefficient: x·(y − b·x) by row, and S b. */
export interface Scored {
  /** [n] */
  readonly scores: Float64Array;
  /** Σ x·y, which is S b */
  readonly product: number;
}

/** (one or two coefficients, rows by block) ⇒ share within [0, 1]; 1 where there are too few blocks to tell. */
export const sureShare = (
  of: readonly [Scored] | readonly [Scored, Scored],
  blocks: ReadonlyArray<ReadonlyArray<number>>,
): number => {
  const p = of.length, m = blocks.length;
  if (m <= p) return 1;
  const sums = blocks.map((rows) => of.map(({ scores }) => rows.reduce((sum, i) => sum + scores[i], 0)));
  const square = (a: number, b: number) => sums.reduce((sum, s) => sum + s[a] * s[b], 0) * m / (m - p);
  const [q, r] = of.map(({ product }) => product);
  const shareOf = (sureness: number) => sureness > p ? 1 - p / sureness : 0;
  const [aa, ab, bb] = p === 1 ? [square(0, 0), 0, 0] : [square(0, 0), square(0, 1), square(1, 1)];
  const determinant = aa * bb - ab ** 2;
  if (p === 1 || !(determinant > SINGULAR * aa * bb)) return aa > 0 ? shareOf(q ** 2 / aa) : 1; // one tells as much as both
  return shareOf((bb * q ** 2 - 2 * ab * q * r + aa * r ** 2) / determinant);
};
