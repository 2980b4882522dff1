/** Cases in which MSCV is known to be something else. */
import { assertAlmostEquals, assertEquals, assertLess } from "@std/assert";
import { likelihoodRatio } from "../../src/estimators/likelihood_ratio.ts";
import { mscv } from "../../src/estimators/mscv.ts";
import { makeKey } from "../../src/math/random.ts";
import { startBackend } from "../../src/nn/backend.ts";
import { makeNormalizer } from "../../src/nn/normalizer.ts";
import type { ValueParams } from "../../src/data/parameters.ts";
import { makeAdam } from "../../src/nn/adam.ts";
import { linearPolicy, lqr, simulate } from "./lqr.ts";
import { exactModel, exactTask, randomValue, randomWorld, unbiasedOptions } from "./world.ts";

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
    const { estimate, metrics } = mscv(input, options, root);
    // The last k − 1 steps of an episode see it end, which the model does not know; all others must vanish.
    const inside = estimate.signal.subarray(0, 50 * (12 - horizon));
    const baseline = [0, 1].map((half) => inside[half]); // the constant baseline of each half
    inside.forEach((x, i) => assertAlmostEquals(x, baseline[(i % 50) % 2], 1e-4));
    assertLess(metrics.varianceRatio as number, 1);
  }
});

Deno.test("k = 0 is the likelihood ratio", async () => {
  await startBackend();
  const input = { ...randomWorld(root), policy, batch: simulate(lqr, policy, 20, root) };
  const found = mscv(input, { ...unbiasedOptions, horizon: 0 }, root).estimate;
  assertEquals(found.gradient, likelihoodRatio(input, unbiasedOptions, root).estimate.gradient);
  assertEquals(found.paths, []);
});

Deno.test("k = 1: G2 is SVG(1), the mean of ∂(r + γV(f))/∂a · ∂a/∂θ worked by hand on a linear problem", async () => {
  await startBackend();
  // V(s) = v·s; q = −(q·s² + p·a²) + γ·v·(Fs + Ba), so ∂q/∂a = −2pa + γ·v·B; ∂a/∂(W₀, W₁, b, log σ) = (s₀, s₁, 1, σε).
  const v = [0.7, -0.4], discount = 0.9;
  const value: ValueParams = {
    shape: { sizes: [2, 1], activation: "tanh" },
    theta: Float32Array.of(...v, 0),
    target: Float32Array.of(...v, 0),
    adam: makeAdam(3),
  };
  const gentle = linearPolicy([-0.1, -0.1, 0.05, -2]);
  const batch = simulate(lqr, gentle, 30, root);
  const input = {
    ...randomWorld(root),
    task: exactTask(lqr),
    model: exactModel(lqr),
    value,
    normalizer,
    policy: gentle,
    batch,
  };
  const { estimate } = mscv(input, { ...unbiasedOptions, discount, horizon: 1 }, root);
  const [path] = estimate.paths, expected = [0, 0, 0, 0], sigma = Math.exp(-2);
  for (let i = 0; i < path.weight.length; i++) {
    const s = [path.observation[2 * i], path.observation[2 * i + 1]], epsilon = path.noise[i];
    const a = -0.1 * s[0] - 0.1 * s[1] + 0.05 + sigma * epsilon;
    const slope = Math.abs(a) > 1
      ? 0
      : -2 * lqr.actionCost * a + discount * (v[0] * lqr.input[0] + v[1] * lqr.input[1]);
    [s[0], s[1], 1, sigma * epsilon].forEach((d, j) => expected[j] += path.weight[i] * slope * d);
  }
  expected.forEach((x, j) => assertAlmostEquals(estimate.terms.g2[j], x, 1e-5));
});
