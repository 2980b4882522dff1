/**
 * States of earlier batches in G2: more of them than the batch holds, of policies that are no more.
 *
 *   G2 = (1 − β)·G2(states of this batch) + β·G2(states of the m batches before)
 *   β = V/(V + ‖D‖²),   D = G2(earlier states) − G2(states that decide)
 *
 * Both are taken anew, at the policy, networks and w of this iteration and with fresh noise: only the states are old. V is the
 * variance of G2 over the states of a batch, by blocks of consecutive steps of the deciding ones. ‖D‖² is the bias of the
 * earlier states, their variance and that of the deciding states, which is left in: without it chance would let earlier states
 * in wholly. So β stays below V/(V + V_D), 1/3 where half a batch decides, and is small where the policy has moved on. β of
 * one half is decided on the states of the other.
 *
 * Biased, and declared so: earlier policies met other states.
 *
 * @module
 */
import { type Batch, batchSize } from "../data/batch.ts";
import type { PolicyParams } from "../data/parameters.ts";
import { fold, type Key } from "../math/random.ts";
import { normalizeInto } from "../nn/networks/normalizer.ts";
import type { Half } from "../data/halves.ts";
import { blocksOf } from "./blocks.ts";
import { fitsHalf } from "./cross_fitting.ts";
import type { Differentiated } from "./estimate.ts";
import type { FoldInput } from "./estimator.ts";
import type { ByFold } from "./fold_signals.ts";
import { linearGradient, type LinearSurrogate, scaledLinear } from "./linear.ts";
import type { FittingOptions } from "./option_groups.ts";
import { deviations, weightedSlopes } from "./output_slopes.ts";
import { type PathOptions, pathSlopes, rollPaths } from "./paths.ts";

/** G2 with w = 1 over states of its own. */
export interface DifferentiatedSlopes extends Differentiated {
  readonly surrogate: LinearSurrogate;
}

/** (batches) ⇒ a batch of all of their states, as one step; the rest is left out. */
const statesOf = (like: Batch, batches: ReadonlyArray<Batch>): Batch => {
  const size = batches.reduce((total, batch) => total + batchSize(batch), 0), { observationSize: width } = like;
  const observation = new Float32Array(size * width);
  let at = 0;
  for (const batch of batches) {
    observation.set(batch.observation, at);
    at += batch.observation.length;
  }
  return { ...like, steps: 1, environments: size, observation, reward: new Float32Array(size) };
};

/** (one fold's input, how many batches at most, k, rollouts, key) ⇒ G2 over their states; null where there are none. */
export const earlierStates = (
  own: FoldInput<"value" | "model">,
  batches: number,
  horizon: number,
  options: PathOptions,
  key: Key,
): DifferentiatedSlopes | null => {
  const used = (own.earlier ?? []).slice(0, batches);
  if (used.length === 0 || horizon === 0) return null;
  const batch = statesOf(own.batch, used), observation = normalizeInto(own.normalizer, batch.observation);
  const rolled = rollPaths({ ...own, batch }, horizon, options, fold(key, "earlier"));
  const slopes = pathSlopes(own.policy, rolled, Infinity);
  const surrogate = weightedSlopes(batch, observation, () => slopes, [1, 1]);
  return { surrogate, gradient: linearGradient(surrogate, own.policy) };
};

/** (policy, [n, obs] normalised, G2 of the rows as `slopeRows` has them, some rows) ⇒ their mean gradient. */
const meanGradient = (
  policy: PolicyParams,
  observation: Float32Array,
  gradientRows: Float64Array,
  rows: ReadonlyArray<number>,
): Float32Array => {
  const std = deviations(policy), size = std.length, width = policy.shape.sizes[0], n = rows.length;
  const some = new Float32Array(n * width), slope = new Float32Array(n * size), logStd = new Float32Array(size);
  rows.forEach((row, i) => {
    some.set(observation.subarray(row * width, (row + 1) * width), i * width);
    for (let j = 0; j < size; j++) {
      const at = 2 * (row * size + j);
      slope[i * size + j] = gradientRows[at] / (std[j] * n);
      logStd[j] += gradientRows[at + 1] * Math.SQRT2 / n;
    }
  });
  return linearGradient({ kind: "linear", observation: some, slope, logStd }, policy);
};

const squareOf = (x: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += x[i] ** 2;
  return sum;
};

/** (one fold's input, G2 of the batch's rows and over earlier states, which rows may decide) ⇒ β within [0, 1]. */
export const earlierShare = (
  { batch, policy, normalizer }: FoldInput<"value" | "model">,
  gradientRows: Float64Array,
  earlier: Float32Array,
  where: (i: number) => boolean,
): number => {
  const observation = normalizeInto(normalizer, batch.observation), blocks = blocksOf(batch, where);
  const count = blocks.reduce((sum, { length }) => sum + length, 0);
  if (blocks.length < 2) return 0;
  const means = blocks.map((rows) => meanGradient(policy, observation, gradientRows, rows));
  const weights = blocks.map(({ length }) => length / count);
  const level = Float64Array.from(earlier, (_, p) => means.reduce((sum, mean, b) => sum + weights[b] * mean[p], 0));
  const scatter = means.reduce((sum, mean, b) => sum + weights[b] ** 2 * squareOf(mean.map((x, p) => x - level[p])), 0);
  const all = scatter * blocks.length / (blocks.length - 1) * count / batchSize(batch);
  return all > 0 ? all / (all + squareOf(level.map((x, p) => earlier[p] - x))) : 0;
};

/** What β of a half is decided on: that half's networks, G2 of the batch's rows [n, 2·act] for w = 1, and the earlier states. */
export interface SharedStates {
  readonly own: FoldInput<"value" | "model">;
  readonly rows: Float64Array | null;
  readonly earlier: DifferentiatedSlopes | null;
}

/** (the same of either half, fitOn) ⇒ β of either half; 0 where there are no earlier states. */
export const earlierShares = (
  halves: ByFold<SharedStates>,
  { fitOn }: FittingOptions,
): ByFold<number> => {
  const of = (half: Half): number => {
    const { own, rows, earlier } = halves[half];
    return rows === null || earlier === null
      ? 0
      : earlierShare(own, rows, earlier.gradient, fitsHalf(own.batch, half, fitOn));
  };
  return [of(0), of(1)];
};

/** (term, factor) ⇒ `factor` times the term. */
export const scaledTerm = ({ surrogate, gradient }: DifferentiatedSlopes, factor: number): Differentiated => ({
  surrogate: scaledLinear(surrogate, factor),
  gradient: gradient.map((g) => factor * g),
});

/** Meanings of what earlier states report. */
export const earlierMeanings: Readonly<Record<string, string>> = {
  earlierShare: "share of earlier batches' states in G2, mean over the two halves",
};
