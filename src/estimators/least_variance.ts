/**
 * The coefficient that leaves the whole gradient's variance least, G2's own noise included.
 *
 *   g(w) = x − w·D,   x = ∇log π·A,   D = ∇log π·Ã − ∂Ã/∂a·∂a/∂θ,   E D = 0 for any model
 *   w = E[x·D]/E[D·D]
 *
 * Products are taken row by row in the policy's outputs (μ, log σ), in units in which its Fisher matrix is the identity:
 * ∇log π is (ε, (ε² − 1)/√2), the G2 of a path σ·∂Ã/∂a·(1, ε/√2) with the fresh ε. Cov(A, Ã)/Var(Ã) overlooks that a
 * path derivative through many imagined steps may vary more than what the control variate removes. Of w is used what is more
 * than chance (`shrinkage.ts`).
 *
 * Source: the regression coefficient of control variates (e.g. Glasserman 2003, section 4.1), for gradients.
 *
 * @module
 */
import type { Batch } from "../data/batch.ts";
import { mean } from "../math/statistics.ts";
import { sureShare } from "./shrinkage.ts";

const ROOT = Math.SQRT2;

/** (batch) ⇒ ∇log π of each row in units of the policy's outputs, [n, 2·act]. */
export const scoreRows = ({ noise }: Batch): Float64Array => {
  const rows = new Float64Array(2 * noise.length);
  for (let i = 0; i < noise.length; i++) {
    rows[2 * i] = noise[i];
    rows[2 * i + 1] = (noise[i] ** 2 - 1) / ROOT;
  }
  return rows;
};

/** (∇log π, A, Ã, G2 by rows, rows that may decide, by block) ⇒ w within [0, 1]. */
export const leastVarianceWeight = (
  score: Float64Array,
  advantage: ArrayLike<number>,
  control: ArrayLike<number>,
  path: Float64Array,
  blocks: ReadonlyArray<ReadonlyArray<number>>,
): number => {
  const width = score.length / advantage.length, rows = blocks.flat();
  const [meanA, meanC] = [advantage, control].map((x) => mean(rows.map((i) => x[i])));
  const products = new Float64Array(advantage.length), squares = new Float64Array(advantage.length); // x·D, D·D by row
  let across = 0, square = 0;
  for (const i of rows) {
    for (let j = i * width; j < (i + 1) * width; j++) {
      const difference = score[j] * (control[i] - meanC) - path[j];
      products[i] += score[j] * (advantage[i] - meanA) * difference;
      squares[i] += difference ** 2;
    }
    across += products[i];
    square += squares[i];
  }
  if (!(square > 0)) return 0;
  const weight = across / square, scores = products.map((x, i) => x - weight * squares[i]);
  return Math.min(1, Math.max(0, weight)) * sureShare([{ scores, product: across }], blocks);
};
