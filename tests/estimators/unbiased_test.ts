/**
 * E[G1 + G2] = ∇J. Broken copies that these tests catch, tried by hand: the horizon cut at the real termination ("an
 * early real termination"), Q-Prop's slip of scaling the signal but not G2 ("analytic gradient"), gates chosen on each
 * sample ("do not see the sample"), a hard termination in G2 ("hard termination").
 */
import { assert, assertEquals, assertGreater, assertNotEquals } from "@std/assert";
import type { Estimator, EstimatorOptions } from "../../src/estimators/estimator.ts";
import { likelihoodRatio } from "../../src/estimators/likelihood_ratio.ts";
import { mscv } from "../../src/estimators/mscv.ts";
import { fold, makeKey } from "../../src/math/random.ts";
import { startBackend } from "../../src/nn/backend.ts";
import { analyticGradient, linearPolicy, type Lqr, lqr, simulate } from "./lqr.ts";
import { randomWorld, unbiasedOptions } from "./world.ts";

const theta = [-0.4, -0.6, 0.1, -0.5];
const policy = linearPolicy(theta);
const root = makeKey(7);

/** Mean and standard error of each component over independent batches. */
const sampleMean = (batches: number, draw: (i: number) => ArrayLike<number>) => {
  const draws = Array.from({ length: batches }, (_, i) => draw(i));
  return theta.map((_, j) => {
    const mean = draws.reduce((sum, x) => sum + x[j], 0) / batches;
    const variance = draws.reduce((sum, x) => sum + (x[j] - mean) ** 2, 0) / (batches - 1);
    return { mean, error: Math.sqrt(variance / batches), variance };
  });
};

const estimateOf = (
  problem: Lqr,
  estimator: Estimator,
  options: EstimatorOptions,
  i: number,
  world: number,
  gain = 0.5,
) => {
  const batch = simulate(problem, policy, 400, fold(fold(root, "batch"), i));
  const input = { ...randomWorld(fold(fold(root, "world"), world), gain), policy, batch };
  return estimator(input, options, fold(fold(root, "estimate"), i)).estimate.gradient;
};

/** |mean − expected| within 4 standard errors: a correct estimator fails one of 4 components in 4,000 runs. */
const assertWithin = (found: ReturnType<typeof sampleMean>, expected: ReadonlyArray<number>, what: string) =>
  found.forEach(({ mean, error }, j) =>
    assert(Math.abs(mean - expected[j]) < 4 * error, `${what}: component ${j}: ${mean} ± ${error}, not ${expected[j]}`)
  );

Deno.test("MSCV and the likelihood ratio have the analytic gradient as their mean, for random f, r, V", async () => {
  await startBackend();
  const expected = analyticGradient(lqr, theta).map((g) => g / lqr.steps); // estimators average over the T steps
  const variants: ReadonlyArray<readonly [string, Estimator, Partial<EstimatorOptions>]> = [
    ["likelihood ratio", likelihoodRatio, {}],
    ["k = 1", mscv, { horizon: 1 }],
    ["k = 3", mscv, {}],
    ["k = 3, λ-weighted, optimal coefficient", mscv, { imaginedReturn: "lambdaWeighted", coefficient: "optimal" }],
    ["dynamic k, optimal coefficient", mscv, { horizon: "dynamic", coefficient: "optimal" }],
    ["k = 2, three rollouts", mscv, { horizon: 2, rollouts: 3 }],
  ];
  for (const [name, estimator, options] of variants) {
    const found = sampleMean(60, (i) => estimateOf(lqr, estimator, { ...unbiasedOptions, ...options }, i, 0));
    assertWithin(found, expected, name);
  }
});

Deno.test("leaving out G2, or scaling G1's signal alone, is seen as bias", async () => {
  await startBackend();
  const expected = analyticGradient(lqr, theta).map((g) => g / lqr.steps);
  const g1 = sampleMean(60, (i) => estimateOf(lqr, mscv, { ...unbiasedOptions, terms: ["g1"] }, i, 0));
  assertGreater(Math.max(...g1.map(({ mean, error }, j) => Math.abs(mean - expected[j]) / error)), 6);
  const slip = sampleMean(60, (i) => {
    const [both, first] = [["g1", "g2"], ["g1"]].map((terms) =>
      estimateOf(lqr, mscv, { ...unbiasedOptions, terms: terms as EstimatorOptions["terms"] }, i, 0)
    );
    return both.map((x, j) => x - 0.5 * first[j]);
  });
  assertGreater(Math.max(...slip.map(({ mean, error }, j) => Math.abs(mean - expected[j]) / error)), 6);
});

