/** E[G1 + G2] = ∇J for every estimator that says so. What catches slips is in `broken_test.ts`. */
import { assert, assertEquals, assertGreater, assertNotEquals } from "@std/assert";
import type { Batch } from "../../src/data/batch.ts";
import { signalOf } from "../../src/estimators/estimate.ts";
import type { AnyEstimator } from "../../src/estimators/estimator.ts";
import { likelihoodRatio } from "../../src/estimators/likelihood_ratio.ts";
import { mbma } from "../../src/estimators/mbma.ts";
import { modelGradient } from "../../src/estimators/model_gradient.ts";
import { mscv } from "../../src/estimators/mscv.ts";
import { qprop } from "../../src/estimators/qprop.ts";
import { estimators } from "../../src/estimators/registry.ts";
import { svg1 } from "../../src/estimators/svg1.ts";
import { trajectoryControlVariate } from "../../src/estimators/trajectory_control_variate.ts";
import { fold, makeKey } from "../../src/math/random.ts";
import { startBackend } from "../../src/nn/kernels/backend.ts";
import { analyticGradient, linearPolicy, type Lqr, lqr, simulate } from "./lqr.ts";
import { assertWithin, furthest, sampleMean } from "./sample_mean.ts";
import { estimateWith, type FamilyOptions, folded, randomWorld, surrogatesOf, unbiasedOptions } from "./world.ts";

const theta = [-0.4, -0.6, 0.1, -0.5];
const policy = linearPolicy(theta);
const root = makeKey(7);

/** (…, whether the estimate must declare itself unbiased, if that matters) ⇒ (gradient). */
const estimateOf = (
  problem: Lqr,
  estimator: AnyEstimator,
  options: FamilyOptions,
  i: number,
  world: number,
  gain = 0.5,
  declared?: boolean,
) => {
  const batch = simulate(problem, policy, 400, fold(fold(root, "batch"), i));
  const control = { horizon: 2, weight: 0.7, nearWeight: 0.3, farWeight: 0.5 };
  const input = { ...randomWorld(fold(fold(root, "world"), world), gain), control, policy, batch };
  const { gradient, unbiased } = estimateWith(estimator, input, options, fold(fold(root, "estimate"), i)).estimate;
  if (declared !== undefined) assertEquals(unbiased, declared);
  return gradient;
};

Deno.test("every unbiased estimator has the analytic gradient as its mean, for random f, r, V, Q", async () => {
  await startBackend();
  const expected = analyticGradient(lqr, theta).map((g) => g / lqr.steps); // estimators average over the T steps
  const variants: ReadonlyArray<readonly [string, AnyEstimator, Partial<FamilyOptions>]> = [
    ["likelihood ratio", likelihoodRatio, {}],
    ["likelihood ratio, horizon-aware", likelihoodRatio, { baseline: "horizonAware" }],
    ["k = 2, horizon-aware, optimal", mscv, { horizon: 2, baseline: "horizonAware", coefficient: "optimal" }],
    ["k = 1", mscv, { horizon: 1 }],
    ["k = 3", mscv, {}],
    ["k = 3, λ-weighted, optimal coefficient", mscv, { imaginedReturn: "lambdaWeighted", coefficient: "optimal" }],
    ["k = 3, λ-weighted, least variance", mscv, { imaginedReturn: "lambdaWeighted", coefficient: "leastVariance" }],
    ["dynamic k, optimal coefficient", mscv, { horizon: "dynamic", coefficient: "optimal" }],
    ["k = 2, three rollouts", mscv, { horizon: 2, rollouts: 3 }],
    ["k = 1, later residuals corrected", mscv, { horizon: 1, laterResiduals: "corrected" }],
    ["k = 2, later residuals corrected, optimal coefficients", mscv, {
      horizon: 2,
      laterResiduals: "corrected",
      coefficient: "optimal",
    }],
    ["k = 3, later residuals by two steps, near and far", mscv, {
      laterResiduals: "corrected",
      laterHorizon: 2,
      coefficient: "leastVariance",
    }],
    ["k = 3, mirrored pairs", mscv, { imaginedGradient: "mirroredPairs" }],
    ["k = 3, λ-weighted, two mirrored pairs, least variance, later residuals", mscv, {
      imaginedGradient: "mirroredPairs",
      imaginedReturn: "lambdaWeighted",
      rollouts: 2,
      coefficient: "leastVariance",
      laterResiduals: "corrected",
    }],
    ["k = 2, mirrored pairs, hard termination", mscv, {
      horizon: 2,
      imaginedGradient: "mirroredPairs",
      termination: "hard",
    }],
    ["k = 3, paths and pairs mixed, λ-weighted, least variance", mscv, {
      imaginedGradient: "mixed",
      imaginedReturn: "lambdaWeighted",
      coefficient: "leastVariance",
    }],
    ["k = 3, Ã cut to ±½ std of A", mscv, { imaginedBound: 0.5 }],
    ["k = 3, λ-weighted, Ã cut, pairs, least variance, later residuals", mscv, {
      imaginedBound: 0.5,
      imaginedGradient: "mirroredPairs",
      imaginedReturn: "lambdaWeighted",
      coefficient: "leastVariance",
      laterResiduals: "corrected",
    }],
    ["k = 2, λ-weighted, Ã cut, mixed", mscv, {
      horizon: 2,
      imaginedBound: 0.5,
      imaginedGradient: "mixed",
      imaginedReturn: "lambdaWeighted",
    }],
    ["svg1, Ã cut", svg1, { imaginedBound: 0.3 }],
    ["k = 2, two of each mixed", mscv, { horizon: 2, imaginedGradient: "mixed", rollouts: 2 }],
    ["k and w of the previous batch", mscv, { horizon: "dynamic", coefficient: "optimal", fitOn: "previousBatch" }],
    ["svg1", svg1, { coefficient: "conservative" }],
    ["trajectory-wise control variate", trajectoryControlVariate, {}],
    ["trajectory-wise control variate, one fresh action, horizon-aware", trajectoryControlVariate, {
      freshActions: 1,
      baseline: "horizonAware",
    }],
    ["qprop", qprop, {}],
    ["qprop, conservative", qprop, { coefficient: "conservative" }],
    ["qprop, aggressive", qprop, { coefficient: "aggressive" }],
    ["qprop, optimal", qprop, { coefficient: "optimal" }],
  ];
  for (const [name, estimator, options] of variants) {
    const all = { ...unbiasedOptions, ...options };
    assertWithin(sampleMean(60, (i) => estimateOf(lqr, estimator, all, i, 0, 0.5, true)), expected, name);
  }
});

