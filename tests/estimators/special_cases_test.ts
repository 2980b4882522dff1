/** Cases in which MSCV is known to be something else. */
import { assert, assertAlmostEquals, assertEquals, assertLess } from "@std/assert";
import { likelihoodRatio } from "../../src/estimators/likelihood_ratio.ts";
import { signalOf } from "../../src/estimators/estimate.ts";
import type { AnyEstimator } from "../../src/estimators/estimator.ts";
import { laterWeights } from "../../src/estimators/control.ts";
import { laterSums } from "../../src/estimators/later_residuals.ts";
import { modelGradient } from "../../src/estimators/model_gradient.ts";
import { mscv } from "../../src/estimators/mscv.ts";
import { freshPaths } from "../../src/estimators/paths.ts";
import { qprop } from "../../src/estimators/qprop.ts";
import { svg1 } from "../../src/estimators/svg1.ts";
import { fold, makeKey } from "../../src/math/random.ts";
import { moments } from "../../src/math/statistics.ts";
import { startBackend } from "../../src/nn/kernels/backend.ts";
import { makeNormalizer } from "../../src/nn/networks/normalizer.ts";
import type { ValueParams } from "../../src/data/parameters.ts";
import { makeAdam } from "../../src/nn/training/adam.ts";
import { linearPolicy, lqr, simulate } from "./lqr.ts";
import {
  estimateWith,
  exactModel,
  exactTask,
  type FamilyOptions,
  folded,
  foldInput,
  type PlainInput,
  randomValue,
  randomWorld,
  surrogatesOf,
  unbiasedOptions,
} from "./world.ts";

const root = makeKey(3);
const policy = linearPolicy([-0.4, -0.6, 0.1, -1.2]);
const normalizer = makeNormalizer(2);

Deno.test("a perfect model makes G1's signal zero: Ã_k equals the real k-step advantage", async () => {
  await startBackend();
  const problem = { ...lqr, processNoise: 0, steps: 12 }, gentle = linearPolicy([-0.02, -0.03, 0.01, -2.5]); // |a| < 1
  const batch = simulate(problem, gentle, 50, root);
  const input = {
    ...randomWorld(root),
    task: exactTask(problem),
    model: exactModel(problem),
    value: randomValue(root),
    normalizer,
    policy: gentle,
    batch,
  };
  for (const horizon of [1, 2, 5]) {
    const options = {
      ...unbiasedOptions,
      advantage: "kStep" as const,
      discount: 0.95,
      horizon,
      terms: ["g1", "g2"] as const,
    };
    const { estimate, metrics } = mscv.estimate(folded(input), options, root);
    // The last k − 1 steps of an episode see it end, which the model does not know; all others must vanish.
    const inside = signalOf(estimate).subarray(0, 50 * (12 - horizon));
    const baseline = [0, 1].map((half) => inside[half]); // the constant baseline of each half
    inside.forEach((x, i) => assertAlmostEquals(x, baseline[(i % 50) % 2], 1e-4));
    assertLess(metrics.varianceRatio as number, 1);
  }
});

Deno.test("k = 0 is the likelihood ratio", async () => {
  await startBackend();
  const input = { ...randomWorld(root), policy, batch: simulate(lqr, policy, 20, root) };
  const found = mscv.estimate(folded(input), { ...unbiasedOptions, horizon: 0 }, root).estimate;
  assertEquals(found.gradient, estimateWith(likelihoodRatio, input, unbiasedOptions, root).estimate.gradient);
  assertEquals(surrogatesOf(found, "linear"), []);
});

/** A linear problem whose imagined side is exact but for the noise of its states, with V(s) = v·s. */
const linearWorld = (environments: number) => {
  const v = [0.7, -0.4], theta = Float32Array.of(...v, 0);
  const value: ValueParams = { shape: { sizes: [2, 1], activation: "tanh" }, theta, target: theta, adam: makeAdam(3) };
  const gentle = linearPolicy([-0.1, -0.1, 0.05, -2]);
  const batch = simulate(lqr, gentle, environments, root);
  const exact = { task: exactTask(lqr), model: exactModel(lqr), value, normalizer, policy: gentle, batch };
  return { v, sigma: Math.exp(-2), input: { ...randomWorld(root), ...exact } };
};

