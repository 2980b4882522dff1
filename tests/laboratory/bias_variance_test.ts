/**
 * Moments of Gaussian estimates whose bias and variance are known.
 *
 * @module
 */
import { assert, assertAlmostEquals, assertEquals, assertGreater, assertLess } from "@std/assert";
import { biasVariance, productsOf } from "../../src/laboratory/bias_variance.ts";
import { meanMetrics } from "../../src/laboratory/summarize.ts";
import type { PanelEstimate } from "../../src/laboratory/sub_batch.ts";
import type { SolvedEstimate } from "../../src/laboratory/gram.ts";
import { bootstrapInterval, positiveInterval, resample } from "../../src/laboratory/bootstrap_intervals.ts";
import { fold, type Key, makeKey, makeStream } from "../../src/math/random.ts";

const root = makeKey(31);
const truthMean = [1, -2, 0.5, 0, 3]; // ‖r‖² = 1 + 4 + .25 + 9 = 14.25
const diagonal = [0.5, 1, 2, 4, 0.25]; // F⁻¹, so ‖r‖² in the natural metric is .5 + 4 + .5 + 0 + 2.25 = 7.25

/** n Gaussian estimates with standard deviation σⱼ = spread·(j + 1) of component j: variance 55·spread². */
const draws = (key: Key, count: number, mean: ReadonlyArray<number>, spread: number): SolvedEstimate[] =>
  Array.from({ length: count }, (_, i) => {
    const { normal } = makeStream(fold(key, i));
    const gradient = Float32Array.from(mean, (m, j) => m + spread * (j + 1) * normal());
    return { gradient, natural: gradient.map((g, j) => g * diagonal[j]) };
  });

Deno.test("by hand: two estimates and two references", () => {
  // g = (1, 0), (3, 0); r = (0, 1), (0, 3). ḡ = (2, 0), variance ((−1)² + 1²)/1 = 2; r̄ = (0, 2), its variance 2.
  // bias² = ‖(2, −2)‖² − 2/2 − 2/2 = 6; signal = 4 − 1 = 3; ⟨r̄, gᵢ⟩ = 0; coherence √(3/(3 + 2));
  // cosines with the other one: ⟨(3, 0), (1, 0)⟩/1 = 3 and ⟨(1, 0), (3, 0)⟩/3 = 1, their mean 2 over √3.
  const of = (...g: number[]): SolvedEstimate => ({ gradient: Float32Array.from(g), natural: Float32Array.from(g) });
  const found = biasVariance(productsOf([of(1, 0), of(3, 0)], [of(0, 1), of(0, 3)], "euclidean"));
  const { coherence, selfCosine, ...rest } = found;
  assertEquals(rest, { biasSquared: 6, variance: 2, signal: 3, cosine: 0, direction: 0, improvement: 0 });
  assertAlmostEquals(coherence, Math.sqrt(0.6), 1e-12);
  assertAlmostEquals(selfCosine, 2 / Math.sqrt(3), 1e-12);
});

Deno.test("a number that not every batch reports is averaged over those that do", () => {
  const reports = [{ a: 1 }, { a: 2, b: 10 }, { a: 3 }, { a: 6, b: 30, c: "words" }];
  const estimates = reports.map((metrics) => ({ metrics }) as unknown as PanelEstimate);
  const found = meanMetrics(estimates, [
    Float64Array.of(2, 1, 0, 1),
    Float64Array.of(2, 0, 2, 0),
    Float64Array.of(1, 3, 0, 0),
  ]);
  assertEquals(Object.keys(found), ["a", "b"]);
  assertEquals([found.a.value, found.b.value], [3, 20]);
  assert(found.b.low <= 20 && found.b.high >= 20); // one draw of three holds no batch that reports it
});