Deno.test("two networks, each for the half that it corrects, in G1 and G2 alike: the mean stays", async () => {
  await startBackend();
  const expected = analyticGradient(lqr, theta).map((g) => g / lqr.steps);
  const [first, second] = [0, 1].map((i) => randomWorld(fold(fold(root, "half"), i), 1));
  const world = {
    ...first,
    value: { ...first.value, secondHalf: second.value },
    model: { ...first.model, secondHalf: second.model },
    critic: { ...first.critic, secondHalf: second.critic },
  };
  const draw = (estimator: AnyEstimator, options: Partial<FamilyOptions>) => (i: number) => {
    const batch = simulate(lqr, policy, 400, fold(fold(root, "batch"), i));
    const key = fold(fold(root, "estimate"), i);
    return estimateWith(estimator, { ...world, policy, batch }, { ...unbiasedOptions, ...options }, key).estimate
      .gradient;
  };
  const variants: ReadonlyArray<readonly [AnyEstimator, Partial<FamilyOptions>]> = [
    [mscv, {}],
    [mscv, { coefficient: "optimal", horizon: "dynamic", laterResiduals: "corrected" }],
    [mscv, { coefficient: "leastVariance", imaginedGradient: "mirroredPairs", laterResiduals: "corrected" }],
    [mscv, { coefficient: "leastVariance", imaginedGradient: "mixed" }],
    [mscv, { imaginedBound: 0.5 }],
    [trajectoryControlVariate, {}],
    [qprop, {}],
  ];
  for (const [estimator, options] of variants) {
    assertWithin(sampleMean(60, draw(estimator, options)), expected, JSON.stringify(options));
  }
});

Deno.test("what is declared biased is: G1 alone, G2 alone, and a model that is wrong", async () => {
  await startBackend();
  const expected = analyticGradient(lqr, theta).map((g) => g / lqr.steps);
  const variants: ReadonlyArray<readonly [string, AnyEstimator, Partial<FamilyOptions>]> = [
    ["G1 alone", mscv, { terms: ["g1"] }],
    ["Q-Prop's G1 alone", qprop, { terms: ["g1"] }],
    ["pure SVG(1)", svg1, { terms: ["g2"] }],
    ["model gradient", modelGradient, {}],
    ["MBMA", mbma, {}],
  ];
  for (const [name, estimator, options] of variants) {
    const all = { ...unbiasedOptions, ...options };
    const found = sampleMean(60, (i) => estimateOf(lqr, estimator, all, i, 0, 0.5, false));
    assertGreater(furthest(found, expected), 6, name); // P(|z| > 6) = 2e-9
  }
});