Deno.test("k = 1: G2 is SVG(1), the mean of ∂(r + γV(f))/∂a · ∂a/∂θ worked by hand on a linear problem", async () => {
  await startBackend();
  // V(s) = v·s; q = −(q·s² + p·a²) + γ·v·(Fs + Ba), so ∂q/∂a = −2pa + γ·v·B; ∂a/∂(W₀, W₁, b, log σ) = (s₀, s₁, 1, σε).
  const discount = 0.9, { v, sigma, input } = linearWorld(30);
  const options = { ...unbiasedOptions, discount, horizon: 1 };
  const { estimate } = mscv.estimate(folded(input), options, root);
  const { batch } = input, n = batch.reward.length;
  const form = { discount, weighting: "kStep", lambda: 1, termination: "soft" } as const;
  const fresh = fold(fold(root, "fresh"), "paths"); // as the estimate draws its noise
  const { noise } = freshPaths(foldInput(input), 1, { form, rollouts: 1 }, fresh);
  const expected = [0, 0, 0, 0];
  for (let i = 0; i < n; i++) {
    const s = [batch.observation[2 * i], batch.observation[2 * i + 1]], epsilon = noise[i];
    const a = -0.1 * s[0] - 0.1 * s[1] + 0.05 + sigma * epsilon;
    const slope = Math.abs(a) > 1
      ? 0
      : -2 * lqr.actionCost * a + discount * (v[0] * lqr.input[0] + v[1] * lqr.input[1]);
    [s[0], s[1], 1, sigma * epsilon].forEach((d, j) => expected[j] += slope * d / n);
  }
  expected.forEach((x, j) => assertAlmostEquals(estimate.terms.g2[j], x, 1e-5));
  assertEquals(estimateWith(svg1, input, { ...options, horizon: 7 }, root).estimate, estimate); // as a control variate
  const pure = estimateWith(svg1, input, { ...options, coefficient: "optimal", terms: ["g2"] }, root).estimate; // w stays 1
  assertEquals([pure.gradient, signalOf(pure).some((x) => x !== 0)], [estimate.terms.g2, false]);
  assertEquals(estimateWith(modelGradient, input, options, root).estimate.gradient, estimate.terms.g2);
});

Deno.test("later residuals lose what is odd in their action noise, worked by hand on a linear problem", async () => {
  await startBackend();
  // At k = 1, Ã(s, μ + σε) is quadratic in ε: its odd part is c = (−2pμ + γ·v·B)·σ·ε, and L_t = Σ_{j≥1} (γλ)ʲ c_{t+j}.
  const discount = 0.9, lambda = 0.8, N = 20, { v, sigma, input } = linearWorld(N), { batch } = input;
  const slope = discount * (v[0] * lqr.input[0] + v[1] * lqr.input[1]);
  const odd = Array.from(batch.noise, (epsilon, i) => {
    const mean = -0.1 * batch.observation[2 * i] - 0.1 * batch.observation[2 * i + 1] + 0.05;
    return (-2 * lqr.actionCost * mean + slope) * sigma * epsilon;
  });
  const expected = odd.map((_, i) => {
    let sum = 0;
    for (let j = 1, at = i + N; at < odd.length; j++, at += N) sum += (discount * lambda) ** j * odd[at];
    return sum;
  });
  const options = { ...unbiasedOptions, discount, lambda, horizon: 1, advantage: "gae" as const };
  const [kept, corrected] = (["kept", "corrected"] as const).map((laterResiduals) =>
    mscv.estimate(folded(input), { ...options, laterResiduals }, root)
  );
  // signals differ by L, and by the baselines of the two halves
  const [before, after] = [kept, corrected].map(({ estimate }) => signalOf(estimate));
  const difference = before.map((x, i) => x - after[i]);
  const constant = [0, 1].map((half) => difference[half] - expected[half]);
  expected.forEach((x, i) => assertAlmostEquals(difference[i], x + constant[(i % N) % 2], 2e-5));
  assertEquals(corrected.estimate.terms.g2, kept.estimate.terms.g2);
});

/** Rewards by actions alone, r = −p·a² with a = ½ + σε, and V = 0. */
const actionsAlone = (environments: number): PlainInput => {
  const { input } = linearWorld(2), problem = { ...lqr, stateCost: [0, 0] }, policy = linearPolicy([0, 0, 0.5, -2]);
  const value = { ...input.value, theta: new Float32Array(3) };
  return { ...input, task: exactTask(problem), value, policy, batch: simulate(problem, policy, environments, root) };
};

