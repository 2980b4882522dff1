import * as tf from "@tensorflow/tfjs";
import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { mlpParameterCount } from "../../../src/data/parameters.ts";
import { unitRange } from "../../../src/math/control_range.ts";
import { fold, makeKey } from "../../../src/math/random.ts";
import { startBackend, tensorCount } from "../../../src/nn/kernels/backend.ts";
import { makeFisherProduct } from "../../../src/nn/networks/fisher.ts";
import { mlpEngine, plainEngine, useMlpEngine } from "../../../src/nn/passes/mlp_engine.ts";
import { OutOfMemory } from "../../../src/nn/passes/out_of_memory.ts";
import { logProbability, makePolicy, overRange } from "../../../src/nn/networks/policy.ts";
import { lossGradient } from "../../../src/nn/passes/read.ts";
import { assertClose, differences, normals, reference, rows } from "../reference.ts";

await startBackend();

const key = makeKey(2);
const [n, obs, act] = [6, 5, 3];
const made = makePolicy({ observationSize: obs, actionSize: act, hidden: [8, 7], logStd: -.3 }, key);
const noise = normals(fold(key, 9), made.theta.length, .3);
const policy = { ...made, theta: made.theta.map((t, i) => t + noise[i]) }; // away from the special initial point
const count = mlpParameterCount(policy.shape);
const observation = normals(fold(key, 1), n * obs);
const action = normals(fold(key, 2), n * act);

/** μ [act] and log σ [act] of one row, float64. */
const gaussian = (theta: ArrayLike<number>, row: number[]) => ({
  mean: reference(policy.shape, theta, row),
  logStd: Array.from({ length: act }, (_, j) => theta[count + j]),
});

/** log π by the density of the normal distribution. */
const referenceLogProb = (theta: ArrayLike<number>, row: number[], a: number[]): number => {
  const { mean, logStd } = gaussian(theta, row);
  return a.reduce((sum, x, j) => {
    const sigma = Math.exp(logStd[j]);
    return sum + Math.log(Math.exp(-((x - mean[j]) ** 2) / (2 * sigma * sigma)) / (sigma * Math.sqrt(2 * Math.PI)));
  }, 0);
};

/** Mean KL(p ‖ q) of diagonal Gaussians. */
const referenceKl = (p: ArrayLike<number>, q: ArrayLike<number>): number =>
  rows(observation, obs).reduce((total, row) => {
    const [a, b] = [gaussian(p, row), gaussian(q, row)];
    return total + a.mean.reduce((sum, m, j) => {
          const [va, vb] = [Math.exp(2 * a.logStd[j]), Math.exp(2 * b.logStd[j])];
          return sum + .5 * (va / vb + (m - b.mean[j]) ** 2 / vb - 1 + Math.log(vb / va));
        }, 0) / n;
  }, 0);

Deno.test("log-probability and its gradient equal the density's", () => {
  const before = tensorCount();
  const weight = normals(fold(key, 3), n);
  const result = lossGradient((theta) => {
    const logProb = logProbability(
      policy.shape,
      theta,
      tf.tensor2d(observation, [n, obs]),
      tf.tensor2d(action, [n, act]),
    );
    return tf.sum(tf.mul(logProb, tf.tensor1d(weight))) as tf.Scalar;
  }, policy.theta);
  const actions = rows(action, act);
  const expected = (theta: ArrayLike<number>) =>
    rows(observation, obs).reduce((sum, row, i) => sum + weight[i] * referenceLogProb(theta, row, actions[i]), 0);
  assertAlmostEquals(result.loss, expected(policy.theta), 1e-4);
  assertClose(result.gradient, differences(expected, policy.theta), 1e-5);
  assertEquals(tensorCount(), before);
});

