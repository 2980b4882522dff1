/**
 * Two states, s = ±1 in turn, reward 1 in the first, γ = ½:
 *
 *   V(+1) = 1 + ½V(−1), V(−1) = ½V(+1)   ⇒   V(+1) = 4/3, V(−1) = 2/3 where episodes are truncated,
 *   V(+1) = 1, V(−1) = 0 where every step terminates.
 *
 * @module
 */
import { oneFold } from "../../src/data/folds.ts";
import { assert, assertAlmostEquals, assertEquals, assertGreater } from "@std/assert";
import type { Batch } from "../../src/data/batch.ts";
import type { PolicyParams, ValueParams } from "../../src/data/parameters.ts";
import { fold, makeKey, makeStream } from "../../src/math/random.ts";
import { makeNormalizer } from "../../src/nn/networks/normalizer.ts";
import { makeValue } from "../../src/nn/networks/value.ts";
import { fitValue } from "../../src/stages/fit_value.ts";
import { tasks } from "../../src/tasks/registry.ts";
import { batchOf } from "../data/batch.ts";
import { reference } from "../nn/reference.ts";
import { runStage } from "./program.ts";

const key = makeKey(9);
const METHODS = ["vtrace", "bellmanIS", "onPolicy"] as const;

/** N(b, 1), whatever the state. */
const policyAt = (b: number): PolicyParams => ({
  shape: { sizes: [1, 1], activation: "tanh" },
  theta: Float32Array.of(0, b, 0),
});

/** (T, which steps end how) ⇒ 2 environments, alternating states, actions of N(0, 1). */
const alternating = (steps: number, ends: "truncated" | "terminated"): Batch => {
  const n = 2 * steps, { normal } = makeStream(fold(key, steps));
  const noise = Float32Array.from({ length: n }, normal);
  const observation = Float32Array.from({ length: n }, (_, i) => ((Math.floor(i / 2) + i) % 2 === 0 ? 1 : -1));
  return batchOf({ steps, environments: 2, observationSize: 1, actionSize: 1 }, {
    observation,
    nextObservation: observation.map((s) => -s),
    reward: observation.map((s) => (s > 0 ? 1 : 0)),
    noise,
    action: noise,
    logProb: noise.map((e) => -e * e / 2 - Math.log(2 * Math.PI) / 2),
    [ends]: Uint8Array.from({ length: n }, (_, i) => (ends === "terminated" || Math.floor(i / 2) % 7 === 6 ? 1 : 0)),
  });
};

const options = {
  discount: 0.5,
  lambda: 0.9,
  batchSize: 100,
  learningRate: 0.02,
  epochs: 25,
  updates: 60,
  targetRate: 0.8,
  batches: 2,
};

/** (method, batches, policy, rounds) ⇒ the value function and the metrics after some iterations on the same memory. */
const fitted = async (
  method: typeof METHODS[number],
  batches: ReadonlyArray<Batch>,
  policy: PolicyParams,
  rounds = 6,
  change: Partial<typeof options> = {},
) => {
  const stage = fitValue(tasks.hopper, { ...options, ...change, method });
  let value: ValueParams = makeValue({ observationSize: 1, hidden: [8] }, key);
  let metrics: Readonly<Record<string, number | string>> = {};
  for (let i = 0; i < rounds; i++) {
    const slots = { memory: { batches }, policy, normalizer: makeNormalizer(1), value: oneFold(value) };
    const written = await runStage(stage.run(slots, fold(key, i)));
    value = written.value.first.network;
    metrics = written.metrics;
  }
  const at = (s: number) => reference(value.shape, value.theta, [s])[0];
  return { plus: at(1), minus: at(-1), metrics, value };
};

for (const method of METHODS) {
  Deno.test(`${method}: truncated episodes bootstrap: V = 4/3 and 2/3`, async () => {
    const batches = [alternating(100, "truncated"), alternating(101, "truncated")];
    const { plus, minus, metrics } = await fitted(method, batches, policyAt(0));
    assertAlmostEquals(plus, 4 / 3, 0.03);
    assertAlmostEquals(minus, 2 / 3, 0.03);
    assertGreater(metrics.explainedVariance as number, 0.98);
    assertAlmostEquals(metrics.effectiveSamples as number, 1, 1e-5); // the policy that acted
  });

  Deno.test(`${method}: terminated steps do not: V = 1 and 0`, async () => {
    const { plus, minus } = await fitted(method, [alternating(100, "terminated")], policyAt(0));
    assertAlmostEquals(plus, 1, 0.03);
    assertAlmostEquals(minus, 0, 0.03);
  });
}

Deno.test("bellmanIS: a policy that has moved by Δ leaves e^{−Δ²} of the samples effective", async () => {
  // w = π/π_old of N(Δ, 1) and N(0, 1): E w = 1, E w² = e^{Δ²}.
  const batch = alternating(2000, "truncated");
  const { metrics } = await fitted("bellmanIS", [batch], policyAt(0.7), 1, { batchSize: 4000, updates: 1 });
  assertAlmostEquals(metrics.effectiveSamples as number, Math.exp(-0.49), 0.08); // .61
});