Deno.test("later residuals: where only actions are random, what is left of them is what is even in the noise", async () => {
  await startBackend();
  // k = 1: Ã_t is the first term of A_t = Σ (γλ)ʲ r_{t+j}, the later ones are kept or corrected.
  // Var r = p²(4μ²σ² + 2σ⁴), of which p²·2σ⁴ is even in ε: corrected/kept = σ²/(2μ² + σ²) = .0183/.5183 = .035 at every t.
  const N = 2000, input = actionsAlone(N);
  const spread = (laterResiduals: FamilyOptions["laterResiduals"]) => {
    const options = {
      ...unbiasedOptions,
      discount: 0.9,
      lambda: 0.8,
      horizon: 1,
      advantage: "gae" as const,
      laterResiduals,
    };
    const first = signalOf(mscv.estimate(folded(input), options, root).estimate).subarray(0, N); // t = 0, whose mean is one number
    return moments(first, first).varianceX;
  };
  // variances of 2000 samples, the corrected one of χ²-like terms: within a fifth
  assertAlmostEquals(spread("corrected") / spread("kept"), 0.0353, 0.007);
});

Deno.test("later sums: near within the k steps, far after them, both to the end of the episode", () => {
  // One environment, episode of 3 steps and one of 4: c = 1 … 7, decay ½, k = 2: near = ½ c_{t+1},
  // far = ¼ (c_{t+2} + ½ c_{t+3} + …).
  const batch = { ...simulate({ ...lqr, steps: 7 }, policy, 1, root), terminated: Uint8Array.of(0, 0, 1, 0, 0, 0, 1) };
  const c = Float64Array.of(1, 2, 3, 4, 5, 6, 7);
  const { near, far } = laterSums(batch, c, 2, 0.5);
  assertEquals([...far], [0.25 * 3, 0, 0, 0.25 * (6 + 3.5), 0.25 * 7, 0, 0]);
  assertEquals([...near], [1, 1.5, 0, 2.5, 3, 3.5, 0]);
  const one = laterSums(batch, c, 1, 0.5); // k = 1: nothing is near
  assertEquals([...one.near], [0, 0, 0, 0, 0, 0, 0]);
  assertEquals(one.far[0], 0.5 * (2 + 0.5 * 3));
  const rounded = laterSums(batch, c.map((x) => x / 7), 1, 0.97); // where sums do not come out even
  assertEquals([...rounded.near], [0, 0, 0, 0, 0, 0, 0]);
});

Deno.test("weights of near and far are their regression on what w leaves, by hand", () => {
  const near = Float64Array.of(1, -1, 1, -1, 9), far = Float64Array.of(1, 1, -1, -1, 9), first = (i: number) => i < 4;
  const of = (u: number, v: number) => near.map((x, i) => u * x + v * far[i] + 5);
  const weights = (residual: Float64Array, coefficient: FamilyOptions["coefficient"] = "optimal") =>
    laterWeights(coefficient, residual, { near, far }, first, [[0], [1], [2], [3]]);
  assertEquals(weights(of(0.5, 0.25)), { nearWeight: 0.5, farWeight: 0.25 });
  assertEquals(weights(of(-0.5, 1)), { nearWeight: -0.5, farWeight: 1 });
  assertEquals(weights(of(-3, -1)), { nearWeight: -1, farWeight: 0 }); // within [−1, 1] and [0, 1]
  assertEquals(weights(of(0.5, 0.25), "one"), { nearWeight: 0, farWeight: 1 });
  assertEquals(weights(of(0.5, 0.25), "conservative"), { nearWeight: 0, farWeight: 1 });
  // far = near: one control alone
  assertEquals(laterWeights("optimal", of(0.25, 0.25), { near, far: near }, first, []), {
    nearWeight: 0,
    farWeight: 0.25,
  });
  // Nothing is left of a residual that they explain, so that all of it is sure; noise of .2 in turn, x·(y − bᵀx) = ±.2, leaves
  // M = 4/2·(.16, 0; 0, .16) of S b = (2, 1): bᵀV⁻¹b = 5/.32 and the share 1 − 2·.32/5.
  assertEquals(weights(of(0.5, 0.25), "leastVariance"), { nearWeight: 0.5, farWeight: 0.25 });
  const noisy = of(0.5, 0.25).map((y, i) => y + [0.2, -0.2, -0.2, 0.2, 0][i]), share = 1 - 2 * 0.32 / 5;
  const { nearWeight, farWeight } = weights(noisy, "leastVariance");
  assertAlmostEquals(nearWeight, 0.5 * share, 1e-12);
  assertAlmostEquals(farWeight, 0.25 * share, 1e-12);
});

