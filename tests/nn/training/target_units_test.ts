/** A linear V = 2s + 3 (W = 2, b = 3) and μ = 1, σ = 4 throughout, but where a test says otherwise. */
import { assertAlmostEquals, assertEquals, assertGreater, assertLess } from "@std/assert";
import { fold, makeKey } from "../../../src/math/random.ts";
import { startBackend } from "../../../src/nn/kernels/backend.ts";
import { explainedVariance } from "../../../src/math/statistics.ts";
import { expressIn, expressRaw, rawUnits, standardUnits } from "../../../src/nn/training/target_units.ts";
import { makeValue, predictValue, regressValue } from "../../../src/nn/networks/value.ts";
import { assertClose, normals } from "../reference.ts";

await startBackend();

const key = makeKey(21), units = { mean: 1, deviation: 4 };
const one = () => 1;

Deno.test("outputs become (y − μ)/σ: W = 2/4, b = (3 − 1)/4; moments those of a loss 16 times smaller", () => {
  const shape = { sizes: [1, 1], activation: "tanh" } as const;
  const adam = { first: Float32Array.of(8, 4), second: Float32Array.of(64, 16), step: 5 };
  const network = expressIn(shape, { theta: Float32Array.of(2, 3), adam }, units);
  assertEquals(Array.from(network.theta), [0.5, 0.5]);
  // last layer: ∂L/∂W = σ²·∂L̂/∂Ŵ·∂Ŵ/∂W = σ·∂L̂/∂Ŵ: first moments by 4, second by 16
  assertEquals([...network.adam.first, ...network.adam.second], [2, 1, 4, 1]);
  assertEquals(network.adam.step, 5);
});

Deno.test("hidden layers keep their weights, and their moments are σ² and σ⁴ smaller", () => {
  const shape = { sizes: [1, 1, 1], activation: "tanh" } as const; // w, b, W, b
  const adam = { first: Float32Array.of(16, 32, 0, 0), second: Float32Array.of(256, 512, 0, 0), step: 1 };
  const network = expressIn(shape, { theta: Float32Array.of(7, 8, 2, 3), adam }, units);
  assertEquals(Array.from(network.theta), [7, 8, 0.5, 0.5]);
  assertEquals([...network.adam.first, ...network.adam.second], [1, 2, 0, 0, 1, 2, 0, 0]);
});

Deno.test("there and back is the same network: outputs are preserved", () => {
  const value = makeValue({ observationSize: 3, hidden: [8, 8] }, key), observation = normals(key, 60);
  const adam = {
    first: normals(fold(key, 1), value.theta.length),
    second: normals(fold(key, 2), value.theta.length).map(Math.abs),
    step: 3,
  };
  const within = expressIn(value.shape, { theta: value.theta, adam }, { mean: 250, deviation: 120 });
  const scaled = predictValue({ shape: value.shape, theta: within.theta }, observation);
  assertClose(scaled.map((v) => 120 * v + 250), predictValue(value, observation), 1e-4);
  const back = expressRaw(value.shape, within, { mean: 250, deviation: 120 });
  assertClose(back.theta, value.theta, 1e-4);
  assertClose(back.adam.first, adam.first, 1e-5);
  assertClose(back.adam.second, adam.second, 1e-5);
  assertEquals(expressIn(value.shape, { theta: value.theta, adam }, rawUnits), { theta: value.theta, adam }); // the same bits
});

Deno.test("units: mean and deviation of the targets, or the outputs' error where that is larger", () => {
  // y = 1, 3: mean 2, deviation 1. V = 1, 3 errs by 0; V = 4, 6 by 3; weights 3 and 1: mean 1.5, Var = 3/4·¼ + ¼·9/4 = ¾.
  const target = Float32Array.of(1, 3);
  assertEquals(standardUnits(target, Float32Array.of(1, 3), one), { mean: 2, deviation: 1 });
  assertEquals(standardUnits(target, Float32Array.of(4, 6), one), { mean: 2, deviation: 3 });
  const weighted = standardUnits(target, target, (i) => [3, 1][i]);
  assertEquals(weighted.mean, 1.5);
  assertAlmostEquals(weighted.deviation, Math.sqrt(0.75), 1e-12);
  assertEquals(standardUnits(target, target, () => 0), rawUnits); // nothing counts
  assertGreater(standardUnits(Float32Array.of(5, 5), Float32Array.of(5, 5), one).deviation, 0);
});

const large = () => {
  const n = 512,
    observation = normals(fold(key, "s"), n * 2),
    value = makeValue({ observationSize: 2, hidden: [32] }, key);
  const target = Float32Array.from({ length: n }, (_, i) => 300 + 100 * observation[2 * i]);
  return { value, data: { observation, target } };
};
const schedule = { epochs: 40, batchSize: 64, learningRate: 1e-2 }; // 320 updates
const explained = (
  value: Parameters<typeof predictValue>[0],
  { observation, target }: ReturnType<typeof large>["data"],
) => explainedVariance(predictValue(value, observation), target);

Deno.test("targets of hundreds are reached in few updates; as they are, they are out of reach", () => {
  // 320 steps of at most about .01 move a last layer's weight by about 3: 32 such weights on |tanh| ≤ 1 and a bias make 106,
  // far from 300.
  const { value, data } = large();
  const fitted = regressValue(value, data, { ...schedule, targetNormalization: "standardize" }, key);
  assertGreater(explained(fitted.value, data), 0.99);
  assertLess(fitted.loss, 0.01 * 100 ** 2); // in squared units of y, not of (y − μ)/σ
  const raw = regressValue(value, data, { ...schedule, targetNormalization: "none" }, key);
  assertGreater(raw.loss, 100 ** 2);
});

Deno.test("a hundred times the targets is a hundred times the outputs", () => {
  // V = 0 before: a last layer of zeros, so that both fits start alike.
  const { value, data } = large(), zero = { ...value, theta: value.theta.map((x, i) => i < 96 ? x : 0) };
  const options = { ...schedule, epochs: 5, targetNormalization: "standardize" } as const;
  const once = regressValue(zero, data, options, key).value;
  const more = regressValue(zero, { ...data, target: data.target.map((y) => 100 * y) }, options, key).value;
  const outputs = predictValue(once, data.observation);
  assertClose(predictValue(more, data.observation).map((v) => v / 100), outputs, 0.05);
});

Deno.test("targets that do not differ are reached as well: y = 300 wherever", () => {
  // Their deviation is 0; σ is V's error, about 300, and a step of .01 is one of 3. Within 4 of those:
  const { value, data } = large(), constant = { ...data, target: data.target.map(() => 300) };
  const { loss } = regressValue(value, constant, { ...schedule, targetNormalization: "standardize" }, key);
  assertLess(loss, 12 ** 2);
});
