/**
 * Derivatives of imagined means by the policy's outputs μ(s) and log σ, row by row: what G2 is made of.
 *
 * @module
 */
import { type Batch, batchSize } from "../data/batch.ts";
import { type Half, halfOf } from "../data/halves.ts";
import { mlpParameterCount, type PolicyParams } from "../data/parameters.ts";
import type { LinearSurrogate } from "./linear.ts";

/** Derivatives of every row's imagined mean, for w = 1. */
export interface OutputSlopes {
  /** [n, act] by μ */
  readonly mean: Float32Array;
  /** [n, act] by log σ */
  readonly logStd: Float32Array;
}

/** (policy) ⇒ σ [act]. */
export const deviations = ({ shape, theta }: PolicyParams): Float32Array =>
  theta.subarray(mlpParameterCount(shape)).map(Math.exp);

/** (policy, slopes) ⇒ the same in units in which the policy's Fisher matrix is the identity, [n, 2·act]. */
export const slopeRows = (policy: PolicyParams, { mean, logStd }: OutputSlopes): Float64Array => {
  const std = deviations(policy), rows = new Float64Array(2 * mean.length);
  for (let i = 0; i < mean.length; i++) {
    rows[2 * i] = mean[i] * std[i % std.length];
    rows[2 * i + 1] = logStd[i] / Math.SQRT2;
  }
  return rows;
};

/** (batch, its observations normalised, slopes by half, w by half) ⇒ the surrogate mean w·Ã, linear in the policy's outputs, as it is to first order. */
export const weightedSlopes = (
  batch: Batch,
  observation: Float32Array,
  slopes: (half: Half) => OutputSlopes,
  weights: readonly [number, number],
): LinearSurrogate => {
  const which = halfOf(batch), size = batch.actionSize, n = batchSize(batch);
  const slope = new Float32Array(n * size), logStd = new Float64Array(size);
  const byHalf = ([0, 1] as const).map((half) => weights[half] === 0 ? null : slopes(half));
  for (let i = 0; i < slope.length; i++) {
    const half = which(Math.floor(i / size)), own = byHalf[half], scale = weights[half] / n;
    if (own === null) continue;
    slope[i] = scale * own.mean[i];
    logStd[i % size] += scale * own.logStd[i];
  }
  return { kind: "linear", observation, slope, logStd: Float32Array.from(logStd) };
};