Deno.test("by hand: an estimate that a draw holds twice is none of the others that it is compared with", () => {
  // g = 1, 3, 5, drawn twice, once and not at all. ḡ = 5/3, mean square 11/3, variance (11/3 − 25/9)·3/2 = 4/3, and
  // signal = 25/9 − 4/9 = 7/3. Beside either 1 the one other is 3: ⟨3, 1⟩/1 = 3; beside 3 they are two 1: ⟨1, 3⟩/3 = 1.
  // The mean of 3, 3 and 1 is 7/3, over √signal.
  const [g, r] = [[1, 3, 5], [1, 1]].map((all) =>
    all.map((x): SolvedEstimate => ({ gradient: Float32Array.of(x), natural: Float32Array.of(x) }))
  );
  const { signal, variance, selfCosine } = biasVariance(productsOf(g, r, "euclidean"), Float64Array.of(2, 1, 0));
  assertAlmostEquals(signal, 7 / 3, 1e-12);
  assertAlmostEquals(variance, 4 / 3, 1e-12);
  assertAlmostEquals(selfCosine, Math.sqrt(7 / 3), 1e-12);
});

Deno.test("bias² has mean zero for an unbiased estimator and the squared distance for a biased one, in both metrics", () => {
  const bias = [0.3, 0, -0.2, 0.1, 0]; // ‖b‖² = .09 + .04 + .01 = .14; natural .045 + .08 + .04 = .165
  for (const [shift, euclidean, natural] of [[[0, 0, 0, 0, 0], 0, 0], [bias, 0.14, 0.165]] as const) {
    const trials = Array.from({ length: 2000 }, (_, i) => {
      const key = fold(fold(root, "trial"), i);
      const g = draws(fold(key, "g"), 12, truthMean.map((m, j) => m + shift[j]), 0.2);
      const r = draws(fold(key, "r"), 6, truthMean, 0.1);
      return (["euclidean", "natural"] as const).map((metric) => biasVariance(productsOf(g, r, metric)));
    });
    for (const [m, bias2, variance] of [[0, euclidean, 2.2], [1, natural, 0.04 * 94.75]] as const) {
      // variances: 55·.2² = 2.2; natural .2²·Σ diagonal·(j + 1)² = .04·(.5 + 4 + 18 + 64 + 6.25) = .04·92.75
      const of = (pick: (x: ReturnType<typeof biasVariance>) => number) => {
        const x = trials.map((trial) => pick(trial[m])), mean = x.reduce((a, b) => a + b, 0) / x.length;
        const error = Math.sqrt(x.reduce((a, b) => a + (b - mean) ** 2, 0) / (x.length - 1) / x.length);
        return { mean, error };
      };
      const found = of((x) => x.biasSquared), spread = of((x) => x.variance);
      assertLess(Math.abs(found.mean - bias2), 4 * found.error);
      assertLess(Math.abs(spread.mean - (m === 0 ? variance : 0.04 * 92.75)), 4 * spread.error);
    }
  }
});

Deno.test("without noise the cosine is that of the two means; noise of the reference does not pull it to zero", () => {
  const mean = [1, 0, 0, 0, 0]; // cos = 1/√14.25
  const exact = biasVariance(productsOf(draws(root, 3, mean, 0), draws(root, 3, truthMean, 0), "euclidean"));
  assertAlmostEquals(exact.cosine, 1 / Math.sqrt(14.25), 1e-6);
  assertAlmostEquals(exact.biasSquared, 0 + 4 + 0.25 + 0 + 9, 1e-5); // (1 − 1)² + 2² + .5² + 3²
  // r = (3, 0, 0, 0, 0), g along it, so the cosine is 1. The noise of r̄ adds 55·.25/8 = 1.7 to ‖r̄‖² = 9, which would pull
  // it to .92; what is left is the curvature of 1/√x: 3/8·(1.7/9)² = 1.4%.
  const noisy = Array.from({ length: 400 }, (_, i) => {
    const r = draws(fold(fold(root, "noisy"), i), 8, [3, 0, 0, 0, 0], 0.5);
    return biasVariance(productsOf(draws(root, 3, mean, 0), r, "euclidean")).cosine;
  });
  assertAlmostEquals(noisy.reduce((a, b) => a + b, 0) / noisy.length, 1, 0.03);
});

