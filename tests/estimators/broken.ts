/**
 * Deliberately broken copies of the estimators: slips that were published, or that are easily made. Each names the test
 * that catches it.
 */
import { pathDerivative, type WeightedPaths } from "../imagination/path_value.ts";
import { networksOf } from "../../src/data/folds.ts";
import { type Batch, batchSize } from "../../src/data/batch.ts";
import type { ReturnForm } from "../../src/data/gradient.ts";
import { type Half, halfOf } from "../../src/data/halves.ts";
import { embeddedNoise } from "../../src/data/embedded_noise.ts";
import { signalOf } from "../../src/estimators/estimate.ts";
import type { AnyEstimator, EstimatorInput } from "../../src/estimators/estimator.ts";
import { inputOfHalf } from "../../src/estimators/cross_fitting.ts";
import { laterSums } from "../../src/estimators/later_residuals.ts";
import { linearGradient } from "../../src/estimators/linear.ts";
import { displaced } from "../../src/estimators/mirrored_pairs.ts";
import { type BothSlopes, mixSlopes, pathShares } from "../../src/estimators/mixed_slopes.ts";
import { type OutputSlopes, weightedSlopes } from "../../src/estimators/output_slopes.ts";
import { advantageFormOf } from "../../src/estimators/imagined_signals.ts";
import { mscv } from "../../src/estimators/mscv.ts";
import { qprop } from "../../src/estimators/qprop.ts";
import { realAdvantage } from "../../src/estimators/real_advantage.ts";
import { scoreGradient } from "../../src/estimators/ratio.ts";
import { trajectoryControlVariate } from "../../src/estimators/trajectory_control_variate.ts";
import { embed } from "../../src/imagination/embed.ts";
import { fold, type Key, makeStream } from "../../src/math/random.ts";
import { normalizeInto } from "../../src/nn/networks/normalizer.ts";
import { moments } from "../../src/math/statistics.ts";
import { estimateWith, type FamilyOptions, surrogatesOf } from "./world.ts";
import { derivedSlopes, mirroredSlopes } from "./slopes.ts";

/** (input, options, key) ⇒ the gradient alone. */
export type BrokenEstimator = (input: EstimatorInput, options: FamilyOptions, key: Key) => Float32Array;

const plus = (a: Float32Array, b: Float32Array): Float32Array => a.map((x, i) => x + b[i]);

/**
 * Q-Prop's released code divides the signal of G1 by its standard deviation and leaves G2 as it is (Tucker et al. 2018).
 * Caught by "direction" in `broken_test.ts`, with Q-Prop and with MSCV.
 */
export const scalingSlip = (estimator: AnyEstimator): BrokenEstimator => (input, options, key) => {
  const { estimate } = estimateWith(estimator, input, options, key), { g1, g2 } = estimate.terms;
  const signal = signalOf(estimate);
  const std = Math.sqrt(moments(signal, signal).varianceX);
  return plus(g1.map((x) => x / std), g2);
};

/**
 * Q-Prop's published rule: the control variate of a sample is used where that sample's own A·Ā > 0.
 * Caught by "per-sample gate" in `broken_test.ts`.
 */
export const perSampleGate: BrokenEstimator = (input, options, key) => {
  const { batch, policy, normalizer } = input, n = batchSize(batch), sigma = Math.exp(policy.theta.at(-1)!);
  const { estimate } = estimateWith(qprop, input, { ...options, coefficient: "one" }, key);
  const [linearTerm] = surrogatesOf(estimate, "linear"), { slope } = linearTerm;
  const advantage = realAdvantage(input, advantageFormOf(options));
  const linear = slope.map((g, i) => n * g * sigma * batch.noise[i]); // Ā, one action
  const gate = linear.map((x, i) => (x * advantage[i] > 0 ? 1 : 0));
  const gated = signalOf(estimate).map((x, i) => x + (1 - gate[i]) * linear[i]); // the honest signal has A − Ā
  const term = { ...linearTerm, slope: slope.map((g, i) => gate[i] * g) };
  return plus(scoreGradient(policy, normalizer, batch, gated), linearGradient(term, policy));
};

const formOf = ({ discount, imaginedReturn, lambda, termination }: FamilyOptions): ReturnForm => ({
  discount,
  weighting: imaginedReturn,
  lambda,
  termination,
});

