/** States of earlier batches in G2: their share by hand, what decides it, and what an estimate with them declares. */
import { assert, assertAlmostEquals, assertEquals, assertGreater, assertLess, assertStringIncludes } from "@std/assert";
import { describeEstimator } from "../../src/config/describe.ts";
import type { Batch } from "../../src/data/batch.ts";
import { earlierThan } from "../../src/data/memory.ts";
import { earlierShare } from "../../src/estimators/earlier_states.ts";
import { mscv } from "../../src/estimators/mscv.ts";
import { inputOfHalf } from "../../src/estimators/cross_fitting.ts";
import type { ImaginedTask } from "../../src/tasks/task.ts";
import { ensembleOf, oneFold } from "../../src/data/folds.ts";
import type { ReturnForm } from "../../src/data/gradient.ts";
import { fold, makeKey } from "../../src/math/random.ts";
import { startBackend } from "../../src/nn/kernels/backend.ts";
import { estimateGradient } from "../../src/stages/estimate_gradient.ts";
import { tasks } from "../../src/tasks/registry.ts";
import { meetingOf, runStage } from "../stages/program.ts";
import { analyticGradient, linearPolicy, lqr, simulate } from "./lqr.ts";
import { assertWithin, sampleMean } from "./sample_mean.ts";
import { exactModel, exactTask, folded, foldInput, randomWorld, surrogatesOf, unbiasedOptions } from "./world.ts";
import { derivedSlopes } from "./slopes.ts";

const root = makeKey(77), theta = [-0.4, -0.6, 0.1, -0.5], policy = linearPolicy(theta);
const world = randomWorld(fold(root, "world"));
const options = { ...unbiasedOptions, earlierBatches: 2 };
const { discount, imaginedReturn: weighting, lambda, termination } = options;
const form: ReturnForm = { discount, weighting, lambda, termination };

const batchAt = (name: string, i: number, environments = 100) =>
  simulate(lqr, policy, environments, fold(fold(root, name), i));

const inputOf = (batch: Batch, earlier: ReadonlyArray<Batch>) => ({ ...folded({ ...world, policy, batch }), earlier });

Deno.test("the share is V/(V + what the earlier states are off by), by hand", async () => {
  await startBackend();
  // At s = 0 a linear policy with σ = 1 has ∂μ/∂(W₀, W₁, b) = (0, 0, 1): G2 of a row is (0, 0, slope, √2·second).
  const plain = simulate({ ...lqr, steps: 1 }, linearPolicy([0, 0, 0, 0]), 4, root);
  const batch = { ...plain, observation: new Float32Array(8) };
  const own = foldInput({ ...world, policy: linearPolicy([0, 0, 0, 0]), batch });
  const rows = Float64Array.of(1, 0, 3, 0, 9, 9, 9, 9), first = (i: number) => i < 2;
  // Rows 0 and 1 decide: mean 2, its variance 1/2·((1 − 2)² + (3 − 2)²)/(2 − 1) = 1, and .5 of all four rows. Earlier
  // states say 5: (5 − 2)² = 9 beside .5.
  assertAlmostEquals(earlierShare(own, rows, Float32Array.of(0, 0, 5, 0), first), 0.5 / 9.5, 1e-6);
  assertAlmostEquals(earlierShare(own, rows, Float32Array.of(0, 0, 2.5, 0), first), 0.5 / 0.75, 1e-6);
  // By log σ: 1/√2 and 3/√2 mean 1 and 3 of it.
  const second = Float64Array.of(0, Math.SQRT1_2, 0, 3 * Math.SQRT1_2, 9, 9, 9, 9);
  assertAlmostEquals(earlierShare(own, second, Float32Array.of(0, 0, 0, 5), first), 0.5 / 9.5, 1e-6);
  assertEquals(earlierShare(own, rows, Float32Array.of(0, 0, 5, 0), (i) => i === 0), 0); // one block tells no variance
});

