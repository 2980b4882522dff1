/**
 * Nested samples from physics states.
 *
 * @module
 */
import { ensembleOf, networksOf, oneFold } from "../../src/data/folds.ts";
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { joinBranches, sampleBranches } from "../../src/laboratory/branches.ts";
import { stationaryState } from "../../src/laboratory/collection.ts";
import { fold, makeKey, makeStream } from "../../src/math/random.ts";
import { makeModel } from "../../src/nn/networks/dynamics.ts";
import { normalizeInto } from "../../src/nn/networks/normalizer.ts";
import { makeContinue } from "../../src/rollout/continuation.ts";
import { unbiasedOptions } from "../estimators/world.ts";
import { reference } from "../nn/reference.ts";
import { frozenAt } from "./frozen.ts";
import { formsOf } from "./specs.ts";

const key = makeKey(6), horizons = [1, 5, 20];
const counts = { states: 150, actions: 2, continuations: 2 };

Deno.test("advantages end at the time limit: that many steps before it, they are a perfect model's Ã over those steps", async () => {
  const frozen = await frozenAt("reacher"); // 50 steps an episode, none of which ends before
  const options = { ...unbiasedOptions, discount: 0.9 };
  const plan = { counts, first: 0, tail: 60, ...formsOf(options), horizons, learnedHorizons: horizons };
  const { monteCarlo, advantage, perfect } = sampleBranches(frozen, plan, key);
  assertEquals(advantage, monteCarlo);
  const seen = horizons.map(() => 0);
  for (let s = 0; s < counts.states; s++) {
    const left = 50 - stationaryState(frozen, s, key).elapsed;
    horizons.forEach((k, h) => {
      for (let row = 4 * s; row < 4 * s + 4; row++) {
        if (left === k) assertAlmostEquals(monteCarlo[row], perfect[h][row], 1e-9);
        else assert(Math.abs(monteCarlo[row] - perfect[h][row]) > 1e-6);
      }
      seen[h] += Number(left === k);
    });
  }
  assert(seen.every((count) => count > 0), `${seen}`);
});

Deno.test("by hand: k-step advantages end after k steps, or where the time limit comes first", async () => {
  const frozen = await frozenAt("reacher"), { policy, normalizer } = frozen, value = frozen.value.first.network;
  const steps = 5, options = { ...unbiasedOptions, discount: 0.9, advantage: "kStep" as const, horizon: steps };
  const counts = { states: 60, actions: 1, continuations: 1 }, tail = 12;
  const plan = { counts, first: 0, tail, ...formsOf(options), horizons: [], learnedHorizons: [] };
  const { noise, advantage } = sampleBranches(frozen, plan, key), go = makeContinue(frozen.task, policy, normalizer);
  let cut = 0;
  for (let s = 0; s < counts.states; s++) {
    const { state, elapsed } = stationaryState(frozen, s, key), own = fold(fold(key, "branches"), s);
    const start = { state, noise: noise.slice(2 * s, 2 * s + 2) };
    const real = go(start, tail, makeStream(fold(fold(own, 0), 0)));
    const seen = normalizeInto(normalizer, real.observation), count = Math.min(steps, 50 - elapsed);
    const valueAt = (t: number) => reference(value.shape, value.theta, seen.slice(10 * t, 10 * t + 10))[0];
    let expected = 0.9 ** count * valueAt(count) - valueAt(0); // A = Σ γⁱ rᵢ + γᵏ V(sₖ) − V(s)
    for (let i = 0; i < count; i++) expected += 0.9 ** i * real.reward[i];
    assertAlmostEquals(advantage[s], expected, 1e-4);
    cut += Number(count < steps);
  }
  assert(cut > 0 && cut < counts.states, `${cut}`);
});

Deno.test("continuations share state and first action: their first rewards are equal; states in pieces are the same states", async () => {
  const frozen = await frozenAt("hopper");
  const options = { ...unbiasedOptions, discount: 0.9 }, small = { ...counts, states: 6 };
  const plan = { counts: small, first: 0, tail: 30, ...formsOf(options), horizons, learnedHorizons: horizons };
  const whole = sampleBranches(frozen, plan, key);
  // Ã₁ = r + γV(s′) − V(s) depends on state and action alone; Ã₂₀ on what follows too. V is evaluated for the rows of one
  // continuation at a time, and a BLAS sums in an order that depends on their number and on a row's place: a sum of 11 terms
  // that total 5 rounds by 11·2⁻²⁴·5 = 3e-6, the layers behind it amplify that by 7, and two continuations have two V each.
  const rounding = 1e-4,
    isApart = (x: number, i: number, all: Float64Array) => i % 2 === 1 && Math.abs(x - all[i - 1]) > rounding;
  const apart = (h: number) => whole.perfect[h].filter(isApart).length;
  assertEquals(apart(0), 0);
  assert(apart(2) > 6, `${apart(2)} of 12`); // some states end at once
  const parts = [0, 3].map((first) => sampleBranches(frozen, { ...plan, first, counts: { ...small, states: 3 } }, key));
  assertEquals({ ...joinBranches(parts), learned: [] }, { ...whole, learned: [] });
  // real continuations are run and judged one by one; the learned model's rollouts run in other chunks: equal to rounding
  joinBranches(parts).learned.forEach((x, h) =>
    x.forEach((v, i) => assertAlmostEquals(v, whole.learned[h][i], 1e-3 * (1 + Math.abs(v))))
  );
});