Deno.test("Q-Prop on a linear critic, worked by hand: Ā = q_a·σ·ε and G2 = η·mean q_a·∇μ", async () => {
  await startBackend();
  // Q(s, a) = 2s₀ − s₁ + 3a + 1, so ∂Q/∂a = 3 everywhere; ∂μ/∂(W₀, W₁, b, log σ) = (s₀, s₁, 1, 0).
  const { input, sigma } = linearWorld(30), { batch } = input, n = batch.reward.length;
  const theta = Float32Array.of(2, -1, 3, 1);
  const critic = { shape: { sizes: [3, 1], activation: "tanh" as const }, theta, target: theta, adam: makeAdam(4) };
  const found = estimateWith(qprop, { ...input, critic }, unbiasedOptions, root).estimate, signal = signalOf(found);
  const plain = signalOf(estimateWith(likelihoodRatio, input, unbiasedOptions, root).estimate);
  const linear = batch.noise.map((epsilon) => 3 * sigma * epsilon),
    difference = plain.map((x, i) => x - signal[i]);
  const constant = [0, 1].map((half) => difference[half] - linear[half]);
  linear.forEach((x, i) => assertAlmostEquals(difference[i], x + constant[(i % 30) % 2], 1e-5));
  const columns = [0, 1].map((j) => batch.observation.filter((_, i) => i % 2 === j).reduce((a, b) => a + b, 0) / n);
  [3 * columns[0], 3 * columns[1], 3, 0].forEach((x, j) => assertAlmostEquals(found.terms.g2[j], x, 1e-4));
});

Deno.test("w by hand: conservative and aggressive follow the sign of Cov, optimal is Cov/Var within [0, 1]", async () => {
  await startBackend();
  // At k = 1, A = r = −p·a² falls with a = ½ + σε: slope −2pμ = −.2. Q = q·a has Ā = q·σε, so Cov(A, Ā)/Var(Ā) = −.2/q.
  const input = actionsAlone(1000), options = { ...unbiasedOptions, horizon: 1, advantage: "kStep" as const };
  const weights = (estimator: AnyEstimator, q: number) => {
    const theta = Float32Array.of(0, 0, q, 0);
    const critic = { shape: { sizes: [3, 1], activation: "tanh" as const }, theta, target: theta, adam: makeAdam(4) };
    return (["conservative", "aggressive", "optimal"] as const).map((coefficient) =>
      estimateWith(estimator, { ...input, critic }, { ...options, coefficient }, root).metrics.coefficient as number
    );
  };
  assertEquals(weights(qprop, 1), [0, -1, 0]);
  const [conservative, aggressive, optimal] = weights(qprop, -1);
  assertEquals([conservative, aggressive], [1, 1]);
  assertAlmostEquals(optimal, 0.2, 0.01); // 4000 samples: standard error of the slope .2·σ/√2/√4000 < .001
  assertEquals(weights(qprop, -0.1).map((w) => Math.round(w * 1e4) / 1e4), [1, 1, 1]); // 2, clipped
  weights(mscv, 1).forEach((w) => assertAlmostEquals(w, 1, 1e-3)); // Ã is A itself
});

Deno.test("previous batch: its k and w are used as they stand, and this batch's are handed on", async () => {
  await startBackend();
  const { input } = linearWorld(40), options = { ...unbiasedOptions, coefficient: "optimal" as const };
  const dynamic = { ...options, horizon: "dynamic" as const, fitOn: "previousBatch" as const };
  const control = { horizon: 2, weight: 0.3, nearWeight: 0, farWeight: 0 };
  const { metrics, estimate, control: next } = mscv.estimate(folded({ ...input, control }), dynamic, root);
  assertEquals([metrics.horizon, metrics.coefficient], [2, 0.3]);
  const twice = mscv.estimate(folded({ ...input, control: { ...control, weight: 0.6 } }), dynamic, root).estimate;
  estimate.terms.g2.forEach((g, i) => assertAlmostEquals(2 * g, twice.terms.g2[i], 1e-6 * Math.abs(g) + 1e-9));
  assert(estimate.terms.g2.some((g) => g !== 0));
  const whole = mscv.estimate(folded(input), { ...dynamic, fitOn: "sameBatch" }, root);
  assertEquals([next.horizon, next.weight], [whole.metrics.horizon, whole.metrics.coefficient]);
  const first = mscv.estimate(folded(input), dynamic, root).estimate; // no batch before: the likelihood ratio
  assertEquals(first.gradient, estimateWith(likelihoodRatio, input, options, root).estimate.gradient);
});