Deno.test("a corrupted model moves the variance, never the mean; an early real termination gives no bias", async () => {
  await startBackend();
  const problem = { ...lqr, steps: 8, bound: 1.2 }; // many episodes end after one or two steps
  const difference = (gain: number) =>
    sampleMean(80, (i) => {
      const options = { ...unbiasedOptions, horizon: 4 };
      const plain = estimateOf(problem, likelihoodRatio, options, i, 1, gain);
      return estimateOf(problem, mscv, options, i, 1, gain).map((x, j) => x - plain[j]);
    });
  const mild = difference(0.2), corrupted = difference(3);
  assertWithin(mild, [0, 0, 0, 0], "mild model");
  assertWithin(corrupted, [0, 0, 0, 0], "corrupted model");
  const total = (x: typeof mild) => x.reduce((sum, { variance }) => sum + variance, 0);
  assertGreater(total(corrupted), 2 * total(mild));
});

Deno.test("rescaling rewards rescales the gradient and leaves its direction", async () => {
  await startBackend();
  const batch = simulate(lqr, policy, 200, root), world = randomWorld(root), factor = 8;
  const scaleLast = (x: Float32Array, from: number) => x.map((v, i) => (i >= from ? v * factor : v));
  const { knownReward } = world.task;
  const scaled = {
    ...world,
    task: {
      ...world.task,
      knownReward: (...[algebra, s, a, next]: Parameters<typeof knownReward>) =>
        algebra.scale(knownReward(algebra, s, a, next), factor),
    } as typeof world.task,
    value: { ...world.value, theta: scaleLast(world.value.theta, world.value.theta.length - 9) }, // output layer 8 + 1
    model: { ...world.model, outputScale: Float32Array.of(1, 1, factor) },
  };
  const options = { ...unbiasedOptions, coefficient: "optimal" as const };
  const one = mscv({ ...world, policy, batch }, options, root).estimate.gradient;
  const rescaled = { ...batch, reward: batch.reward.map((r) => r * factor) };
  const many = mscv({ ...scaled, policy, batch: rescaled }, options, root).estimate.gradient;
  const norm = Math.hypot(...one);
  one.forEach((x, j) =>
    assert(Math.abs(many[j] / factor - x) < 1e-4 * norm, `component ${j}: ${many[j] / factor}, ${x}`)
  );
});

Deno.test("w and k of one half do not see the samples that they correct", async () => {
  await startBackend();
  const batch = simulate(lqr, policy, 200, root);
  const options = { ...unbiasedOptions, coefficient: "optimal" as const, horizon: 2 };
  const weights = (reward: Float32Array) => {
    const { paths } = mscv({ ...randomWorld(root, 1), policy, batch: { ...batch, reward } }, options, root).estimate;
    const of = (half: number) => paths[0].weight.find((_, i) => (i % 200) % 2 === half)! * batch.reward.length;
    return [of(0), of(1)];
  };
  const before = weights(batch.reward);
  // other rewards in the even environments: w of the even half stays, that of the odd half follows
  const after = weights(batch.reward.map((r, i) => ((i % 200) % 2 === 0 ? Math.sin(7 * i) : r)));
  assertEquals(after[0], before[0]);
  assert(after[1] !== before[1]);
});

Deno.test("nothing that one environment does moves the signal of another one of its half", async () => {
  await startBackend();
  const batch = simulate(lqr, policy, 6, root), world = randomWorld(root, 1);
  const options = { ...unbiasedOptions, coefficient: "optimal" as const, horizon: "dynamic" as const };
  const signal = (reward: Float32Array) =>
    mscv({ ...world, policy, batch: { ...batch, reward } }, options, root).estimate.signal;
  const before = signal(batch.reward);
  // Environment 0 earns something else: 2 and 4 share its half, which is corrected by the other half (1, 3, 5) alone.
  const after = signal(batch.reward.map((r, i) => (i % 6 === 0 ? Math.sin(7 * i) : r)));
  const of = (x: Float32Array, n: number) => Array.from(x).filter((_, i) => i % 6 === n);
  for (const n of [2, 4]) assertEquals(of(after, n), of(before, n));
  for (const n of [0, 1, 3, 5]) assertNotEquals(of(after, n), of(before, n));
});
