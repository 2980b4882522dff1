/**
 * One step of TRPO, in closed form on a policy whose mean is its bias, and on a tiny Hopper.
 *
 * With s = 0 and θ = [w, b, log σ] = 0 the policy is N(0, 1). Its Fisher matrix is diag(0, 1, 2), and
 *   KL(old ‖ b = Δ) = Δ²/2,   KL(old ‖ log σ = δ) = δ + ½e^{−2δ} − ½.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import { assert, assertAlmostEquals, assertEquals, assertGreater } from "@std/assert";
import { type GradientEstimate, signalOf } from "../../src/estimators/estimate.ts";
import type { LinearSurrogate } from "../../src/estimators/linear.ts";
import { ratioOf } from "../../src/estimators/ratio.ts";
import { makeKey } from "../../src/math/random.ts";
import { makeNormalizer } from "../../src/nn/networks/normalizer.ts";
import { trpoUpdate } from "../../src/stages/trpo_update.ts";
import { tasks } from "../../src/tasks/registry.ts";
import { batchOf } from "../data/batch.ts";
import { surrogatesOf } from "../estimators/world.ts";
import { reference, rows } from "../nn/reference.ts";
import { meetingOf, runStage } from "./program.ts";

const key = makeKey(1);
const policy = { shape: { sizes: [1, 1], activation: "tanh" as const }, theta: new Float32Array(3) };
const normalizer = makeNormalizer(1);

/** (actions, signal, gradient) ⇒ slots of an update from N(0, 1). */
const closedForm = (action: number[], signal: number[], gradient: number[]) => {
  const logProb = Float32Array.from(action, (a) => -a * a / 2 - Math.log(2 * Math.PI) / 2);
  const size = { steps: action.length, environments: 1, observationSize: 1, actionSize: 1 };
  const batch = batchOf(size, { action: Float32Array.from(action), noise: Float32Array.from(action), logProb });
  const estimate: GradientEstimate = {
    gradient: Float32Array.from(gradient),
    terms: {},
    surrogates: [ratioOf(batch, batch.observation, Float32Array.from(signal))],
    unbiased: true,
    keepsMean: true,
  };
  return { policy, normalizer, batch, gradient: estimate };
};

Deno.test("a step in the mean: Δ = √(2·maxKl/(1 + damping)), its KL and its gain", async () => {
  // Actions ±1 with signals ±1: ∂b = mean signal·a = 1, the others vanish.
  const stage = trpoUpdate(tasks.hopper, { maxKl: 0.01, damping: 0.1 });
  const { policy: moved, metrics } = await runStage(stage.run(closedForm([1, -1], [1, -1], [0, 1, 0]), key));
  const step = Math.sqrt(0.02 / 1.1); // .1348
  assertEquals(metrics.outcome, "accepted");
  [0, step, 0].forEach((x, i) => assertAlmostEquals(moved.theta[i], x, 1e-6));
  assertAlmostEquals(metrics.kl as number, step * step / 2, 1e-6); // .00909
  // mean ratio·signal = e^{−Δ²/2}·(e^Δ − e^{−Δ})/2, from 0
  assertAlmostEquals(metrics.improvement as number, Math.exp(-step * step / 2) * Math.sinh(step), 1e-6);
  assertAlmostEquals(metrics.expectedImprovement as number, step, 1e-6);
  assertEquals(metrics.stepFraction, 1);
  assertAlmostEquals(metrics.curvature as number, 1 / 1.1, 1e-5); // xᵀ(F + .1)x, x = 1/1.1
});

Deno.test("a step in log σ whose KL is beyond the region is shortened once", async () => {
  // One action 0 with signal 1: ∂ log σ = ε² − 1 = −1. Full step δ = −√(.02/2) = −.1: KL = −.1 + ½e^{.2} − ½ = .0107 > .01.
  const stage = trpoUpdate(tasks.hopper, { maxKl: 0.01, damping: 0, backtrackShrink: 0.8 });
  const { policy: moved, metrics } = await runStage(stage.run(closedForm([0], [1], [0, 0, -1]), key));
  assertAlmostEquals(moved.theta[2], -0.08, 1e-6);
  assertEquals([metrics.outcome, metrics.stepFraction], ["accepted", 0.8]);
  assertAlmostEquals(metrics.kl as number, -0.08 + Math.exp(0.16) / 2 - 0.5, 1e-6); // .00676
  assertAlmostEquals(metrics.improvement as number, Math.exp(0.08) - 1, 1e-6); // ratio at a = 0 is 1/σ
});

Deno.test("a term linear in μ and log σ counts in the line search as it stands: its gain is exactly linear", async () => {
  // x = F⁻¹(0, .6, .8) = (0, .6, .4), xᵀFx = .68: the full step of √(.02/.68)·x has KL δ − ½ + ½(1 + Δ²)e^{−2δ} = .0091.
  const slots = closedForm([1, -1], [0, 0], [0, 0.6, 0.8]), size = Math.sqrt(0.02 / 0.68);
  const { observation } = slots.batch, logStd = Float32Array.of(0.8);
  const term: LinearSurrogate = { kind: "linear", observation, slope: Float32Array.of(0.5, 0.1), logStd };
  const gradient = { ...slots.gradient, surrogates: [...slots.gradient.surrogates, term] };
  const stage = trpoUpdate(tasks.hopper, { maxKl: 0.01, damping: 0 });
  const { policy: moved, metrics } = await runStage(stage.run({ ...slots, gradient }, key));
  [0, 0.6 * size, 0.4 * size].forEach((x, i) => assertAlmostEquals(moved.theta[i], x, 1e-6));
  const [b, delta] = [0.6 * size, 0.4 * size];
  assertAlmostEquals(metrics.kl as number, delta - 0.5 + (1 + b * b) * Math.exp(-2 * delta) / 2, 1e-6);
  assertAlmostEquals(metrics.improvement as number, Math.sqrt(0.02 * 0.68), 1e-6);
  assertAlmostEquals(metrics.expectedImprovement as number, Math.sqrt(0.02 * 0.68), 1e-6);
  // the opposite of the step loses what it gains: rejected
  const against = { ...gradient, gradient: Float32Array.of(0, -0.6, -0.8) };
  const { metrics: lost } = await runStage(stage.run({ ...slots, gradient: against }, key));
  assertEquals(lost.outcome, "lineSearchRejected");
});