/**
 * The imagined horizon is cut where the real episode ends, in G1 and in G2 alike: it then depends on the action.
 * Caught by "truncated horizon" in `broken_test.ts`.
 */
export const truncatedHorizon: BrokenEstimator = (input, options, key) => {
  const { batch, policy, normalizer } = input,
    own = inputOfHalf(input, 0),
    n = batchSize(batch),
    k = options.horizon as number,
    form = formOf(options);
  const horizonOf = (start: number): number => {
    let i = start, steps = 1;
    while (steps < k && !batch.terminated[i] && !batch.truncated[i] && i + batch.environments < n) {
      i += batch.environments;
      steps++;
    }
    return steps;
  };
  const horizons = Array.from({ length: n }, (_, i) => horizonOf(i));
  const imagined = embed(own, batch, embeddedNoise(batch, k, makeStream(fold(key, "embed"))), k, form);
  const advantage = realAdvantage(input, advantageFormOf(options));
  const signal = Float32Array.from(advantage, (a, i) => a - imagined[horizons[i] - 1][i]);
  const g1 = scoreGradient(policy, normalizer, batch, signal);
  return Array.from({ length: k }, (_, h) => h + 1).reduce((gradient, horizon) => {
    const rows = Array.from({ length: n }, (_, i) => i).filter((i) => horizons[i] === horizon),
      { normal } = makeStream(fold(key, horizon));
    if (rows.length === 0) return gradient;
    const width = batch.observationSize;
    const path: WeightedPaths = {
      world: { ...own, model: networksOf(own.model, "") },
      observation: Float32Array.from(rows.flatMap((i) => [...batch.observation.subarray(i * width, (i + 1) * width)])),
      noise: Float32Array.from({ length: horizon * rows.length * batch.actionSize }, normal),
      weight: new Float32Array(rows.length).fill(1 / n),
      horizon,
      form,
    };
    return plus(gradient, pathDerivative(path).gradient);
  }, g1);
};

/** Imagined survival is 0 or 1, through which no derivative passes. Caught by "hard termination" in `broken_test.ts`. */
export const hardTermination: BrokenEstimator = (input, options, key) =>
  mscv.estimate(input, { ...options, termination: "hard" }, key).estimate.gradient;

/**
 * Later residuals lose their imagined returns and not their imagined action noise: the expectation over the action is
 * forgotten. Caught by "later residuals" in `broken_test.ts`.
 */
export const laterReturns: BrokenEstimator = (input, options, key) => {
  const { batch, policy, normalizer } = input, own = inputOfHalf(input, 0), k = options.horizon as number;
  const { estimate } = mscv.estimate(input, options, key), { g2 } = estimate.terms, signal = signalOf(estimate);
  const noise = embeddedNoise(batch, k, makeStream(fold(key, "embed")));
  const imagined = embed(own, batch, noise, k, formOf(options))[k - 1];
  const { far } = laterSums(batch, Float64Array.from(imagined), k, options.discount);
  return plus(scoreGradient(policy, normalizer, batch, signal.map((x, i) => x - far[i])), g2);
};

/**
 * Later actions lose the model's Q at the policy's mean action in place of its mean over actions: curved in the action, the
 * two differ. Caught by "mean action" in `broken_test.ts`.
 */
export const meanActionForMean: BrokenEstimator = (input, options, key) => {
  const { batch, policy, normalizer } = input, own = inputOfHalf(input, 0);
  const { terms: { g2 } } = estimateWith(trajectoryControlVariate, input, options, key).estimate;
  const q = (action: Batch) => embed(own, action, batch.noise, 1, { ...formOf(options), termination: "hard" })[0];
  const real = q(batch), atMean = q(displaced(own, new Float32Array(batch.noise.length), 1));
  const { far } = laterSums(batch, Float64Array.from(real, (x, i) => x - atMean[i]), 1, options.discount);
  const advantage = realAdvantage(input, advantageFormOf(options));
  const signal = Float32Array.from(advantage, (a, i) => a - real[i] - far[i]);
  return plus(scoreGradient(policy, normalizer, batch, signal), g2);
};

/**
 * Mirrored pairs about the noise that the real action had, whose Ã is subtracted too: it is not independent of it.
 * Caught by "mirrored pairs" in `broken_test.ts`.
 */