Deno.test("consecutive steps of an environment are one sample of states", async () => {
  await startBackend();
  // 40 steps of one environment that decides: blocks of 20 with means 1 and 3, whatever happens within them.
  const plain = simulate({ ...lqr, steps: 40 }, linearPolicy([0, 0, 0, 0]), 2, root);
  const own = foldInput({
    ...world,
    policy: linearPolicy([0, 0, 0, 0]),
    batch: { ...plain, observation: new Float32Array(160) },
  });
  const rows = Float64Array.from({ length: 160 }, (_, at) => {
    const step = Math.floor(at / 4);
    return at % 2 === 1 ? 0 : (step < 20 ? 1 : 3) + (step % 2 === 0 ? 0.5 : -0.5);
  });
  assertAlmostEquals(earlierShare(own, rows, Float32Array.of(0, 0, 5, 0), (i) => i % 2 === 0), 0.5 / 9.5, 1e-6);
});

Deno.test("states of the same policy keep the mean and are used; states from elsewhere hardly", async () => {
  await startBackend();
  const expected = analyticGradient(lqr, theta).map((g) => g / lqr.steps);
  const shares: number[] = [];
  const same = sampleMean(100, (i) => {
    const earlier = [batchAt("one", i), batchAt("two", i)];
    const { estimate, metrics } = mscv.estimate(inputOf(batchAt("batch", i), earlier), options, fold(root, i));
    shares.push(metrics.earlierShare as number);
    return estimate.gradient;
  });
  assertWithin(same, expected, "same policy"); // drawn independently, so that here nothing is biased
  const share = shares.reduce((sum, one) => sum + one / 100, 0); // ‖D‖² of two batches and half of one: 2V + V/2 in the mean
  assertGreater(share, 1 / 3.5); // and the mean of V/(V + ‖D‖²) is above that at the mean
  assertLess(share, 0.5);
  const far = (batch: Batch): Batch => ({ ...batch, observation: batch.observation.map((s) => 3 * s + 4) });
  const { metrics } = mscv.estimate(inputOf(batchAt("batch", 0), [far(batchAt("one", 0))]), options, root);
  assertLess(metrics.earlierShare as number, 0.1);
});

Deno.test("two more batches of states cut the variance of G2", async () => {
  await startBackend();
  const spread = (earlierBatches: number) => {
    const own = { ...options, earlierBatches, terms: ["g2"] as const };
    const found = sampleMean(100, (i) => {
      const earlier = [batchAt("one", i), batchAt("two", i)];
      return mscv.estimate(inputOf(batchAt("batch", i), earlier), own, fold(root, i)).estimate.gradient;
    });
    return found.reduce((sum, { variance }) => sum + variance, 0);
  };
  // shares of 1/3.5 leave (1 − β)² + β²/2 = .55. 100 samples err by 14%, paired by less.
  assertLess(spread(2), 0.75 * spread(0));
});

Deno.test("the share of a half does not see that half", async () => {
  await startBackend();
  const batch = batchAt("batch", 0), earlier = [batchAt("one", 0)], isEven = (i: number) => i % 2 === 0;
  const sharesOf = (own: Batch) => {
    const input = inputOf(own, earlier),
      [{ slope }] = surrogatesOf(mscv.estimate(input, options, root).estimate, "linear");
    const fresh = fold(fold(root, "fresh"), "paths"), n = slope.length; // as the estimate draws its noise
    const { mean } = derivedSlopes(inputOfHalf(input, 0), 3, { form, rollouts: 1 }, fresh);
    return [0, 1].map((half) => { // environments take turns, as do the halves; actions beyond ±1 have no slope
      const row = mean.findIndex((x, i) => i % 2 === half && x !== 0);
      return 1 - n * slope[row] / mean[row]; // w is 1
    });
  };
  const before = sharesOf(batch); // two numbers an observation
  const moved = batch.observation.map((s, at) => (isEven(Math.floor(at / 2)) ? 1.5 * s + 0.2 : s));
  const after = sharesOf({ ...batch, observation: moved });
  assertAlmostEquals(after[0], before[0], 1e-6);
  assertGreater(Math.abs(after[1] - before[1]), 1e-3);
});

/** Ã = a: one step, a reward of the action, and V = 0, so that the slope of a start is its weight. */
const rewarded = (): Partial<ReturnType<typeof inputOf>> => {
  const task: ImaginedTask = { ...exactTask(lqr), knownReward: (_algebra, _s, a) => a[0], controlRange: [[-1e3, 1e3]] };
  const value = oneFold({ ...world.value, theta: world.value.theta.map(() => 0) });
  return { task, value, model: oneFold(ensembleOf(exactModel(lqr))) };
};

