import tf from "@tensorflow/tfjs";
import { assertAlmostEquals, assertEquals } from "@std/assert";
import { fold, makeKey } from "../../src/math/random.ts";
import { startBackend } from "../../src/nn/backend.ts";
import { makePolicyInference } from "../../src/nn/inference.ts";
import { accumulate, makeNormalizer, normalizeInto, refreshNormalizer } from "../../src/nn/normalizer.ts";
import { makePolicy, policyMean } from "../../src/nn/policy.ts";
import { readTensor } from "../../src/nn/read.ts";
import { assertClose, normals } from "./reference.ts";

await startBackend();

Deno.test("inference equals the tensors' forward pass to 1e-6", () => {
  const key = makeKey(4);
  const made = makePolicy({ observationSize: 17, actionSize: 6, hidden: [64, 64], logStd: 0 }, key);
  const policy = { ...made, theta: made.theta.map((t, i) => (i % 7 === 0 ? t + .1 : t) * 1.2) };
  const observation = normals(fold(key, 1), 50 * 17, 3);
  const normalizer = refreshNormalizer(accumulate(makeNormalizer(17), observation));
  const expected = readTensor(() =>
    policyMean(policy.shape, tf.tensor1d(policy.theta), tf.tensor2d(normalizeInto(normalizer, observation), [50, 17]))
  );
  const infer = makePolicyInference(policy, normalizer);
  const mean = new Float64Array(6);
  const actual = new Float64Array(300);
  for (let i = 0; i < 50; i++) {
    infer(Float64Array.from(observation.subarray(i * 17, (i + 1) * 17)), mean);
    actual.set(mean, i * 6);
  }
  assertClose(actual, expected, 1e-6);
});

Deno.test("inference by hand: 3·tanh(2·(3 − 1)·.25 + .125) − 1", () => {
  const policy = {
    shape: { sizes: [1, 1, 1], activation: "tanh" as const },
    theta: new Float32Array([2, .125, 3, -1, 0]),
  };
  const infer = makePolicyInference(policy, { mean: new Float32Array([1]), scale: new Float32Array([.25]) });
  const mean = new Float64Array(1);
  infer(new Float64Array([3]), mean);
  assertClose(mean, [3 * Math.tanh(1.125) - 1], 1e-11);
});

Deno.test("its tanh equals Math.tanh to 1e-11 everywhere, and NaN stays NaN", () => {
  const policy = { shape: { sizes: [1, 1, 1], activation: "tanh" as const }, theta: new Float32Array([8, 0, 1, 0, 0]) };
  const infer = makePolicyInference(policy, { mean: new Float32Array(1), scale: new Float32Array([1]) });
  const [mean, x] = [new Float64Array(1), new Float64Array(1)];
  for (x[0] = -11; x[0] <= 11; x[0] += .00137) { // up to ±80 before tanh, as observations are clipped to ±10
    infer(x, mean);
    assertAlmostEquals(mean[0], Math.tanh(8 * Math.max(-10, Math.min(10, x[0]))), 1e-11);
  }
  infer(new Float64Array([NaN]), mean);
  assertEquals(mean[0], NaN);
});

Deno.test("inference imports no tensor library", async () => {
  const file = new URL("../../src/nn/inference.ts", import.meta.url);
  const imports = (await Deno.readTextFile(file)).match(/^import .*$/gm) ?? [];
  assertEquals(imports.every((line) => line.startsWith("import type")), true);
});
