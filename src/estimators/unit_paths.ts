/**
 * G2 by path derivatives, for w = 1: by halves of the batch and by rows.
 *
 * @module
 */
import { batchSize } from "../data/batch.ts";
import { type Half, halfOf } from "../data/halves.ts";
import type { Paths } from "../imagination/path.ts";
import { fold, type Key } from "../math/random.ts";
import type { FoldInput } from "./estimator.ts";
import { deviations } from "./output_slopes.ts";
import { freshPath, type PathOptions, type PathTerm, pathTerm } from "./paths.ts";

/** G2 with w = 1, by halves of the batch and by rows. */
export interface UnitPaths {
  readonly halves: readonly [PathTerm, PathTerm];
  /** [n, 2·act] path derivative of each row in units of the policy's outputs, mean over its rollouts */
  readonly rows: Float64Array;
}

/** Adds the slopes of a path that starts `rollouts` times from each of `starts` to their rows. */
const addRows = (
  rows: Float64Array,
  starts: ReadonlyArray<number>,
  { noise, weight }: Paths,
  slope: Float32Array,
  std: Float32Array,
): void => {
  const size = std.length, rollouts = weight.length / starts.length;
  for (let i = 0; i < weight.length; i++) {
    const row = 2 * size * starts[i % starts.length];
    for (let j = 0; j < size; j++) {
      const scaled = std[j] * slope[i * size + j] / (weight[i] * rollouts);
      rows[row + 2 * j] += scaled;
      rows[row + 2 * j + 1] += scaled * noise[i * size + j] / Math.SQRT2;
    }
  }
};

/** (input with the networks in use, k) ⇒ (G2 with w = 1). */
export const unitPaths = (
  input: FoldInput<"value" | "model">,
  horizon: number,
  options: PathOptions,
  key: Key,
): UnitPaths => {
  const { batch, policy } = input, n = batchSize(batch), which = halfOf(batch);
  const rows = new Float64Array(2 * n * batch.actionSize), std = deviations(policy);
  const ofHalf = (half: Half): PathTerm => {
    const starts = Array.from({ length: n }, (_, i) => i).filter((i) => which(i) === half);
    const paths = freshPath(input, starts, horizon, () => 1, options, fold(fold(key, horizon), half));
    const term = pathTerm(paths);
    addRows(rows, starts, paths, term.slope, std);
    return term;
  };
  return { halves: [ofHalf(0), ofHalf(1)], rows };
};
