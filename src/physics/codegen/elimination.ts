/**
 * Solution of a symmetric system with the pattern of the tree, as code.
 *
 * @module
 */
import type { Block } from "./block.ts";
import type { Lower } from "./dynamics.ts";
import { div, type Expression, mul, ONE, sub } from "./expression.ts";

/**
 * (matrix, right-hand side) ⇒ (solution), by LᵀDL from the last row up: parents come before children, so zeros between
 * branches stay zeros and are left out. `leave`: the statement for a pivot that is no positive number.
 */
export const solveCode = (
  b: Block,
  lower: Lower,
  right: ReadonlyArray<Expression>,
  leave: string,
): ReadonlyArray<Expression> => {
  const matrix = lower.map((row) => [...row]), side = [...right], inverse: Expression[] = [], pivots: string[] = [];
  const factor = lower.map((): Expression[] => []);
  const n = right.length;
  for (let k = n - 1; k >= 0; k--) {
    const entry = matrix[k].map((e, i) => b.define(`h${k}_${i}`, e));
    side[k] = b.define(`y${k}`, side[k]);
    if (entry[k].value === null) pivots.push(`${entry[k].text} > 0`);
    inverse[k] = b.define(`inverse${k}`, div(ONE, entry[k]));
    for (let i = 0; i < k; i++) {
      factor[k][i] = b.define(`l${k}_${i}`, mul(entry[i], inverse[k]));
      if (entry[i].value === 0) continue;
      for (let j = 0; j <= i; j++) matrix[i][j] = sub(matrix[i][j], mul(factor[k][i], entry[j]));
      side[i] = sub(side[i], mul(factor[k][i], side[k]));
    }
  }
  if (pivots.length > 0) b.line(`if (!(${pivots.join(" && ")})) ${leave}`);
  const solution: Expression[] = [];
  for (let k = 0; k < n; k++) {
    const own = mul(side[k], inverse[k]);
    solution.push(b.define(`x${k}`, solution.reduce((rest, x, i) => sub(rest, mul(factor[k][i], x)), own)));
  }
  return solution;
};
