import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { leastVarianceWeight, scoreRows } from "../../src/estimators/least_variance.ts";
import { mscv } from "../../src/estimators/mscv.ts";
import { freshPaths } from "../../src/estimators/paths.ts";
import { slopeRows } from "../../src/estimators/output_slopes.ts";
import { pathDerivative } from "../imagination/path_value.ts";
import { fold, makeKey } from "../../src/math/random.ts";
import { startBackend } from "../../src/nn/kernels/backend.ts";
import { linearPolicy, lqr, simulate } from "./lqr.ts";
import { folded, foldInput, randomWorld, unbiasedOptions } from "./world.ts";
import { derivedSlopes } from "./slopes.ts";

const root = makeKey(91);
const policy = linearPolicy([-0.4, -0.6, 0.1, -0.5]);

Deno.test("w is the regression of x on D over the rows that may decide, by hand", () => {
  // One action; ε = 1, −1, 2, 0 gives ∇log π = (1, 0), (−1, 0), (2, 3/√2), (0, −1/√2).
  const noise = Float32Array.of(1, -1, 2, 0), batch = { ...simulate(lqr, policy, 1, root), noise };
  const score = scoreRows(batch), half = Math.SQRT1_2;
  [1, 0, -1, 0, 2, 3 * half, 0, -half].forEach((s, i) => assertAlmostEquals(score[i], s, 1e-12));
  // Rows 0, 1 decide: A = 3, 1 and Ã = 2, 0 have means 2 and 1, so ±1 about them, and with the signs of ε all four
  // products are 1. Path derivatives (.5, 1), (.5, 0): D = (.5, −1), (.5, 0). x·D = .5 + .5 = 1, D·D = .25 + 1 + .25.
  const path = Float64Array.of(0.5, 1, 0.5, 0, 9, 9, 9, 9);
  const weight = leastVarianceWeight(score, [3, 1, 7, 7], [2, 0, 7, 7], path, [[0, 1]]);
  assertAlmostEquals(weight, 1 / 1.5, 1e-12);
  // Two blocks: x·D − w·D·D is .5 − 1.25/1.5 = −1/3 and .5 − .25/1.5 = 1/3; 2/(2 − 1)·(1/9 + 1/9) of the square of 1 is chance.
  const shrunk = leastVarianceWeight(score, [3, 1, 7, 7], [2, 0, 7, 7], path, [[0], [1]]);
  assertAlmostEquals(shrunk, (1 - 4 / 9) / 1.5, 1e-12);
  // A path derivative that says nothing but noise of ten times the size turns the control variate off: D = (−9, 0), (−11, 0).
  const noisy = Float64Array.of(10, 0, 12, 0, 0, 0, 0, 0);
  assertEquals(leastVarianceWeight(score, [3, 1, 7, 7], [2, 0, 7, 7], noisy, [[0, 1]]), 0);
  // Without one, Cov/Var: A = 2Ã would be 2, which is cut at 1; A = Ã/2 gives .5.
  const none = new Float64Array(8);
  assertEquals(leastVarianceWeight(score, [4, 0, 0, 0], [2, 0, 0, 0], none, [[0, 1]]), 1);
  assertAlmostEquals(leastVarianceWeight(score, [1, 0, 0, 0], [2, 0, 0, 0], none, [[0, 1]]), 0.5, 1e-12);
});

Deno.test("rows of path derivatives add up to the gradient of the rollouts, whatever their number", async () => {
  await startBackend();
  const batch = simulate(lqr, policy, 6, fold(root, "batch")), n = batch.reward.length;
  const input = {
    ...randomWorld(fold(root, "world"), 0.8),
    control: { horizon: 0, weight: 0, nearWeight: 0, farWeight: 0 },
    policy,
    batch,
  };
  const form = { discount: 0.95, weighting: "lambdaWeighted", lambda: 0.9, termination: "soft" } as const;
  for (const rollouts of [1, 3]) {
    const own = foldInput(input), options = { form, rollouts }, key = fold(root, rollouts);
    const rows = slopeRows(policy, derivedSlopes(own, 2, options, key));
    const weight = new Float32Array(n * rollouts).fill(1 / (n * rollouts));
    const { gradient } = pathDerivative({ ...freshPaths(own, 2, options, key), weight });
    // μ = s·W + b, so that ∂/∂b is the mean of ∂Ã/∂a = row₀/σ, and ∂/∂W its mean with s, the normaliser being none.
    const sigma = Math.exp(-0.5), mean = [0, 0, 0];
    for (let i = 0; i < n; i++) {
      const slope = rows[2 * i] / sigma / n;
      [batch.observation[2 * i], batch.observation[2 * i + 1], 1].forEach((s, j) => mean[j] += s * slope);
    }
    const scale = Math.hypot(...gradient);
    mean.forEach((m, j) => assertAlmostEquals(gradient[j], m, 1e-5 * scale));
    // ∂/∂log σ is the mean of ∂Ã/∂a·σ·ε = √2·row₁.
    const second = rows.reduce((sum, x, i) => sum + (i % 2 === 1 ? x : 0), 0) * Math.SQRT2 / n;
    assertAlmostEquals(gradient[3], second, 1e-5 * scale);
  }
});

Deno.test("where G2 varies more than the control variate removes, w = 1 raises the gradient's variance, this one does not", async () => {
  await startBackend();
  // A random model of gain 6: what path derivatives say has no relation to the problem, and varies from state to state.
  const world = randomWorld(fold(root, "steep"), 6);
  const varianceOf = (coefficient: "one" | "leastVariance" | null): number => {
    const options = coefficient === null
      ? { ...unbiasedOptions, horizon: 0 as const }
      : { ...unbiasedOptions, horizon: 3 as const, coefficient };
    const gradients = Array.from({ length: 40 }, (_, i) => {
      const batch = simulate(lqr, policy, 100, fold(fold(root, "sample"), i));
      const input = { ...world, control: { horizon: 0, weight: 0, nearWeight: 0, farWeight: 0 }, policy, batch };
      return mscv.estimate(folded(input), options, fold(fold(root, "estimate"), i)).estimate.gradient;
    });
    const mean = policy.theta.map((_, j) => gradients.reduce((sum, g) => sum + g[j] / gradients.length, 0));
    return gradients.reduce((sum, g) => sum + g.reduce((s, x, j) => s + (x - mean[j]) ** 2, 0), 0) / gradients.length;
  };
  const [none, one, least] = [null, "one", "leastVariance"].map((c) => varianceOf(c as "one"));
  // Variances of 40 samples of four parameters err by about √(2/40) = 22%; on the same batches the ratio errs by less.
  assert(one > 1.5 * none, `${one} of ${none}`);
  assert(least < 1.15 * none, `${least} of ${none}`);
});