Deno.test("where the signal contradicts the gradient the line search is rejected and the policy stays", async () => {
  const stage = trpoUpdate(tasks.hopper, {});
  const written = await runStage(stage.run(closedForm([1, -1], [-1, 1], [0, 1, 0]), key));
  assertEquals(written.policy === policy, true);
  const { outcome, kl, improvement, stepFraction } = written.metrics;
  assertEquals([outcome, kl, improvement, stepFraction], ["lineSearchRejected", 0, 0, 0]);
});

Deno.test("a gradient of zero leaves the policy", async () => {
  const written = await runStage(trpoUpdate(tasks.hopper, {}).run(closedForm([1, -1], [0, 0], [0, 0, 0]), key));
  assertEquals([written.policy === policy, written.metrics.outcome], [true, "lineSearchRejected"]);
});

Deno.test("Hopper: the KL stays within the region and near its edge, the surrogate gains what is reported", async () => {
  const { slots } = await meetingOf("hopper", "trpoUpdate");
  const { policy, normalizer, batch, gradient } = slots, signal = signalOf(gradient);
  const observations = rows(batch.observation, 11).map((s) =>
    s.map((v, j) => Math.min(10, Math.max(-10, (v - normalizer.mean[j]) * normalizer.scale[j])))
  );
  const surrogate = (theta: Float32Array) =>
    meanRatio(theta) + surrogatesOf(gradient, "linear").reduce((sum, term) => sum + linear(term, theta), 0);
  for (const maxKl of [0.001, 0.01, 0.1]) {
    const { policy: moved, metrics } = await runStage(
      trpoUpdate(tasks.hopper, { maxKl, damping: 0.01 }).run(slots, key),
    );
    const kl = meanKl(policy.theta, moved.theta);
    assertEquals(metrics.outcome, "accepted");
    assert(kl <= maxKl * (1 + 1e-4), `${kl} > ${maxKl}`);
    assertGreater(kl, maxKl / 20);
    assertAlmostEquals(metrics.kl as number, kl, 1e-4 * maxKl + 1e-6);
    const gain = surrogate(moved.theta) - surrogate(policy.theta);
    assertGreater(gain, 0);
    assertAlmostEquals(metrics.improvement as number, gain, 1e-5 * Math.abs(gain) + 1e-6);
  }

  /** Σ slope·μ_θ + logStd·log σ_θ in float64. */
  function linear({ observation, slope, logStd }: LinearSurrogate, theta: Float32Array): number {
    const means = rows(observation, 11).flatMap((x) => reference(policy.shape, theta, x));
    return means.reduce((sum, mean, i) => sum + slope[i] * mean, 0) +
      logStd.reduce((sum, x, j) => sum + x * theta[theta.length - 3 + j], 0);
  }

  /** mean π_θ/π_old·signal in float64. */
  function meanRatio(theta: Float32Array): number {
    const std = [...theta.subarray(theta.length - 3)].map(Math.exp);
    return observations.reduce((sum, x, i) => {
      const mean = reference(policy.shape, theta, x);
      const logProb = std.reduce((total, s, j) => {
        const noise = (batch.action[3 * i + j] - mean[j]) / s;
        return total - noise * noise / 2 - Math.log(s) - Math.log(2 * Math.PI) / 2;
      }, 0);
      return sum + Math.exp(logProb - batch.logProb[i]) * signal[i];
    }, 0) / observations.length;
  }

  /** KL(old ‖ new) in float64, averaged over the batch. */
  function meanKl(before: Float32Array, after: Float32Array): number {
    const std = (theta: Float32Array) => [...theta.subarray(theta.length - 3)].map(Math.exp);
    const [s0, s1] = [std(before), std(after)];
    return observations.reduce((sum, x) => {
      const [m0, m1] = [reference(policy.shape, before, x), reference(policy.shape, after, x)];
      const one = (j: number) => Math.log(s1[j] / s0[j]) + (s0[j] ** 2 + (m0[j] - m1[j]) ** 2) / (2 * s1[j] ** 2) - 0.5;
      return sum + one(0) + one(1) + one(2);
    }, 0) / observations.length;
  }
});

Deno.test("a gradient or a natural gradient that is not finite is a typed error, not a rejected line search", async () => {
  const quantity = async (maxKl: number, gradient: number[]) => {
    const stage = trpoUpdate(tasks.hopper, { maxKl });
    const error = await runStage(Effect.flip(stage.run(closedForm([1, -1], [1, -1], gradient), key)));
    return error._tag === "NonFiniteGradient" ? error.quantity : error._tag;
  };
  assertEquals(await quantity(0.01, [0, NaN, 0]), "gradient");
  assertEquals(await quantity(1e308, [0, 1, 0]), "natural gradient"); // √(2·1e308/…) overflows
});