Deno.test("by hand: with a model in which nothing moves, the learned Ã counts the efforts of the continuation's own actions", async () => {
  const frozen = await frozenAt("reacher"), { policy, normalizer } = frozen, value = frozen.value.first.network;
  const [model] = networksOf(frozen.model.first.network, "").members;
  const zeros = { theta: model.theta.map(() => 0), outputMean: model.outputMean.map(() => 0) };
  const still = oneFold(ensembleOf({ ...model, ...zeros }));
  const options = { ...unbiasedOptions, discount: 0.9 }, small = { states: 4, actions: 2, continuations: 2 };
  const found = sampleBranches(
    { ...frozen, model: still },
    { counts: small, first: 0, tail: 25, ...formsOf(options), horizons: [1, 5], learnedHorizons: [1, 5] },
    key,
  );
  // s′ = s, so r = −distance(s) − |a|² with a = μ(s) + σ·ε clipped to ±1, and V(s′) = V(s): Ã_k = Σ γⁱ rᵢ − (1 − γᵏ)·V(s)
  const go = makeContinue(frozen.task, policy, normalizer);
  const std = Array.from(policy.theta.slice(-2), Math.exp);
  for (let s = 0; s < 4; s++) {
    const { state } = stationaryState(frozen, s, key), own = fold(fold(key, "branches"), s);
    for (let row = 4 * s; row < 4 * s + 4; row++) {
      const k = (row >> 1) % 2, noise = found.noise.slice((2 * s + k) * 2, (2 * s + k + 1) * 2);
      const real = go({ state, noise }, 25, makeStream(fold(fold(own, k), row % 2)));
      const observation = found.observation.slice(10 * s, 10 * s + 10);
      const normalized = normalizeInto(normalizer, observation);
      const mean = reference(policy.shape, policy.theta, normalized);
      const [v] = reference(value.shape, value.theta, normalized);
      const distance = Math.hypot(observation[8], observation[9]);
      let sum = 0;
      for (let i = 0; i < 5; i++) {
        const a = mean.map((m, j) => Math.max(-1, Math.min(1, m + std[j] * real.noise[2 * i + j])));
        sum += 0.9 ** i * (-distance - a[0] ** 2 - a[1] ** 2);
        if (i === 0) assertAlmostEquals(found.learned[0][row], sum - (1 - 0.9) * v, 1e-4);
      }
      assertAlmostEquals(found.learned[1][row], sum - (1 - 0.9 ** 5) * v, 1e-4);
    }
  }
});

Deno.test("λ-weighted, a perfect model's residual of step i counts λⁱ of what it counts for k steps", async () => {
  const frozen = await frozenAt("reacher");
  const perfect = (imaginedReturn: "kStep" | "lambdaWeighted") => {
    const options = { ...unbiasedOptions, discount: 0.9, lambda: 0.7, imaginedReturn };
    const plan = { counts: { states: 5, actions: 2, continuations: 2 }, first: 0, tail: 20, ...formsOf(options) };
    return sampleBranches(frozen, { ...plan, horizons: [1, 2, 3, 4], learnedHorizons: [] }, key).perfect;
  };
  const [plain, weighted] = [perfect("kStep"), perfect("lambdaWeighted")];
  assertEquals(weighted[0], plain[0]);
  for (const i of [1, 2, 3]) {
    weighted[i].forEach((x, row) =>
      assertAlmostEquals(x - weighted[i - 1][row], 0.7 ** i * (plain[i][row] - plain[i - 1][row]), 1e-9)
    );
  }
});

Deno.test("stochastic dynamics whose η is all that happened are a perfect model, at every step of the continuation", async () => {
  const frozen = await frozenAt("reacher"), size = 10;
  // f(s, a, η) = η/1000 and q(η | s, a, s′ − s) = 1000·(s′ − s) ± e⁻⁵, as networks without hidden layers
  const sizes = { inputSize: 12 + 2, outputSize: size, latentSize: size };
  const model = makeModel({ ...sizes, hidden: [], activation: "tanh", reward: "known" }, key);
  const theta = new Float32Array(model.theta.length), inference = new Float32Array(model.latent!.theta.length);
  for (let j = 0; j < size; j++) {
    theta[(14 + j) * size + j] = 1e-3;
    inference[(14 + j) * 2 * size + j] = 1e3;
    inference[24 * 2 * size + size + j] = -1e6; // raw log deviation
  }
  const perfect = { ...model, theta, latent: { ...model.latent!, theta: inference } };
  const options = { ...unbiasedOptions, discount: 0.9 }, plan = { counts: { ...counts, states: 3 }, first: 0, tail: 6 };
  const found = sampleBranches(
    { ...frozen, model: oneFold(ensembleOf(perfect)) },
    { ...plan, ...formsOf(options), horizons: [1, 2, 5], learnedHorizons: [1, 2, 5] },
    key,
  );
  found.perfect.forEach((x, h) => x.forEach((v, i) => assertAlmostEquals(found.learned[h][i], v, 1e-3)));
});
