/** The horizon-aware baseline: what it takes away, and what it may look at. */
import { assert, assertAlmostEquals, assertEquals, assertLess } from "@std/assert";
import { elapsedSteps } from "../../src/data/batch.ts";
import { takeHalf } from "../../src/data/halves.ts";
import { signalOf } from "../../src/estimators/estimate.ts";
import { likelihoodRatio } from "../../src/estimators/likelihood_ratio.ts";
import { makeKey } from "../../src/math/random.ts";
import { startBackend } from "../../src/nn/kernels/backend.ts";
import { collect } from "../../src/stages/collect.ts";
import { batchOf } from "../data/batch.ts";
import { meetingOf, runStage } from "../stages/program.ts";
import { tasks } from "../../src/tasks/registry.ts";
import { linearPolicy } from "./lqr.ts";
import { estimateWith, randomWorld, unbiasedOptions } from "./world.ts";

const root = makeKey(8);

Deno.test("steps since the reset: from where the environments stood, and anew after each end", () => {
  // two environments: the first 5 steps old ends at its second step, the second 0 steps old is truncated at its third
  const size = { steps: 4, environments: 2, observationSize: 1, actionSize: 1 };
  const ends = { terminated: Uint8Array.of(0, 0, 1, 0, 0, 0, 0, 0), truncated: Uint8Array.of(0, 0, 0, 0, 0, 1, 0, 0) };
  const batch = batchOf(size, { ...ends, elapsed: Int32Array.of(5, 0) });
  assertEquals([...elapsedSteps(batch)], [5, 0, 6, 1, 0, 2, 1, 0]);
  assertEquals([...elapsedSteps(batchOf(size, ends))], [0, 0, 1, 1, 0, 2, 1, 0]);
  assertEquals([...elapsedSteps(takeHalf(batch, 0))], [5, 6, 0, 1]);
  const alone = { ...takeHalf(batch, 0), elapsed: Int32Array.of(5) };
  assertEquals([0, 1].map((half) => [...elapsedSteps(takeHalf(alone, half as 0 | 1))]), [[5, 6], [0, 1]]);
});

Deno.test("collected batches say how old their episodes are", async () => {
  const { slots } = await meetingOf("reacher", "collect");
  const stage = collect(tasks.reacher, { steps: 60, environments: 2 }); // episodes of 50 steps
  const first = await runStage(stage.run({ ...slots, envs: { ...slots.envs, count: 0 } }, root));
  const second = await runStage(stage.run({ ...slots, envs: first.envs }, root));
  assertEquals([...first.batch.elapsed!, ...second.batch.elapsed!], [0, 0, 30, 30]);
  const { elapsed } = first.envs;
  assertEquals([...elapsed], [30, 30]);
  assertEquals([...elapsedSteps(second.batch)].slice(2 * 19, 2 * 21), [49, 49, 0, 0]);
});

Deno.test("what a constant error of V adds up to before the end of the batch is taken away", async () => {
  await startBackend();
  // r = 1 and V = 0: A_t = Σ_{j<r} γʲ = (1 − γʳ)/(1 − γ) with r steps left: linear in 1 − γʳ, though far from constant.
  const size = { steps: 40, environments: 4, observationSize: 2, actionSize: 1 };
  const batch = batchOf(size, { reward: new Float32Array(160).fill(1) });
  const world = randomWorld(root), value = { ...world.value, theta: new Float32Array(world.value.theta.length) };
  const input = { ...world, value, policy: linearPolicy([0, 0, 0, 0]), batch };
  const signal = (baseline: "constant" | "horizonAware") => {
    const options = { ...unbiasedOptions, discount: 0.9, baseline };
    return signalOf(estimateWith(likelihoodRatio, input, options, root).estimate);
  };
  const [aware, constant] = [signal("horizonAware"), signal("constant")];
  assertLess(Math.max(...aware.map(Math.abs)), 1e-3);
  assert(Math.max(...constant.map(Math.abs)) > 3);
  assertAlmostEquals(constant[0] - constant[159], (1 - 0.9 ** 40) / 0.1 - 1, 1e-4);
});

/** (whether every step ends its episode, rewards by step, γ, λ) ⇒ signal [T, 4] of GAE with V = 0, less the horizon-aware baseline. */
const awareSignal = async (terminated: 0 | 1, rewards: ReadonlyArray<number>, discount: number, lambda: number) => {
  await startBackend();
  const size = { steps: rewards.length, environments: 4, observationSize: 2, actionSize: 1 }, n = 4 * rewards.length;
  const reward = Float32Array.from({ length: n }, (_, i) => rewards[Math.floor(i / 4)]);
  const batch = batchOf(size, { reward, terminated: new Uint8Array(n).fill(terminated) }), world = randomWorld(root);
  const value = { ...world.value, theta: new Float32Array(world.value.theta.length) };
  const input = { ...world, value, policy: linearPolicy([0, 0, 0, 0]), batch };
  const options = {
    ...unbiasedOptions,
    advantage: "gae" as const,
    discount,
    lambda,
    baseline: "horizonAware" as const,
  };
  return signalOf(estimateWith(likelihoodRatio, input, options, root).estimate);
};

Deno.test("λ-weighted, a constant error of V adds up by γλ, up to the last of the steps that are left", async () => {
  // r = 1 and V = 0: A_t = Σ_{j<r} (γλ)ʲ, linear in 1 − (γλ)ʳ. With γλ = .1 it is 1 in the last step, 1.1 in the one before,
  // and 1.11 further on.
  for (const [steps, discount, lambda] of [[40, 0.9, 0.8], [16, 0.5, 0.2]]) {
    const signal = await awareSignal(0, new Array<number>(steps).fill(1), discount, lambda);
    assertLess(Math.max(...signal.map(Math.abs)), 2e-3);
  }
});

Deno.test("with λ = 0 no step sees how many are left: the last one has the baseline of all others", async () => {
  // Every step ends its episode, so that t is 0 everywhere; 1 − 0ʳ = 1 for all r ≥ 1. What is left is the mean, 3/15.
  const signal = await awareSignal(1, [...new Array<number>(14).fill(0), 3], 0.9, 0);
  signal.forEach((x, i) => assertAlmostEquals(x, (i < 4 * 14 ? 0 : 3) - 0.2, 1e-6));
});