Deno.test("bellmanIS: weights make V that of the present policy", async () => {
  // r = a, every step terminal: V = E a = ½ under N(½, 1), 0 under the policy that acted.
  const plain = alternating(1000, "terminated"), batch = { ...plain, reward: plain.action };
  const change = { batchSize: 500, updates: 100 };
  const { plus, minus } = await fitted("bellmanIS", [batch], policyAt(0.5), 3, change);
  // 1000 transitions a state, e^{−¼} = 78 % of them effective: standard error 1/√780 = .036
  assertAlmostEquals((plus + minus) / 2, 0.5, 4 * 0.036 / Math.SQRT2 + 0.05);
  const still = await fitted("bellmanIS", [batch], policyAt(0), 3, change);
  assertAlmostEquals((still.plus + still.minus) / 2, 0, 4 * 0.032 / Math.SQRT2 + 0.05);
});

Deno.test("only bellmanIS moves the target θ′, and slowly", async () => {
  const start = makeValue({ observationSize: 1, hidden: [8] }, key);
  for (const method of METHODS) {
    const { value } = await fitted(method, [alternating(50, "truncated")], policyAt(0), 1, {
      updates: 1,
      targetRate: 0.9,
    });
    assert(value.theta.some((x, i) => x !== start.theta[i]));
    const expected = method === "bellmanIS" ? start.target.map((t, i) => 0.9 * t + 0.1 * value.theta[i]) : start.target;
    value.target.forEach((t, i) => assertAlmostEquals(t, expected[i], 1e-6));
  }
});

Deno.test("bellmanIS: a target that stands still is what V bootstraps with", async () => {
  const start = makeValue({ observationSize: 1, hidden: [8] }, key);
  const frozen = (s: number) => reference(start.shape, start.target, [s])[0];
  const { plus, minus } = await fitted("bellmanIS", [alternating(100, "truncated")], policyAt(0), 6, { targetRate: 1 });
  assertAlmostEquals(plus, 1 + 0.5 * frozen(-1), 0.03);
  assertAlmostEquals(minus, 0.5 * frozen(1), 0.03);
  assertGreater(Math.abs(plus - 4 / 3), 0.1); // not the fixed point
});

Deno.test("onPolicy: every pass over the batch is towards the returns of V as it was before the fit", async () => {
  const start = makeValue({ observationSize: 1, hidden: [8] }, key), change = { lambda: 0, epochs: 300 };
  const before = (s: number) => reference(start.shape, start.theta, [s])[0];
  const { plus, minus } = await fitted("onPolicy", [alternating(100, "truncated")], policyAt(0), 1, change);
  assertAlmostEquals(plus, 1 + 0.5 * before(-1), 0.01); // λ = 0: r + γ·V(s′)
  assertAlmostEquals(minus, 0.5 * before(1), 0.01);
  assertGreater(Math.abs(plus - 4 / 3), 0.1); // not the fixed point
});

Deno.test("bellmanIS: the importance weight of a transition counts up to 20, beyond that as 20", async () => {
  const start = makeValue({ observationSize: 1, hidden: [8] }, key), [s, r] = [0.6, 2];
  const error = (reference(start.shape, start.theta, [s])[0] - r) ** 2;
  const stage = fitValue(tasks.hopper, { method: "bellmanIS", updates: 1, batchSize: 4, targetNormalization: "none" });
  for (const [ratio, weight] of [[0.5, 0.5], [19, 19], [21, 20], [5000, 20]]) {
    const only = batchOf({ steps: 1, environments: 1, observationSize: 1, actionSize: 1 }, { // action 0 of N(0, 1)
      observation: Float32Array.of(s),
      reward: Float32Array.of(r),
      logProb: Float32Array.of(-Math.log(2 * Math.PI) / 2 - Math.log(ratio)),
      terminated: Uint8Array.of(1),
    });
    const slots = { memory: { batches: [only] }, policy: policyAt(0), normalizer: makeNormalizer(1) };
    const { metrics } = await runStage(stage.run({ ...slots, value: oneFold(start) }, key));
    assertAlmostEquals(metrics.loss as number, weight * error, 1e-5 * weight * error); // before the one update
  }
});

Deno.test("only the most recent batches count", async () => {
  const old = { ...alternating(100, "terminated"), reward: new Float32Array(200).fill(1000) };
  const newest = alternating(90, "terminated");
  for (const method of METHODS) {
    const { plus, minus } = await fitted(method, [old, newest], policyAt(0), 6, { batches: 1 });
    assertEquals([Math.round(10 * plus), Math.round(10 * minus) + 0], [10, 0], method);
  }
});
