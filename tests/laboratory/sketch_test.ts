/**
 * Random projections stand for gradients, and the natural metric for the Fisher matrix.
 *
 * @module
 */
import { assert, assertAlmostEquals, assertLess } from "@std/assert";
import { innerProduct } from "../../src/laboratory/gram.ts";
import { withNatural } from "../../src/laboratory/natural.ts";
import { euclideanDirections, fisherDraws, projectScores } from "../../src/laboratory/sketch.ts";
import { conjugateGradient } from "../../src/math/conjugate_gradient.ts";
import { fold, makeKey, makeStream } from "../../src/math/random.ts";
import { startBackend } from "../../src/nn/kernels/backend.ts";
import { makeFisherProduct } from "../../src/nn/networks/fisher.ts";
import { likelihoodGradient } from "../../src/nn/networks/policy_gradient.ts";
import { tasks } from "../../src/tasks/registry.ts";
import { policyFor } from "../rollout/collection.ts";
import { reference } from "../nn/reference.ts";

const key = makeKey(8), policy = policyFor(tasks.hopper), [no, na] = [11, 3];
const { normal } = makeStream(key);
const observation = Float32Array.from({ length: 40 * no }, normal);
const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
};
const std = policy.theta.slice(policy.theta.length - na).map(Math.exp);

Deno.test("a projected score is the gradient of log π of that one sample, projected", async () => {
  await startBackend();
  const noise = Float32Array.from({ length: 40 * 2 * na }, normal); // two actions a state
  const directions = euclideanDirections(policy, 3, key);
  const projected = projectScores(policy, observation, noise, directions);
  for (const [state, action] of [[0, 0], [7, 1], [39, 1]]) {
    const row = 2 * state + action, s = observation.slice(state * no, (state + 1) * no);
    const mean = reference(policy.shape, policy.theta, Array.from(s));
    const a = Float32Array.from(mean, (m, j) => m + std[j] * noise[row * na + j]);
    const gradient = likelihoodGradient(policy, s, a, Float32Array.of(1));
    directions.forEach((z, m) => {
      const expected = dot(z, gradient);
      assertAlmostEquals(projected[row * 3 + m], expected, 1e-3 * (1 + Math.abs(expected)));
    });
  }
});

Deno.test("Fisher draws have the covariance F + damping; the solver inverts it", async () => {
  await startBackend();
  const metric = { observation, damping: 0.3 };
  const fisher = makeFisherProduct(policy, observation, 0.3);
  const v = Float32Array.from(policy.theta, () => normal());
  const count = 600, expected = dot(v, fisher.product(v));
  const squares = fisherDraws(policy, metric, count, fold(key, "draws")).map((y) => dot(v, y) ** 2);
  const mean = squares.reduce((a, b) => a + b, 0) / count;
  // (vᵀy)² is a chi square of one degree: relative error √(2/600) = .058
  assert(Math.abs(mean / expected - 1) < 4 * 0.06, `${mean}, not ${expected}`);
  const { natural: x } = withNatural(policy, metric, (solve) => solve(v));
  const back = fisher.product(x);
  fisher.dispose();
  assertLess(Math.sqrt(dot(back.map((b, i) => b - v[i]), back.map((b, i) => b - v[i])) / dot(v, v)), 0.011);
});

Deno.test("inner products in the natural metric err by the square of what the solver leaves, of two gradients too", async () => {
  await startBackend();
  const metric = { observation, damping: 0.1 }, count = 6;
  const fisher = makeFisherProduct(policy, observation, metric.damping);
  const gradients = Array.from(
    { length: count },
    () => fisher.product(Float32Array.from(policy.theta, () => normal())),
  );
  const exact = gradients.map((g) => conjugateGradient(fisher.product, g, { tolerance: 1e-6, iterations: 2000 }).x);
  const solved = withNatural(
    policy,
    metric,
    (solve) => gradients.map((gradient) => ({ gradient, ...solve(gradient) })),
  );
  fisher.dispose();
  const length = exact.map((x, i) => Math.sqrt(dot(x, gradients[i])));
  let [found, plain] = [0, 0]; // largest errors, relative to the lengths: with the rests, and without
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < count; j++) {
      const expected = dot(gradients[i], exact[j]), scale = length[i] * length[j];
      found = Math.max(found, Math.abs(innerProduct(solved[i], solved[j], "natural") - expected) / scale);
      if (i === j) continue;
      plain = Math.max(plain, Math.abs(dot(gradients[i], solved[j].natural) - expected) / scale);
    }
  }
  assertLess(found, 5e-4);
  assertLess(found, plain / 3, `${found}, without the rests ${plain}`);
});
