/** Ã within a bound: what of it is cut, and what that does. That the mean stays is in `unbiased_test.ts`. */
import { assert, assertAlmostEquals, assertEquals, assertGreater, assertLess, assertNotEquals } from "@std/assert";
import { inputOfHalf } from "../../src/estimators/cross_fitting.ts";
import { imaginedAt, imaginedFold, imaginedSignals, noiseOf } from "../../src/estimators/imagined_signals.ts";
import { pairSlopes } from "../../src/estimators/mirrored_pairs.ts";
import { mscv } from "../../src/estimators/mscv.ts";
import { pathSlopes } from "../../src/estimators/paths.ts";
import { svg1 } from "../../src/estimators/svg1.ts";
import { fold, makeKey } from "../../src/math/random.ts";
import { startBackend } from "../../src/nn/kernels/backend.ts";
import { normalizeInto } from "../../src/nn/networks/normalizer.ts";
import { linearPolicy, lqr, simulate } from "./lqr.ts";
import {
  estimateWith,
  exactModel,
  exactTask,
  type FamilyOptions,
  folded,
  foldInput,
  randomWorld,
  surrogatesOf,
  unbiasedOptions,
} from "./world.ts";

const root = makeKey(23), policy = linearPolicy([-0.4, -0.6, 0.1, -0.5]);

const ways: ReadonlyArray<Partial<FamilyOptions>> = [
  {},
  { imaginedReturn: "lambdaWeighted", rollouts: 2 },
  { imaginedGradient: "mirroredPairs", coefficient: "leastVariance", laterResiduals: "corrected" },
  { imaginedGradient: "mixed", horizon: "dynamic" },
];

Deno.test("a bound that nothing reaches leaves every bit, and reports that nothing is cut", async () => {
  await startBackend();
  const batch = simulate(lqr, policy, 40, root), input = folded({ ...randomWorld(root, 1), policy, batch });
  for (const estimator of [mscv, svg1]) {
    for (const way of ways) {
      const [none, far, near] = [0, 1e6, 0.2].map((imaginedBound) =>
        estimateWith(estimator, input, { ...unbiasedOptions, ...way, imaginedBound }, root)
      );
      const { imaginedCut, ...rest } = far.metrics;
      assertEquals([{ ...far, metrics: rest }, imaginedCut], [none, 0]);
      assertNotEquals(near.estimate.gradient, none.estimate.gradient);
      assertGreater(Number(near.metrics.imaginedCut), 0.1);
    }
  }
});

Deno.test("by hand: Ã of each half is cut to standard deviations of the other half's A, in G1 and in later residuals", async () => {
  await startBackend();
  const batch = simulate(lqr, policy, 30, root), input = { ...randomWorld(root, 1), policy, batch };
  const own = foldInput(input),
    observation = normalizeInto(own.normalizer, batch.observation),
    imaginedBound = 0.4,
    n = batch.reward.length;
  const options: FamilyOptions = { ...unbiasedOptions, imaginedBound, laterResiduals: "corrected", laterHorizon: 2 };
  const noise = noiseOf(folded(input), options, root), what = imaginedFold(own, observation, noise, options, root);
  const signals = imaginedSignals(batch, [what, what], options), a = what.advantage;
  const rows = Array.from({ length: n }, (_, i) => i);
  const stdOf = (half: number) => { // environments take turns: of 30, as rows do
    const some = rows.filter((i) => i % 2 === half).map((i) => a[i]), mean = some.reduce((x, y) => x + y) / some.length;
    return Math.sqrt(some.reduce((sum, x) => sum + (x - mean) ** 2, 0) / some.length);
  };
  const within = (x: number, most: number) => Math.min(most, Math.max(-most, x));
  for (const half of [0, 1]) {
    const most = imaginedBound * stdOf(1 - half), { bound, imagined, advantage, from } = signals[half];
    assertEquals(advantage, a);
    assertAlmostEquals(bound, most, 1e-6);
    what.imagined.forEach((all, t) => all.forEach((x, i) => assertAlmostEquals(imagined[t][i], within(x, most), 1e-6)));
    const { mirror, real, decay } = from.later!, { far } = imaginedAt(signals[half], 3, options, root).later!;
    const c = rows.map((i) => (within(real[i], most) - within(mirror[i], most)) / 2);
    rows.forEach((i) => {
      let sum = 0; // every episode begins with the batch and ends with it, or before
      for (let at = i, j = 0; at < n; at += 30, j++) {
        if (j >= 3) sum += decay ** j * c[at];
        if (batch.terminated[at]) break;
      }
      assertAlmostEquals(far[i], sum, 1e-5);
    });
    assert(rows.some((i) => Math.abs(mirror[i]) > most) && rows.some((i) => Math.abs(real[i]) > most));
  }
  const same = imaginedSignals(batch, [what, what], { ...options, fitOn: "sameBatch" });
  assertEquals(same[0].bound, same[1].bound);
});