Deno.test("Fisher product equals the finite difference of the KL's gradient, and 2·v for log σ", () => {
  const before = tensorCount();
  const v = normals(fold(key, 4), policy.theta.length);
  const fisher = makeFisherProduct(policy, observation, 0);
  const actual = fisher.product(v);
  fisher.dispose();
  // F v = d/dε ∇KL(θ ‖ θ + εv) at 0; the outer difference of step 1e-4 of gradients with step 1e-4, all in float64
  const gradient = (e: number) =>
    differences(
      (q) => referenceKl(policy.theta, q),
      policy.theta.map((t) => t).reduce((p, t, i) => (p[i] = t + e * v[i], p), new Float64Array(v.length)),
      1e-4,
    );
  const [above, below] = [gradient(1e-4), gradient(-1e-4)];
  assertClose(actual, above.map((g, i) => (g - below[i]) / 2e-4), 1e-4);
  for (let i = count; i < v.length; i++) assertAlmostEquals(actual[i], 2 * v[i], 1e-6);
  const damped = makeFisherProduct(policy, observation, .5);
  assertClose(damped.product(v), actual.map((f, i) => f + .5 * v[i]), 1e-6);
  damped.dispose();
  assertEquals(tensorCount(), before);
});

Deno.test("Fisher product over more rows than a chunk: uᵀFv = mean (J u)ᵀΣ⁻¹(J v), J by differences in float64, on either engine", () => {
  const many = normals(fold(key, 5), 1100 * obs), sigma = Array.from(policy.theta.subarray(count), Math.exp);
  const along = (direction: Float32Array) =>
    rows(many, obs).flatMap((row) => {
      const at = (h: number) =>
        reference(policy.shape, Float64Array.from(policy.theta, (t, i) => t + h * direction[i]), row);
      const [above, below] = [at(1e-5), at(-1e-5)];
      return above.map((y, j) => (y - below[j]) / (2e-5 * sigma[j]));
    });
  const draw = (label: number) => normals(fold(key, label), policy.theta.length).fill(0, count);
  const v = draw(6), rate = along(v);
  for (const engine of [mlpEngine(), plainEngine]) {
    const before = useMlpEngine(engine), fisher = makeFisherProduct(policy, many, 0);
    const [first, again] = [fisher.product(v), fisher.product(v)];
    fisher.dispose();
    useMlpEngine(before);
    assertEquals(again, first); // cached activations stay as they are
    for (const label of [7, 8, 10]) {
      const u = draw(label), expected = along(u).reduce((sum, x, i) => sum + x * rate[i] / 1100, 0);
      const scale = Math.hypot(...u) * Math.hypot(...first);
      assertAlmostEquals(first.reduce((sum, f, i) => sum + f * u[i], 0), expected, 1e-6 * scale);
    }
  }
});

Deno.test(
  "a Fisher product that finds the heap full gives its memory back",
  () => {
    const own = mlpEngine().passes, held = new Set<number>();
    const allocate = (size: number) => ((place) => (held.add(place), place))(own.allocate(size));
    const free = (place: number) => (held.delete(place), own.free(place));
    const forward = () => {
      assertEquals(held.size, 1);
      throw new OutOfMemory(4);
    };
    const before = useMlpEngine({ ...mlpEngine(), passes: { ...own, allocate, free, forward } });
    try {
      assertThrows(() => makeFisherProduct(policy, observation, 0), OutOfMemory);
    } finally {
      useMlpEngine(before);
    }
    assertEquals(held.size, 0);
  },
);

Deno.test("a new policy acts near zero with the log deviation asked for", () => {
  assertEquals(Array.from(made.theta.subarray(count)), Array(act).fill(Math.fround(-.3)));
  const mean = rows(observation, obs).flatMap((row) => reference(made.shape, made.theta, row));
  assertEquals(mean.every((m) => Math.abs(m) < .05), true);
});

Deno.test("a policy over a range acts about its middle with σ in halves of it, and over ±1 as it did", () => {
  const policy = makePolicy({ observationSize: 3, actionSize: 2, hidden: [4], logStd: -1 }, makeKey(3));
  assertEquals(overRange(policy, unitRange(2)), policy);
  const { theta } = overRange(policy, [[-0.5, 0.5], [2, 10]]), n = theta.length;
  theta.subarray(n - 2).forEach((x, j) => assertAlmostEquals(Math.exp(x), [0.5, 4][j] * Math.exp(-1), 1e-6));
  assertEquals(theta.subarray(0, n - 4), policy.theta.subarray(0, n - 4)); // all but the last layer's bias and σ
  assertEquals([...theta.subarray(n - 4, n - 2)], [0, 6]); // biases begin at 0
});