export const pairsOfTheRealNoise: BrokenEstimator = (input, options, key) => {
  const { batch, policy, normalizer } = input,
    own = inputOfHalf(input, 0),
    n = batchSize(batch),
    k = options.horizon as number;
  const { terms: { g1 } } = mscv.estimate(input, options, key).estimate, sigma = Math.exp(policy.theta.at(-1)!);
  const noise = embeddedNoise(batch, k, makeStream(fold(key, "embed"))), form = formOf(options);
  const real = embed(own, batch, noise, k, form)[k - 1];
  const mirror = embed(own, displaced(own, batch.noise, -1), noise, k, form)[k - 1];
  const slope = batch.noise.map((epsilon, i) => (real[i] - mirror[i]) / 2 * epsilon / sigma / n);
  const logStd = batch.noise.reduce((sum, epsilon, i) => sum + (mirror[i] - real[i]) / 2 * (epsilon ** 2 - 1) / n, 0);
  const observation = normalizeInto(normalizer, batch.observation);
  const term = { kind: "linear", observation, slope, logStd: Float32Array.of(logStd) } as const;
  return plus(g1, linearGradient(term, policy));
};

/** (input, options, key, mix of one half's rows) ⇒ mscv's G1, and a G2 of mixed slopes with w = 1. */
const withMix = (
  input: EstimatorInput,
  options: FamilyOptions,
  key: Key,
  mix: (both: BothSlopes, half: Half) => OutputSlopes,
): Float32Array => {
  const { batch, policy, normalizer } = input, own = inputOfHalf(input, 0), k = options.horizon as number;
  const { terms: { g1 } } = mscv.estimate(input, options, key).estimate,
    fresh = fold(key, "fresh"),
    form = formOf(options);
  const noise = embeddedNoise(batch, k, makeStream(fold(key, "embed"))), imagined = embed(own, batch, noise, k, form);
  const both: BothSlopes = {
    path: derivedSlopes(own, k, { form, rollouts: 1 }, fold(fresh, "paths")),
    pairs: mirroredSlopes(own, { noise, imagined, form }, k, 1, fresh),
  };
  const observation = normalizeInto(normalizer, batch.observation);
  return plus(g1, linearGradient(weightedSlopes(batch, observation, (half) => mix(both, half), [1, 1]), policy));
};

/** The mix of a half is decided on that half's own rows. Caught by "mix of the same half" in `broken_test.ts`. */
export const sameHalfMix: BrokenEstimator = (input, options, key) => {
  const which = halfOf(input.batch), { actionSize } = input.batch;
  return withMix(
    input,
    options,
    key,
    (both, half) => mixSlopes(both, pathShares(both, actionSize, (i) => which(i) === half)),
  );
};

/** Pairs get the share of paths, too: shares that do not sum to 1. Caught by "shares" in `broken_test.ts`. */
export const sharesOfOneKind: BrokenEstimator = (input, options, key) => {
  const which = halfOf(input.batch), { actionSize } = input.batch;
  return withMix(input, options, key, (both, half) => {
    const shares = pathShares(both, actionSize, (i) => which(i) !== half), zero = (x: Float32Array) => x.map(() => 0);
    const none = { mean: zero(both.path.mean), logStd: zero(both.path.logStd) };
    const [p, q] = [both.path, both.pairs].map((path) => mixSlopes({ path, pairs: none }, shares));
    return { mean: plus(p.mean, q.mean), logStd: plus(p.logStd, q.logStd) };
  });
};

/** Ã is cut in G1, and G2 is that of the Ã that is not. Caught by "bound" in `broken_test.ts`. */
export const cutInFirstTermAlone: BrokenEstimator = (input, options, key) => {
  const g1 = mscv.estimate(input, options, key).estimate.terms.g1;
  return plus(g1, mscv.estimate(input, { ...options, imaginedBound: 0 }, key).estimate.terms.g2);
};

/** w from the very samples that it corrects. Caught by "same batch" in `broken_test.ts`. */
export const sameBatch = (estimator: AnyEstimator): BrokenEstimator => (input, options, key) =>
  estimateWith(estimator, input, { ...options, fitOn: "sameBatch" }, key).estimate.gradient;
