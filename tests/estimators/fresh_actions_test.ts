/** What the model says of fresh actions, and the two estimators that are made of it, on a linear problem worked by hand. */
import { assertAlmostEquals, assertEquals, assertGreater, assertLess } from "@std/assert";
import { signalOf } from "../../src/estimators/estimate.ts";
import { freshActions } from "../../src/estimators/fresh_actions.ts";
import { likelihoodRatio } from "../../src/estimators/likelihood_ratio.ts";
import { mbma } from "../../src/estimators/mbma.ts";
import { trajectoryControlVariate } from "../../src/estimators/trajectory_control_variate.ts";
import { fold, makeKey } from "../../src/math/random.ts";
import { startBackend } from "../../src/nn/kernels/backend.ts";
import { makeAdam } from "../../src/nn/training/adam.ts";
import { makeNormalizer } from "../../src/nn/networks/normalizer.ts";
import { linearPolicy, lqr, simulate } from "./lqr.ts";
import { assertWithin, sampleMean } from "./sample_mean.ts";
import { estimateWith, exactModel, exactTask, foldInput, randomWorld, unbiasedOptions } from "./world.ts";

const root = makeKey(23), discount = 0.9, v = [0.7, -0.4];

/** Exact f and r, V(s) = v·s, μ(s) = −.1·s₀ − .1·s₁ + .05, σ = e^logStd: actions stay within ±1. */
const linearInput = (environments: number, logStd: number) => {
  const theta = Float32Array.of(...v, 0), policy = linearPolicy([-0.1, -0.1, 0.05, logStd]);
  const value = { shape: { sizes: [2, 1], activation: "tanh" as const }, theta, target: theta, adam: makeAdam(3) };
  const exact = { task: exactTask(lqr), model: exactModel(lqr), value, normalizer: makeNormalizer(2), policy };
  return { ...randomWorld(root), ...exact, batch: simulate(lqr, policy, environments, root) };
};

/**
 * Q(s, μ + σε) − V(s) = c + g·σε − p·σ²ε² with g = −2pμ + γ·v·B and
 * c = −q·s² − p·μ² + γ·v·(Fs + Bμ) − v·s.
 */
const byHand = ({ batch }: ReturnType<typeof linearInput>) => {
  const { dynamics: F, input: B, stateCost: q, actionCost: p } = lqr, n = batch.reward.length;
  const slope = discount * (v[0] * B[0] + v[1] * B[1]);
  const rows = Array.from({ length: n }, (_, i) => {
    const s = [batch.observation[2 * i], batch.observation[2 * i + 1]], mu = -0.1 * s[0] - 0.1 * s[1] + 0.05;
    const drift = [0, 1].map((j) => F[j][0] * s[0] + F[j][1] * s[1]);
    const level = -q[0] * s[0] ** 2 - q[1] * s[1] ** 2 + discount * (v[0] * drift[0] + v[1] * drift[1]);
    return { s, g: -2 * p * mu + slope, c: level + slope * mu - p * mu ** 2 - v[0] * s[0] - v[1] * s[1] };
  });
  return { rows, p };
};

const form = { discount, weighting: "kStep", lambda: 1, termination: "hard" } as const;

Deno.test("one fresh action: its Ã, ε·Ã/σ and (ε² − 1)·Ã are those of one and the same ε, by hand", async () => {
  await startBackend();
  const input = linearInput(25, -2), sigma = Math.exp(-2), { rows, p } = byHand(input);
  const { mean, slopes } = freshActions(foldInput(input), { horizon: 1, actions: 1, form }, root);
  let squares = 0;
  rows.forEach(({ g, c }, i) => {
    const epsilon = sigma * slopes.mean[i] / mean[i]; // of which the test knows but that it is standard normal
    assertAlmostEquals(mean[i], c + g * sigma * epsilon - p * (sigma * epsilon) ** 2, 1e-4);
    assertAlmostEquals(slopes.logStd[i], mean[i] * (epsilon ** 2 - 1), 1e-4 * (1 + Math.abs(mean[i])));
    squares += epsilon ** 2 / rows.length;
  });
  assertLess(Math.abs(squares - 1), 4 * Math.sqrt(2 / rows.length)); // E ε² = 1, Var ε² = 2
});

Deno.test("many fresh actions are averaged: where σ is next to nothing, their mean is Ã of μ", async () => {
  await startBackend();
  const input = linearInput(10, -9), { rows } = byHand(input);
  const { mean } = freshActions(foldInput(input), { horizon: 1, actions: 5, form }, root);
  rows.forEach(({ c }, i) => assertAlmostEquals(mean[i], c, 2e-3)); // g·σ·|ε| < 1 · 1.2e-4 · 5
});