Deno.test("weights of all states add up to w; without earlier batches nothing changes; with them the mean is not declared", async () => {
  await startBackend();
  const batch = batchAt("batch", 1), earlier = [batchAt("one", 1), batchAt("two", 1), batchAt("three", 1)];
  const of = (own: Partial<typeof options>, before: ReadonlyArray<Batch>) =>
    mscv.estimate({ ...inputOf(batch, before), ...rewarded() }, { ...options, horizon: 1, ...own }, root);
  for (const coefficient of ["one", "leastVariance"] as const) {
    const { estimate, metrics } = of({ coefficient, rollouts: 2 }, earlier), terms = surrogatesOf(estimate, "linear");
    const total = terms.reduce((sum, { slope }) => sum + slope.reduce((a, b) => a + b, 0), 0);
    assertAlmostEquals(total, metrics.coefficient as number, 1e-5);
    assertEquals(Math.max(...terms.map(({ slope }) => slope.length)), 2 * batch.reward.length); // two batches, not three
    assertEquals([estimate.keepsMean, estimate.unbiased], [false, false]);
    const none = of({ coefficient }, []);
    assertEquals(none, of({ coefficient, earlierBatches: 0 }, []));
    assert(none.estimate.keepsMean && !("earlierShare" in none.metrics));
  }
});

Deno.test("what earlier batches do not go with is refused, and the option's help says so", () => {
  for (const beside of [{ imaginedGradient: "mirroredPairs" }, { imaginedGradient: "mixed" }, { imaginedBound: 4 }]) {
    assertEquals(mscv.check({ ...options, ...beside } as typeof options)?.option, "earlierBatches");
  }
  const [, help] = describeEstimator(mscv).split("earlierBatches: ")[1].split("\n");
  assertStringIncludes(help, "needs imaginedGradient: pathDerivative and imaginedBound: 0");
});

Deno.test("a half weighs in the earlier states as much as it weighs in the batch: two environments of three, and one", async () => {
  await startBackend();
  // One environment is one block, which tells no variance: β of the half of two is 0, and that of the half of one is β₁.
  // Rows weigh ⅔ + (1 − β₁)·⅓ together, and the earlier states β₁·⅓.
  const input = { ...inputOf(batchAt("batch", 2, 3), [batchAt("one", 2, 3)]), ...rewarded() };
  const { estimate, metrics } = mscv.estimate(input, { ...options, horizon: 1 }, root);
  const [own, earlier] = surrogatesOf(estimate, "linear").map(({ slope }) => slope.reduce((a, b) => a + b, 0));
  const beta = 2 * (metrics.earlierShare as number); // the mean of 0 and β₁
  assertGreater(beta, 0.05);
  assertAlmostEquals(own, 2 / 3 + (1 - beta) / 3, 1e-5);
  assertAlmostEquals(earlier, beta / 3, 1e-5);
});

Deno.test("the stage reads the memory where earlier batches are asked for, and hands on those before this one", async () => {
  const { slots, key } = await meetingOf("hopper", "estimateGradient");
  const stage = estimateGradient(tasks.hopper, { earlierBatches: 1, horizon: 2 });
  assertEquals((stage.reads as ReadonlyArray<string>).includes("memory"), true);
  assertEquals((estimateGradient(tasks.hopper).reads as ReadonlyArray<string>).includes("memory"), false);
  const { metrics } = await runStage(stage.run(slots, key));
  assert((metrics.earlierShare as number) >= 0);
  const [newest, ...others] = earlierThan(
    { batches: [batchAt("one", 0), batchAt("two", 0), slots.batch] },
    slots.batch,
  );
  assertEquals([newest, others], [batchAt("two", 0), [batchAt("one", 0)]]);
  const alone = await runStage(stage.run({ ...slots, memory: { batches: [slots.batch] } } as typeof slots, key));
  assertEquals("earlierShare" in alone.metrics, false); // its own states are no earlier ones
});
