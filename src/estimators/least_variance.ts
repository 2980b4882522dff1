/**
 * The coefficient that leaves the whole gradient's variance least, G2's own noise included.
 *
 *   g(w) = x − w·D,   x = ∇log π·A,   D = ∇log π·Ã − ∂Ã/∂a·∂a/∂θ,   E D = 0 for any model
 *   w = E[x·D]/E[D·D]
 *
 * Products are taken row by row in the policy's outputs (μ, log σ), in units in which its Fisher matrix is the identity:
 * ∇log π is (ε, (ε² − 1)/√2), the path derivative σ·∂Ã/∂a·(1, ε/√2) with the fresh ε. Cov(A, Ã)/Var(Ã) overlooks that a
 * path derivative through many imagined steps may vary more than what the control variate removes.
 *
 * Source: the regression coefficient of control variates (e.g. Glasserman 2003, section 4.1), for gradients.
 *
 * @module
 */
import type { Batch } from "../data/batch.ts";
import { batchSize } from "../data/batch.ts";
import type { PathTerm } from "../data/gradient.ts";
import { type Half, halfOf } from "../data/halves.ts";
import { mlpParameterCount, type PolicyParams } from "../data/parameters.ts";
import { pathDerivative } from "../imagination/path.ts";
import { fold, type Key } from "../math/random.ts";
import { mean } from "../math/statistics.ts";
import type { EstimatorInput } from "./estimator.ts";
import { freshPath, type PathOptions } from "./paths.ts";

/** G2 of one half's rows with w = 1. */
export interface UnitPath {
  readonly path: PathTerm;
  /** [parameters] */
  readonly gradient: Float32Array;
}

/** G2 with w = 1, by halves of the batch and by rows. */
export interface UnitPaths {
  readonly halves: readonly [UnitPath, UnitPath];
  /** [n, 2·act] path derivative of each row in units of the policy's outputs, mean over its rollouts */
  readonly rows: Float64Array;
}

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

const deviations = ({ shape, theta }: PolicyParams): Float32Array =>
  theta.subarray(mlpParameterCount(shape)).map(Math.exp);

/** Adds the slopes of a path that starts `rollouts` times from each of `starts` to their rows. */
const addRows = (
  rows: Float64Array,
  starts: ReadonlyArray<number>,
  { noise, weight }: PathTerm,
  slope: Float32Array,
  std: Float32Array,
): void => {
  const size = std.length, rollouts = weight.length / starts.length;
  for (let i = 0; i < weight.length; i++) {
    const row = 2 * size * starts[i % starts.length];
    for (let j = 0; j < size; j++) {
      const scaled = std[j] * slope[i * size + j] / (weight[i] * rollouts);
      rows[row + 2 * j] += scaled;
      rows[row + 2 * j + 1] += scaled * noise[i * size + j] / ROOT;
    }
  }
};

/** (input with the networks in use, k) ⇒ (G2 with w = 1). */
export const unitPaths = (input: EstimatorInput, horizon: number, options: PathOptions, key: Key): UnitPaths => {
  const { batch, policy, normalizer, task } = input, n = batchSize(batch), which = halfOf(batch);
  const rows = new Float64Array(2 * n * batch.actionSize), std = deviations(policy);
  const ofHalf = (half: Half): UnitPath => {
    const starts = Array.from({ length: n }, (_, i) => i).filter((i) => which(i) === half);
    const path = freshPath(input, starts, horizon, () => 1, options, fold(fold(key, horizon), half));
    const { gradient, slope } = pathDerivative({ task, policy, normalizer }, path);
    addRows(rows, starts, path, slope, std);
    return { path, gradient };
  };
  return { halves: [ofHalf(0), ofHalf(1)], rows };
};

/** (∇log π, A, Ã, path derivatives by rows, which rows may decide) ⇒ w within [0, 1]. */
export const leastVarianceWeight = (
  score: Float64Array,
  advantage: ArrayLike<number>,
  control: ArrayLike<number>,
  path: Float64Array,
  where: (i: number) => boolean,
): number => {
  const width = score.length / advantage.length, meanA = mean(advantage, where), meanC = mean(control, where);
  let across = 0, square = 0;
  for (let i = 0; i < advantage.length; i++) {
    if (!where(i)) continue;
    for (let j = i * width; j < (i + 1) * width; j++) {
      const difference = score[j] * (control[i] - meanC) - path[j];
      across += score[j] * (advantage[i] - meanA) * difference;
      square += difference ** 2;
    }
  }
  return square > 0 ? Math.min(1, Math.max(0, across / square)) : 0;
};
