/** G2 of every row without a bound: rollouts, and what is made of them. */
import type { FoldInput } from "../../src/estimators/estimator.ts";
import { type LaterSteps, pairSlopes, rollPairs } from "../../src/estimators/mirrored_pairs.ts";
import type { OutputSlopes } from "../../src/estimators/output_slopes.ts";
import { type PathOptions, pathSlopes, rollPaths } from "../../src/estimators/paths.ts";
import type { Key } from "../../src/math/random.ts";

/** What the real action's rollouts were imagined with, and what they gave. */
export interface Embedded extends LaterSteps {
  /** Ã₁, Ã₂, …, each [n] */
  readonly imagined: ReadonlyArray<ArrayLike<number>>;
}

/** By mirrored pairs. */
export const mirroredSlopes = (
  own: FoldInput<"value" | "model">,
  { imagined, ...later }: Embedded,
  horizon: number,
  pairs: number,
  key: Key,
): OutputSlopes => pairSlopes(own.policy, rollPairs(own, later, horizon, pairs, key), imagined[horizon - 1], Infinity);

/** By path derivatives. */
export const derivedSlopes = (
  own: FoldInput<"value" | "model">,
  horizon: number,
  options: PathOptions,
  key: Key,
): OutputSlopes => pathSlopes(own.policy, rollPaths(own, horizon, options, key), Infinity);
