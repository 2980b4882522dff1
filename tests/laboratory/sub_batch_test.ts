/**
 * The bound by a perfect model on one batch.
 *
 * @module
 */
import { assertAlmostEquals, assertLess } from "@std/assert";
import { scoreGradient } from "../../src/estimators/ratio.ts";
import { perfectEstimate } from "../../src/laboratory/sub_batch.ts";
import { fold, makeKey, makeStream } from "../../src/math/random.ts";
import { startBackend } from "../../src/nn/kernels/backend.ts";
import { linearPolicy, lqr, simulate } from "../estimators/lqr.ts";
import { randomWorld } from "../estimators/world.ts";

const root = makeKey(14), policy = linearPolicy([-0.4, -0.6, 0.1, -0.5]);

Deno.test("the perfect model's w is Cov/Var: what it explains is gone, with any factor and offset", async () => {
  await startBackend();
  const batch = simulate(lqr, policy, 50, fold(root, "batch")), { normal } = makeStream(root);
  const input = { ...randomWorld(fold(root, "world")), policy, batch };
  const imagined = Float64Array.from(batch.reward, normal), advantage = imagined.map((x) => 2.5 * x + 7);
  const { gradient, correlation } = perfectEstimate(input, advantage, imagined, (natural) => ({ natural }));
  assertAlmostEquals(correlation, 1, 1e-12);
  gradient.forEach((g) => assertLess(Math.abs(g), 1e-5));
  // and what it does not explain stays: A = 2.5·Ã + e with e orthogonal to Ã and of mean zero
  const n = imagined.length, mean = imagined.reduce((a, b) => a + b, 0) / n, centred = imagined.map((x) => x - mean);
  const raw = Float64Array.from(batch.reward, normal), offset = raw.reduce((a, b) => a + b, 0) / n;
  const slope = raw.reduce((sum, r, i) => sum + r * centred[i], 0) / centred.reduce((sum, x) => sum + x * x, 0);
  const rest = raw.map((r, i) => r - offset - slope * centred[i]);
  const found =
    perfectEstimate(input, imagined.map((x, i) => 2.5 * x + rest[i]), imagined, (natural) => ({ natural })).gradient;
  const expected = scoreGradient(policy, input.normalizer, batch, Float32Array.from(rest));
  found.forEach((g, i) => assertAlmostEquals(g, expected[i], 1e-5));
});
