/**
 * The floor: what no model goes below over k steps, with later residuals kept. The whole gradient G1 + G2 of a perfect
 * model, the real physics:
 *
 *   G1 = mean ∇log π(a|s)·(A − Ã_k),   G2 = mean over first actions ε, and later noise η of each, by antithetic pairs
 *
 * (batch, first actions × later noise) ⇒ (gradient, what one pair adds to its variance)
 *
 * With endless pairs G2 is ∇ᵗE[A|s] of every state of the batch; what is left then is the residual that lies beyond k
 * steps, and the choice of the states, which no control variate on actions removes.
 *
 * Source of the parts: a nested analysis of variance, first actions and later noise within each.
 *
 * @module
 */
import { batchSize } from "../data/batch.ts";
import type { ReturnForm } from "../data/gradient.ts";
import { byFold } from "../estimators/cross_fitting.ts";
import { differentiate } from "../estimators/estimate.ts";
import type { EstimatorInput } from "../estimators/estimator.ts";
import { pairSlopes, rollPairs } from "../estimators/mirrored_pairs.ts";
import { type OutputSlopes, weightedSlopes } from "../estimators/output_slopes.ts";
import { scoreGradient } from "../estimators/ratio.ts";
import { embed } from "../imagination/embed.ts";
import { fold, type Key, makeStream } from "../math/random.ts";
import { normalizeInto } from "../nn/networks/normalizer.ts";
import type { Metric, SolvedEstimate } from "./gram.ts";
import type { Solve } from "./natural.ts";

/** How many draws G2 averages over. */
export interface FloorCounts {
  /** antithetic pairs of first actions a state, 2 or more */
  readonly firstActions: number;
  /** draws of the later noise for each, 2 or more */
  readonly laterNoise: number;
}

/** What one pair of first actions with one draw of the later noise adds to the variance of G2. */
export interface PairNoise {
  readonly firstAction: number;
  readonly laterNoise: number;
}

/** The floor on one batch. */
export interface FloorEstimate extends SolvedEstimate {
  /** G1 alone */
  readonly residual: SolvedEstimate;
  /** squared lengths */
  readonly noise: Readonly<Record<Metric, PairNoise>>;
}

const average = (all: ReadonlyArray<Float32Array>): Float32Array =>
  Float32Array.from(all[0], (_, i) => all.reduce((sum, x) => sum + x[i], 0) / all.length);

/** (g, F⁻¹g) ⇒ their inner product, in either metric. */
const squaredLength = (g: Float32Array, other: Float32Array): number => g.reduce((sum, x, i) => sum + x * other[i], 0);

const difference = (a: Float32Array, b: Float32Array): Float32Array => a.map((x, i) => x - b[i]);

/** (estimates of one mean) ⇒ Σ‖g − ḡ‖² / (n − 1). */
const spreadOf = (all: ReadonlyArray<SolvedEstimate>, metric: Metric): number => {
  const side = (x: SolvedEstimate) => metric === "euclidean" ? x.gradient : x.natural;
  const mean = average(all.map(({ gradient }) => gradient)), other = average(all.map(side));
  const squares = all.map((x) => squaredLength(difference(x.gradient, mean), difference(side(x), other)));
  return squares.reduce((sum, x) => sum + x, 0) / (all.length - 1);
};

/** ([first actions][later noise] draws of G2, metric) ⇒ (parts of a single draw's variance). */
export const pairNoise = (draws: ReadonlyArray<ReadonlyArray<SolvedEstimate>>, metric: Metric): PairNoise => {
  const within = draws.map((later) => spreadOf(later, metric));
  const laterNoise = within.reduce((sum, x) => sum + x, 0) / draws.length;
  const means = draws.map((later): SolvedEstimate => ({
    gradient: average(later.map(({ gradient }) => gradient)),
    natural: average(later.map(({ natural }) => natural)),
  }));
  return { firstAction: spreadOf(means, metric) - laterNoise / draws[0].length, laterNoise };
};

/** (parts, counts) ⇒ variance that so many draws leave in their mean. */
export const noiseOfMean = ({ firstAction, laterNoise }: PairNoise, counts: FloorCounts): number =>
  firstAction / counts.firstActions + laterNoise / (counts.firstActions * counts.laterNoise);

/**
 * (batch with its states and what the physics imagines, A, Ã_k of the real trajectory, k, form, counts, solve, key) ⇒
 * (floor on this batch).
 */
export const floorEstimate = (
  input: EstimatorInput,
  advantage: Float64Array,
  imagined: Float64Array,
  horizon: number,
  form: ReturnForm,
  counts: FloorCounts,
  solve: Solve,
  key: Key,
): FloorEstimate => {
  const { policy, normalizer, batch } = input;
  const observation = normalizeInto(normalizer, batch.observation);
  const solved = (gradient: Float32Array): SolvedEstimate => ({ gradient, ...solve(gradient) });
  const drawn = (pair: Key, noise: Key): SolvedEstimate => {
    const later = Float32Array.from(
      { length: horizon * batchSize(batch) * batch.actionSize },
      makeStream(noise).normal,
    );
    const slopes = byFold<"value" | "model", OutputSlopes>(input, (own) => {
      const real = embed(own, batch, later, horizon, form)[horizon - 1];
      return pairSlopes(policy, rollPairs(own, { noise: later, form }, horizon, 1, pair), real, Infinity);
    });
    return solved(differentiate(policy, weightedSlopes(batch, observation, (half) => slopes[half], [1, 1])).gradient);
  };
  const draws = Array.from({ length: counts.firstActions }, (_, a) => {
    const pair = fold(fold(key, "pair"), a), later = fold(fold(key, "later"), a);
    return Array.from({ length: counts.laterNoise }, (_, l) => drawn(pair, fold(later, l)));
  });
  const residual = solved(
    scoreGradient(policy, normalizer, batch, Float32Array.from(advantage, (a, i) => a - imagined[i])),
  );
  const second = average(draws.flat().map(({ gradient }) => gradient));
  return {
    ...solved(residual.gradient.map((g, i) => g + second[i])),
    residual,
    noise: { euclidean: pairNoise(draws, "euclidean"), natural: pairNoise(draws, "natural") },
  };
};