/** The same with noise scaled by a Student t of 5 degrees, whose variance is 5/3: the same variance, heavier tails. */
const heavy: typeof draws = (key, count, mean, spread) =>
  draws(key, count, mean, spread).map(({ gradient }, i) => {
    const { normal } = makeStream(fold(fold(key, "scale"), i));
    const chi = Array.from({ length: 5 }, normal).reduce((sum, x) => sum + x * x, 0);
    const scaled = gradient.map((g, j) => mean[j] + (g - mean[j]) * Math.sqrt(3 / chi)); // √(5/chi)/√(5/3)
    return { gradient: scaled, natural: scaled };
  });

/** Shares of trials in which 95% intervals hold bias² = 0, bias² = 1 and the variance 2.2, from m estimates and R truths. */
const coverage = (m: number, R: number, trials: number, draw = draws) => {
  const covered = { zero: 0, biased: 0, variance: 0 };
  for (let i = 0; i < trials; i++) {
    const key = fold(fold(fold(root, "coverage"), m), i);
    const r = draws(fold(key, "r"), R, truthMean, 0.1);
    const weights = resample(fold(key, "bootstrap"), 200, m), truthWeights = resample(fold(key, "truth"), 200, R);
    const intervalOf = (bias: number, pick: "biasSquared" | "variance") => {
      const g = draw(fold(key, "g"), m, truthMean.map((x, j) => x + (j === 0 ? bias : 0)), 0.2);
      const products = productsOf(g, r, "euclidean");
      const replicates = weights.map((w, b) => biasVariance(products, w, truthWeights[b])[pick]);
      const interval = pick === "variance" ? positiveInterval : bootstrapInterval;
      return interval(biasVariance(products)[pick], replicates);
    };
    const holds = ({ low, high }: { low: number; high: number }, x: number) => Number(low <= x && x <= high) / trials;
    covered.zero += holds(intervalOf(0, "biasSquared"), 0);
    covered.biased += holds(intervalOf(1, "biasSquared"), 1);
    covered.variance += holds(intervalOf(0, "variance"), 2.2);
  }
  return covered;
};

Deno.test("intervals of what is positive stay above zero: by hand on logarithms", () => {
  // logs of the replicates 1/4, 1, 4 are −2, 0, 2 times log 2, their mean 0; the 2.5% and 97.5% quantiles ∓ 1.9
  const { low, high } = positiveInterval(3, [0.25, 1, 4]);
  assertAlmostEquals(low, 3 * 2 ** -1.9, 1e-12);
  assertAlmostEquals(high, 3 * 2 ** 1.9, 1e-12);
  assertEquals(positiveInterval(0, [0, 0]), { value: 0, low: 0, high: 0 });
});

Deno.test("95% intervals hold what the README says: bias² 95% and more, at zero no less; variances 90 and 93%, with heavy tails less", () => {
  for (
    const [m, R, variance, draw] of [[20, 10, 0.9, draws], [60, 40, 0.93, draws], [20, 10, 0.82, heavy], [
      60,
      40,
      0.86,
      heavy,
    ]] as const
  ) {
    const held = coverage(m, R, 300, draw); // of which a share of .9 is known to ± .017
    assertGreater(held.zero, 0.95);
    assertGreater(held.biased, 0.93);
    assert(Math.abs(held.variance - variance) < 0.05, `${m}: ${held.variance}`);
  }
});

Deno.test("by hand: an interval holds its estimate, also where one replicate in a hundred is a quotient by nothing", () => {
  // 0, 1, … 98 and 10⁶: their mean is 1e4 + 48.51, beyond the 97.5% point, order statistic 99·.975 = 96.525; so the median,
  // 49.5, is the centre, and the ends lie at 99·.025 = 2.475 and at 96.525
  const tame = Array.from({ length: 99 }, (_, i) => i), wild = [...tame, 1e6];
  const { value, low, high } = bootstrapInterval(7, wild);
  assertAlmostEquals(low, 7 + 2.475 - 49.5, 1e-9);
  assertAlmostEquals(high, 7 + 96.525 - 49.5, 1e-9);
  assert(low < value && value < high);
  // the mean, where it lies within: of 0, … 98 and 198 it is 50.49
  assertAlmostEquals(bootstrapInterval(7, [...tame, 198]).low, 7 + 2.475 - 50.49, 1e-9);
});