Deno.test("mbma: the likelihood ratio and the model's gradient in the shares 1 : m, by hand", async () => {
  await startBackend();
  const sigma = Math.exp(-2), input = linearInput(25, -2), { rows, p } = byHand(input), n = rows.length;
  const options = { ...unbiasedOptions, discount, horizon: 1, freshActions: 3 };
  const plain = estimateWith(likelihoodRatio, input, options, root).estimate.gradient;
  const one = estimateWith(mbma, input, options, root).estimate;
  one.terms.g1.forEach((x, j) => assertAlmostEquals(x, plain[j] / 4, 1e-6 * (1 + Math.abs(plain[j]))));
  // ∂/∂μ E[Ã] = g, with ∂μ/∂(W₀, W₁, b) = (s₀, s₁, 1); ∂/∂log σ E[−p·σ²ε²] = −2p·σ².
  const expected = [0, 1, 2].map((j) => rows.reduce((sum, { s, g }) => sum + 0.75 * g * [...s, 1][j] / n, 0));
  const draw = (i: number) => estimateWith(mbma, input, options, fold(root, i)).estimate.terms.g2;
  assertWithin(sampleMean(300, draw), [...expected, 0.75 * -2 * p * sigma ** 2], "g2");
  assertEquals([one.unbiased, one.keepsMean], [false, false]);
});

Deno.test("trajectory-wise control variate: what is subtracted of every step's action, by hand", async () => {
  await startBackend();
  // Q − E[Q|s] = g·σε − p·σ²(ε² − 1) at later steps, weighed by (γλ)ʲ; Q − V itself at the first.
  const N = 10, lambda = 0.8, sigma = Math.exp(-1.8), input = linearInput(N, -1.8), { rows, p } = byHand(input);
  const { noise } = input.batch, odd = rows.map(({ g }, i) => g * sigma * noise[i]);
  const own = rows.map(({ c }, i) => c + odd[i] - p * (sigma * noise[i]) ** 2);
  const centred = rows.map((_, i) => odd[i] - p * sigma ** 2 * (noise[i] ** 2 - 1));
  const laterFrom = (i: number): number =>
    i + N >= rows.length ? 0 : discount * lambda * (centred[i + N] + laterFrom(i + N));
  const options = { ...unbiasedOptions, discount, lambda, advantage: "gae" as const, freshActions: 16 };
  const before = signalOf(estimateWith(likelihoodRatio, input, options, root).estimate);
  // signals differ by that and by the baselines of the two halves, which the first step's first two rows cancel
  const difference = (i: number) => {
    const after = signalOf(estimateWith(trajectoryControlVariate, input, options, fold(root, i)).estimate);
    const subtracted = before.map((x, row) => x - after[row]);
    return subtracted.map((x, row) => x - subtracted[row % N % 2]).subarray(2);
  };
  const expected = rows.map((_, i) => own[i] + laterFrom(i));
  const relative = expected.map((x, i) => x - expected[i % N % 2]).slice(2);
  const found = sampleMean(200, difference);
  assertWithin(found.slice(0, -N), relative.slice(0, -N), "difference of signals");
  found.slice(-N).forEach(({ mean }, j) => assertAlmostEquals(mean, relative[relative.length - N + j], 4e-3)); // no later step
  assertGreater(Math.max(...rows.map((_, i) => Math.abs(laterFrom(i)))), 0.05); // beside errors of some .002
});

Deno.test("of kStep advantages the correction covers their own steps alone", async () => {
  await startBackend();
  const input = linearInput(10, -2), one = { ...unbiasedOptions, discount, advantage: "kStep" as const, horizon: 1 };
  const found = (horizon: number) =>
    estimateWith(trajectoryControlVariate, input, { ...one, horizon }, root).metrics.imaginedStd as number;
  const { batch } = input, { imaginedStd } = estimateWith(trajectoryControlVariate, input, one, root).metrics;
  const hand = byHand(input), sigma = Math.exp(-2), n = batch.reward.length; // one step: Q − V itself, nothing later
  const own = hand.rows.map(({ c, g }, i) => c + g * sigma * batch.noise[i] - hand.p * (sigma * batch.noise[i]) ** 2);
  const mean = own.reduce((sum, x) => sum + x / n, 0);
  const std = Math.sqrt(own.reduce((sum, x) => sum + (x - mean) ** 2 / n, 0));
  assertAlmostEquals(imaginedStd as number, std, 1e-4);
  assertGreater(Math.abs(found(2) - found(1)), 1e-4);
  assertGreater(Math.abs(found(3) - found(2)), 1e-4);
  assertEquals(found(9), found(4)); // episodes have four steps
});
