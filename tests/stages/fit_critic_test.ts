/**
 * Two states, s = ±1 in turn, reward 1[s = 1] + a, a ~ N(b, 1), b = .4, γ = ½:
 *
 *   V(+1) = 1 + b + ½V(−1), V(−1) = b + ½V(+1)   ⇒   V(+1) = 32/15, V(−1) = 22/15
 *   Q(s, a) = 1[s = 1] + a + ½V(−s), and without the last term where every step terminates.
 *
 * @module
 */
import { oneFold } from "../../src/data/folds.ts";
import { assertAlmostEquals, assertEquals, assertGreater } from "@std/assert";
import type { Batch } from "../../src/data/batch.ts";
import { fold, makeKey, makeStream } from "../../src/math/random.ts";
import { actionGradient, makeCritic, predictCritic } from "../../src/nn/networks/critic.ts";
import { startBackend } from "../../src/nn/kernels/backend.ts";
import { makeNormalizer } from "../../src/nn/networks/normalizer.ts";
import { fitCritic } from "../../src/stages/fit_critic.ts";
import { tasks } from "../../src/tasks/registry.ts";
import { batchOf } from "../data/batch.ts";
import { reference } from "../nn/reference.ts";
import { runStage } from "./program.ts";

const key = makeKey(4), b = 0.4;
const policy = { shape: { sizes: [1, 1], activation: "tanh" as const }, theta: Float32Array.of(0, b, 0) };

const batch = (terminated: 0 | 1): Batch => {
  const n = 2000, noise = Float32Array.from({ length: n }, makeStream(key).normal), action = noise.map((e) => b + e);
  const observation = Float32Array.from({ length: n }, (_, i) => ((Math.floor(i / 2) + i) % 2 === 0 ? 1 : -1));
  return batchOf({ steps: n / 2, environments: 2, observationSize: 1, actionSize: 1 }, {
    observation,
    nextObservation: observation.map((s) => -s),
    reward: observation.map((s, i) => (s > 0 ? 1 : 0) + action[i]),
    noise,
    action,
    terminated: new Uint8Array(n).fill(terminated),
  });
};

for (const terminated of [0, 1] as const) {
  Deno.test(`the critic of a chain whose steps ${terminated ? "all terminate" : "go on"} is Q of the policy's mean action`, async () => {
    const options = { discount: 0.5, updates: 400, batchSize: 200, learningRate: 0.01, targetRate: 0.9 };
    const stage = fitCritic(tasks.hopper, options);
    let critic = makeCritic({ observationSize: 1, actionSize: 1, hidden: [16] }, key);
    let explained = 0;
    for (let i = 0; i < 3; i++) {
      const slots = {
        memory: { batches: [batch(terminated)] },
        policy,
        normalizer: makeNormalizer(1),
        critic: oneFold(critic),
      };
      const written = await runStage(stage.run(slots, fold(key, i)));
      critic = written.critic.first.network;
      explained = written.metrics.explainedVariance as number;
    }
    const next = terminated ? [0, 0] : [22 / 30, 32 / 30]; // ½V(−s)
    [1, -1].forEach((s, i) =>
      [-0.6, 0.4, 1.4].forEach((a) => {
        const q = reference(critic.shape, critic.theta, [s, a])[0];
        assertAlmostEquals(q, (s > 0 ? 1 : 0) + a + next[i], 0.06, `s ${s}, a ${a}`);
      })
    );
    assertGreater(explained, 0.99);
  });
}

Deno.test("the target of the critic is r + γ·Q(s′, μ(s′); θ′) of the target network, and r where the step terminates", async () => {
  const critic = makeCritic({ observationSize: 1, actionSize: 1, hidden: [4] }, key);
  const { target } = makeCritic({ observationSize: 1, actionSize: 1, hidden: [4] }, fold(key, "target"));
  const [s, a, r, next] = [0.3, -0.7, 0.5, -1.2], q = reference(critic.shape, critic.theta, [s, a])[0];
  const bootstrapped = (theta: Float32Array) => r + 0.5 * reference(critic.shape, theta, [next, b])[0];
  const stage = fitCritic(tasks.hopper, { discount: 0.5, updates: 1, batchSize: 4, targetNormalization: "none" });
  for (const [terminated, y] of [[0, bootstrapped(target)], [1, r]]) {
    const only = batchOf({ steps: 1, environments: 1, observationSize: 1, actionSize: 1 }, {
      observation: Float32Array.of(s),
      nextObservation: Float32Array.of(next),
      action: Float32Array.of(a),
      reward: Float32Array.of(r),
      terminated: Uint8Array.of(terminated),
    });
    const slots = { memory: { batches: [only] }, policy, normalizer: makeNormalizer(1) };
    const { metrics } = await runStage(stage.run({ ...slots, critic: oneFold({ ...critic, target }) }, key));
    assertAlmostEquals(metrics.loss as number, (q - y) ** 2, 1e-5); // before the one update
  }
  assertGreater(Math.abs(bootstrapped(target) - bootstrapped(critic.theta)), 0.1); // θ would be another target
});

Deno.test("the critic's slope is ∂Q/∂a, by central differences in float64", async () => {
  await startBackend();
  const critic = makeCritic({ observationSize: 3, actionSize: 2, hidden: [7, 5] }, key), { normal } = makeStream(key);
  const s = Float32Array.from({ length: 12 }, normal), a = Float32Array.from({ length: 8 }, normal);
  const slope = actionGradient(critic, s, a, 2), value = predictCritic(critic, s, a, 2);
  for (let i = 0; i < 4; i++) {
    const at = (action: number[]) =>
      reference(critic.shape, critic.theta, [...s.subarray(3 * i, 3 * i + 3), ...action])[0];
    const action = [...a.subarray(2 * i, 2 * i + 2)];
    assertAlmostEquals(value[i], at(action), 1e-5);
    for (let j = 0; j < 2; j++) {
      const moved = (h: number) => at(action.map((x, m) => (m === j ? x + h : x)));
      assertAlmostEquals(slope[2 * i + j], (moved(1e-5) - moved(-1e-5)) / 2e-5, 1e-5);
    }
  }
  assertEquals(slope.length, 8);
});
