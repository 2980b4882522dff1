import { assertAlmostEquals, assertEquals, assertLess, assertNotEquals } from "@std/assert";
import { fold, makeKey } from "../../../src/math/random.ts";
import { startBackend, tensorCount } from "../../../src/nn/kernels/backend.ts";
import { makeValue, moveTarget, predictValue, regressValue, valueGradient } from "../../../src/nn/networks/value.ts";
import { assertClose, differences, normals, reference, rows } from "../reference.ts";

await startBackend();

const key = makeKey(3);
const [n, obs] = [9, 4];
const value = makeValue({ observationSize: obs, hidden: [6, 5] }, key);
const observation = normals(fold(key, 1), n * obs);
const target = normals(fold(key, 2), n);
const weight = normals(fold(key, 3), n).map(Math.abs);

Deno.test("prediction equals the float64 network", () => {
  const before = tensorCount();
  const expected = rows(observation, obs).map((row) => reference(value.shape, value.theta, row)[0]);
  assertClose(predictValue(value, observation), expected, 1e-6);
  assertEquals(tensorCount(), before);
});

Deno.test("loss and gradient equal mean w·(V − y)² of the float64 network", () => {
  const loss = (theta: ArrayLike<number>) =>
    rows(observation, obs).reduce((sum, row, i) => {
      return sum + weight[i] * (reference(value.shape, theta, row)[0] - target[i]) ** 2 / n;
    }, 0);
  const result = valueGradient(value.shape, value.theta, { observation, target, weight });
  assertAlmostEquals(result.loss, loss(value.theta), 1e-5);
  assertClose(result.gradient, differences(loss, value.theta), 1e-5);
});

Deno.test("regression reaches its targets, repeats bit for bit, leaves its input and θ′ alone", () => {
  const before = tensorCount();
  const options = { epochs: 400, batchSize: 4, learningRate: 1e-2, targetNormalization: "none" as const }; // batches of 4, 4 and 1
  const original = value.theta.slice();
  const first = regressValue(value, { observation, target }, options, key);
  const again = regressValue(value, { observation, target }, options, key);
  assertLess(first.loss, 1e-3);
  assertEquals(first.value.theta, again.value.theta);
  assertEquals(value.theta, original);
  assertEquals(value.adam.step, 0);
  assertEquals(first.value.adam.step, 1200);
  assertEquals(first.value.target, value.target);
  assertEquals(tensorCount(), before);
});

Deno.test("a weight of zero removes its sample", () => {
  const options = { epochs: 3, batchSize: n, learningRate: 1e-2, targetNormalization: "standardize" as const };
  const without = new Float32Array(n).fill(1);
  without[0] = 0;
  const other = target.slice();
  other[0] = 100;
  const a = regressValue(value, { observation, target, weight: without }, options, key);
  const b = regressValue(value, { observation, target: other, weight: without }, options, key);
  assertEquals(a.value.theta, b.value.theta);
});

Deno.test("θ′ moves by σθ′ + (1 − σ)θ: .75·1 + .25·5 = 2", () => {
  const moved = moveTarget({ ...value, theta: new Float32Array([5]), target: new Float32Array([1]) }, .75);
  assertEquals(Array.from(moved.target), [2]);
});

Deno.test("outputs that are known before a fit are not computed again, and give the same fit", () => {
  const options = { epochs: 2, batchSize: 4, learningRate: 0.01, targetNormalization: "standardize" as const };
  const fit = (known: { readonly output?: Float32Array }) =>
    regressValue(value, { observation, target, ...known }, options, key);
  assertEquals(fit({ output: predictValue(value, observation) }), fit({}));
  // outputs far from the targets widen the unit in which they are fitted: what is given is what counts
  assertNotEquals(fit({ output: new Float32Array(n).fill(100) }).value.theta, fit({}).value.theta);
});