Deno.test("a return that is cut bootstraps with V: a wrong one moves the mean, and the estimate says so", async () => {
  await startBackend();
  const expected = analyticGradient(lqr, theta).map((g) => g / lqr.steps), { value, ...rest } = randomWorld(root);
  const world = { ...rest, value: { ...value, theta: value.theta.map((x) => 3 * x) } };
  const estimatesOf = (ends: (batch: Batch) => Batch, unbiased: boolean) =>
    sampleMean(60, (i) => {
      const batch = ends(simulate(lqr, policy, 400, fold(fold(root, "batch"), i)));
      const { estimate } = estimateWith(likelihoodRatio, { ...world, policy, batch }, unbiasedOptions, root);
      assertEquals(estimate.unbiased, unbiased);
      return estimate.gradient;
    });
  const none = (batch: Batch) => new Uint8Array(batch.terminated.length);
  assertWithin(estimatesOf((batch) => batch, true), expected, "ended");
  const atBatchEnd = estimatesOf((batch) => ({ ...batch, terminated: none(batch) }), false);
  const atTimeLimit = estimatesOf((b) => ({ ...b, truncated: b.terminated, terminated: none(b) }), false);
  for (const found of [atBatchEnd, atTimeLimit]) assertGreater(furthest(found, expected), 6); // P(|z| > 6) = 2e-9
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
    critic: { ...world.critic, theta: scaleLast(world.critic.theta, world.critic.theta.length - 9) },
    model: { ...world.model, outputScale: Float32Array.of(1, 1, factor) },
  };
  const rescaled = { ...batch, reward: batch.reward.map((r) => r * factor) };
  for (const estimator of Object.values(estimators)) {
    for (const coefficient of ["optimal", "conservative"] as const) {
      const options = { ...unbiasedOptions, coefficient, laterResiduals: "corrected" as const };
      const one = estimateWith(estimator, { ...world, policy, batch }, options, root).estimate.gradient;
      const many = estimateWith(estimator, { ...scaled, policy, batch: rescaled }, options, root).estimate.gradient;
      const norm = Math.hypot(...one);
      one.forEach((x, j) =>
        assert(Math.abs(many[j] / factor - x) < 1e-4 * norm, `component ${j}: ${many[j] / factor}, ${x}`)
      );
    }
  }
});

Deno.test("w and k of one half do not see the samples that they correct", async () => {
  await startBackend();
  const batch = simulate(lqr, policy, 200, root);
  const options = { ...unbiasedOptions, coefficient: "optimal" as const, horizon: 2 };
  const weights = (reward: Float32Array) => {
    const input = { ...randomWorld(root, 1), policy, batch: { ...batch, reward } };
    const [weighted, whole] = [options, unbiasedOptions].map((own) =>
      surrogatesOf(mscv.estimate(folded(input), { ...own, horizon: 2 }, root).estimate, "linear")[0].slope
    );
    return [0, 1].map((half) => weighted[half] / whole[half]); // environments take turns, as do the halves
  };
  const before = weights(batch.reward);
  // other rewards in the even environments: w of the even half stays, that of the odd half follows
  const after = weights(batch.reward.map((r, i) => ((i % 200) % 2 === 0 ? Math.sin(7 * i) : r)));
  assertEquals(after[0], before[0]);
  assert(after[1] !== before[1]);
});

Deno.test("nothing that one environment does moves the signal of another one of its half", async () => {
  await startBackend();
  const batch = simulate(lqr, policy, 6, root), world = randomWorld(root, 1), sigma = Math.exp(theta[3]);
  // Environment 0 acts and earns otherwise: 2 and 4 share its half, which is corrected by the other half (1, 3, 5) alone.
  const changed = {
    ...batch,
    noise: batch.noise.map((e, i) => (i % 6 === 0 ? -e : e)),
    action: batch.action.map((a, i) => (i % 6 === 0 ? a - 2 * sigma * batch.noise[i] : a)),
    reward: batch.reward.map((r, i) => (i % 6 === 0 ? Math.sin(7 * i) : r)),
  };
  const variants: ReadonlyArray<Partial<FamilyOptions>> = [
    { coefficient: "optimal", horizon: "dynamic" },
    { coefficient: "optimal", horizon: "dynamic", baseline: "horizonAware" },
    { coefficient: "optimal", laterResiduals: "corrected", laterHorizon: 2 },
    { coefficient: "leastVariance", imaginedGradient: "mirroredPairs", laterResiduals: "corrected" },
    { coefficient: "leastVariance", imaginedGradient: "mixed" },
    { imaginedBound: 0.2 },
    {
      imaginedBound: 0.2,
      coefficient: "leastVariance",
      imaginedGradient: "mirroredPairs",
      laterResiduals: "corrected",
    },
  ];
  for (const options of variants) {
    const signal = (own: Batch) =>
      signalOf(
        mscv.estimate(folded({ ...world, policy, batch: own }), { ...unbiasedOptions, ...options }, root).estimate,
      );
    const before = signal(batch), after = signal(changed);
    const of = (x: Float32Array, n: number) => Array.from(x).filter((_, i) => i % 6 === n);
    for (const n of [2, 4]) assertEquals(of(after, n), of(before, n), JSON.stringify(options));
    for (const n of [0, 1, 3, 5]) assertNotEquals(of(after, n), of(before, n));
  }
});