Deno.test("by hand: slopes of pairs and of paths within a bound", () => {
  // Two rows, one action, σ = 1. Pairs: Ã± = 5, −1 and 1, 0 within ±2 are 2, −1 and 1, 0; ε = 3, −1; real Ã = −4, 1 are −2, 1.
  const flat = { ...policy, theta: Float32Array.of(0, 0, 0, 0) };
  const pair = { noise: Float32Array.of(3, -1), plus: Float32Array.of(5, 1), minus: Float32Array.of(-1, 0) };
  assertEquals(pairSlopes(flat, [pair], [-4, 1], 2), {
    mean: Float32Array.of(1.5 * 3, 0.5 * -1),
    logStd: Float32Array.of((0.5 + 2) * 8, 0),
  });
  // Paths: two rollouts a row. Ã = 1, −3 | 3, .5: the second row's first and the first row's second are cut.
  const rolled = {
    advantage: Float32Array.of(1, -3, 3, 0.5),
    slope: Float32Array.of(10, 20, 30, 40),
    noise: Float32Array.of(1, 2, -1, -2),
    rollouts: 2,
  };
  assertEquals(pathSlopes(flat, rolled, 2), { mean: Float32Array.of(5, 20), logStd: Float32Array.of(5, -40) });
  assertEquals(pathSlopes(flat, rolled, Infinity), {
    mean: Float32Array.of(20, 30),
    logStd: Float32Array.of(-10, -20),
  });
});

Deno.test("G2 of each half is taken within that half's own bound, whether or not it decides w", async () => {
  await startBackend();
  const plain = simulate(lqr, policy, 30, root), n = plain.reward.length, k = unbiasedOptions.horizon as number;
  const batch = { ...plain, reward: plain.reward.map((r, i) => (i % 2 === 0 ? 20 * r : r)) }; // bounds that differ much
  const exact = { task: exactTask(lqr), model: exactModel(lqr) }; // so that least variance leaves some w
  const input = folded({ ...randomWorld(root), ...exact, policy, batch }), fresh = fold(root, "fresh");
  for (const imaginedGradient of ["mirroredPairs", "pathDerivative"] as const) {
    const options = { ...unbiasedOptions, imaginedBound: 0.3, imaginedGradient }, noise = noiseOf(input, options, root);
    const own = inputOfHalf(input, 0), observation = normalizeInto(own.normalizer, batch.observation);
    const what = imaginedFold(own, observation, noise, options, fresh);
    const [even, odd] = imaginedSignals(batch, [what, what], options).map(({ bound }) =>
      imaginedGradient === "mirroredPairs"
        ? pairSlopes(policy, what.pairs(k), what.imagined[k - 1], bound)
        : pathSlopes(policy, what.paths(k), bound)
    );
    for (const coefficient of ["one", "leastVariance"] as const) {
      const { estimate, control } = mscv.estimate(input, { ...options, coefficient }, root);
      const [{ slope, logStd }] = surrogatesOf(estimate, "linear"), rows = Array.from(slope, (_, i) => i);
      const weights = [even, odd].map(({ mean }, half) => { // w = slope/mean, one for all rows of a half
        const some = rows.filter((i) => i % 2 === half && mean[i] !== 0);
        assertGreater(some.length, 10);
        return slope[some[0]] * n / mean[some[0]];
      });
      if (coefficient === "one") weights.forEach((w) => assertAlmostEquals(w, 1, 1e-6));
      assertGreater(control.weight, 0.1);
      let expected = 0; // of log σ
      for (const i of rows) {
        const { mean, logStd } = [even, odd][i % 2], w = weights[i % 2];
        assertAlmostEquals(slope[i] * n, w * mean[i], 1e-5 * (1 + Math.abs(mean[i])));
        expected += w * logStd[i] / n;
      }
      assertAlmostEquals(logStd[0], expected, 1e-5 * (1 + Math.abs(expected)));
    }
  }
});

Deno.test("where the model imagines what never comes, a bound takes away much of the variance that it brought", async () => {
  await startBackend();
  // Predictions of a random model of gain 8, whose rewards grow with the squares of states: w = 1 pays for all of them.
  const world = randomWorld(fold(root, "steep"), 8);
  const spreadOf = (imaginedBound: number) => {
    const found = Array.from({ length: 30 }, (_, i) => {
      const batch = simulate(lqr, policy, 50, fold(fold(root, "sample"), i));
      const options = { ...unbiasedOptions, imaginedGradient: "mirroredPairs" as const, imaginedBound };
      return mscv.estimate(folded({ ...world, policy, batch }), options, fold(fold(root, "estimate"), i)).estimate
        .gradient;
    });
    const mean = policy.theta.map((_, j) => found.reduce((sum, g) => sum + g[j] / found.length, 0));
    return found.reduce((sum, g) => sum + g.reduce((s, x, j) => s + (x - mean[j]) ** 2, 0), 0) / found.length;
  };
  assertLess(spreadOf(1), 0.7 * spreadOf(0)); // 30 samples of four components err by some 20%
});

Deno.test("a bound is refused where it bounds nothing: at states of earlier batches, and without G1", () => {
  const refused = mscv.check!({ ...unbiasedOptions, earlierBatches: 1, imaginedBound: 4 });
  assertEquals(refused, {
    option: "earlierBatches",
    must: "0 where imaginedBound is not: earlier states have no A that bounds theirs",
  });
  assertEquals(svg1.check!({ ...unbiasedOptions, imaginedBound: 4, terms: ["g2"] }), {
    option: "imaginedBound",
    must: "0 where terms leave out g1: pure SVG(1) has no control variate",
  });
});
