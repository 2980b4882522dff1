import { assertAlmostEquals, assertGreater, assertLess } from "@std/assert";
import { weightedSlopes } from "../../src/estimators/output_slopes.ts";
import { linearGradient, linearValue } from "../../src/estimators/linear.ts";
import { mscv } from "../../src/estimators/mscv.ts";
import { embeddedNoise } from "../../src/data/embedded_noise.ts";
import { embed } from "../../src/imagination/embed.ts";
import { fold, makeKey, makeStream } from "../../src/math/random.ts";
import { startBackend } from "../../src/nn/kernels/backend.ts";
import { makeAdam } from "../../src/nn/training/adam.ts";
import { evaluatePolicy } from "../../src/nn/networks/evaluated_policy.ts";
import { makeNormalizer, normalizeInto } from "../../src/nn/networks/normalizer.ts";
import { linearPolicy, lqr, simulate } from "./lqr.ts";
import { exactModel, exactTask, folded, foldInput, randomWorld, unbiasedOptions } from "./world.ts";
import { mirroredSlopes } from "./slopes.ts";

const root = makeKey(17);
const form = { discount: 0.9, weighting: "kStep", lambda: 1, termination: "soft" } as const;

Deno.test("slopes of a pair on a linear problem are those worked by hand", async () => {
  await startBackend();
  // V(s) = v·s and k = 1: Ã(s, a) = −q·s² − p·a² + γ·v·(Fs + Ba) − v·s = … + g·σε − p·σ²ε², a = μ + σε, g = −2pμ + γ·v·B.
  // Half the difference of a pair is g·σε, so that the slope by μ is g·ε². Half its sum minus the real action's own Ã is
  // −p·σ²·ε² − (g·σ·e − p·σ²·e²) with the real noise e, and the slope by log σ that times ε² − 1.
  const v = [0.7, -0.4], theta = Float32Array.of(...v, 0), { actionCost: p, input: B } = lqr, sigma = Math.exp(-2);
  const value = { shape: { sizes: [2, 1], activation: "tanh" as const }, theta, target: theta, adam: makeAdam(3) };
  const policy = linearPolicy([-0.1, -0.1, 0.3, -2]), batch = simulate(lqr, policy, 25, root), n = batch.reward.length;
  const exact = { task: exactTask(lqr), model: exactModel(lqr), value, normalizer: makeNormalizer(2), policy, batch };
  const input = foldInput({ ...randomWorld(root), ...exact });
  const noise = embeddedNoise(batch, 1, makeStream(root)), imagined = embed(input, batch, noise, 1, form);
  const { mean, logStd } = mirroredSlopes(input, { noise, imagined, form }, 1, 1, fold(root, "pairs"));
  let largest = 0;
  for (let i = 0; i < n; i++) {
    const mu = -0.1 * batch.observation[2 * i] - 0.1 * batch.observation[2 * i + 1] + 0.3, e = batch.noise[i];
    const g = -2 * p * mu + form.discount * (v[0] * B[0] + v[1] * B[1]);
    const square = mean[i] / g; // ε², of which the test knows but that it is a square of a standard normal
    assertGreater(square, -1e-4);
    const even = -p * sigma ** 2 * square - (g * sigma * e - p * (sigma * e) ** 2);
    assertAlmostEquals(logStd[i], even * (square - 1), 2e-4 * (1 + square));
    largest = Math.max(largest, square);
  }
  const average = mean.reduce((sum, x, i) => {
    const mu = -0.1 * batch.observation[2 * i] - 0.1 * batch.observation[2 * i + 1] + 0.3;
    return sum + x / (-2 * p * mu + form.discount * (v[0] * B[0] + v[1] * B[1])) / n;
  }, 0);
  assertLess(Math.abs(average - 1), 4 * Math.sqrt(2 / n)); // E ε² = 1, Var ε² = 2
  assertGreater(largest, 2); // P(all 100 below 2) = .84^100
});

Deno.test("the term's gradient is that of its surrogate, by central differences; μ and log σ alike", async () => {
  await startBackend();
  const policy = linearPolicy([-0.4, -0.6, 0.1, -0.5]),
    batch = simulate(lqr, policy, 12, root),
    normalizer = makeNormalizer(2);
  const { normal } = makeStream(fold(root, "slopes")), draw = () => batch.noise.map(() => normal());
  const slopes = [0, 1].map(() => ({ mean: draw(), logStd: draw() }));
  const observation = normalizeInto(normalizer, batch.observation);
  const term = weightedSlopes(batch, observation, (half) => slopes[half], [0.75, 0.25]);
  const gradient = linearGradient(term, policy);
  policy.theta.forEach((_, j) => {
    const moved = (h: number) => policy.theta.map((x, l) => (l === j ? x + h : x));
    const at = (h: number) => linearValue(term, evaluatePolicy({ ...policy, theta: moved(h) }, observation));
    assertAlmostEquals(gradient[j], (at(0.125) - at(-0.125)) / 0.25, 1e-4); // linear in θ: any step will do
  });
  // Environments alternate between the halves: the last component is the weighted mean of the slopes by log σ.
  const n = batch.reward.length;
  const byHand = batch.noise.reduce((sum, _, i) => sum + (i % 2 === 0 ? 0.75 : 0.25) * slopes[i % 2].logStd[i] / n, 0);
  assertAlmostEquals(gradient[3], byHand, 1e-6);
});

Deno.test("where a path's slope explodes, pairs keep the variance that they had", async () => {
  await startBackend();
  // A random model of gain 8, 4 steps: derivatives along the path multiply, differences of bounded rewards do not.
  const world = randomWorld(fold(root, "steep"), 8), policy = linearPolicy([-0.4, -0.6, 0.1, -0.5]);
  const spreadOf = (imaginedGradient: "pathDerivative" | "mirroredPairs") => {
    const options = { ...unbiasedOptions, horizon: 4, imaginedGradient, terms: ["g2"] as const };
    const found = Array.from({ length: 30 }, (_, i) => {
      const batch = simulate(lqr, policy, 50, fold(fold(root, "sample"), i));
      return mscv.estimate(folded({ ...world, policy, batch }), options, fold(fold(root, "estimate"), i)).estimate
        .gradient;
    });
    const mean = policy.theta.map((_, j) => found.reduce((sum, g) => sum + g[j] / found.length, 0));
    return found.reduce((sum, g) => sum + g.reduce((s, x, j) => s + (x - mean[j]) ** 2, 0), 0) / found.length;
  };
  // 30 samples of four components err by some 20%
  assertLess(spreadOf("mirroredPairs"), 0.5 * spreadOf("pathDerivative"));
});
