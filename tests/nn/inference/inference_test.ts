import * as tf from "@tensorflow/tfjs";
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { mlpParameterCount } from "../../../src/data/parameters.ts";
import { fold, makeKey } from "../../../src/math/random.ts";
import { startBackend } from "../../../src/nn/kernels/backend.ts";
import { makePolicyInference } from "../../../src/nn/inference/inference.ts";
import { rowMachine } from "../../../src/nn/kernels/row_machine.ts";
import { accumulate, makeNormalizer, normalizeInto, refreshNormalizer } from "../../../src/nn/networks/normalizer.ts";
import { makePlainInference } from "../../../src/nn/inference/plain_inference.ts";
import { makePolicy, policyMean } from "../../../src/nn/networks/policy.ts";
import { readTensor } from "../../../src/nn/passes/read.ts";
import { assertClose, normals } from "../reference.ts";

await startBackend();

const both = [["kernels", makePolicyInference], ["plain", makePlainInference]] as const;

for (const [name, make] of both) {
  Deno.test(`${name}: inference equals the tensors' forward pass to 1e-6`, () => {
    const key = makeKey(4);
    const made = makePolicy({ observationSize: 17, actionSize: 6, hidden: [64, 64], logStd: 0 }, key);
    const policy = { ...made, theta: made.theta.map((t, i) => (i % 7 === 0 ? t + .1 : t) * 1.2) };
    const observation = normals(fold(key, 1), 50 * 17, 3);
    const normalizer = refreshNormalizer(accumulate(makeNormalizer(17), observation));
    const expected = readTensor(() =>
      policyMean(policy.shape, tf.tensor1d(policy.theta), tf.tensor2d(normalizeInto(normalizer, observation), [50, 17]))
    );
    const infer = make(policy, normalizer);
    const mean = new Float64Array(6);
    const actual = new Float64Array(300);
    for (let i = 0; i < 50; i++) {
      infer(Float64Array.from(observation.subarray(i * 17, (i + 1) * 17)), mean);
      actual.set(mean, i * 6);
    }
    assertClose(actual, expected, 1e-6);
  });
}

for (const [name, make] of both) {
  Deno.test(`${name}: with a bound, unclamped observations give the bits of clamped ones`, () => {
    const key = makeKey(6), bound = Array.from({ length: 17 }, (_, j) => (j < 8 ? Infinity : 10));
    const policy = makePolicy({ observationSize: 17, actionSize: 6, hidden: [32, 32], logStd: 0 }, key);
    const mean = normals(key, 17), scale = normals(fold(key, 1), 17).map((x) => 0.1 + Math.abs(x));
    const bounded = make(policy, { ...makeNormalizer(17, bound), mean, scale }), plain = make(policy, { mean, scale });
    let beyond = 0;
    for (let i = 0; i < 50; i++) {
      const x = Float64Array.from(normals(fold(key, 2 + i), 17, 15)),
        [found, expected] = [0, 0].map(() => new Float64Array(6));
      const clamped = x.map((v, j) => Math.min(bound[j], Math.max(-bound[j], v)));
      bounded(x, found);
      plain(clamped, expected);
      assertEquals(found, expected);
      beyond += x.filter((v, j) => v !== clamped[j]).length;
    }
    assert(beyond > 50);
  });
}

for (const activation of ["tanh", "relu"] as const) {
  for (const sizes of [[17, 64, 64, 6], [5, 37, 70, 33, 3], [3, 2], [1, 1, 1], [8, 200, 200, 4]]) { // the last: 4 pages
    Deno.test(
      `kernels equal plain inference, ${activation} ${sizes.join("-")}`,
      { ignore: rowMachine() === null },
      () => {
        const key = makeKey(sizes.length), count = mlpParameterCount({ sizes, activation });
        const policy = { shape: { sizes, activation }, theta: normals(key, count + sizes.at(-1)!, .2) };
        const statistics = { mean: normals(fold(key, 1), sizes[0]), scale: normals(fold(key, 2), sizes[0]) };
        const [found, expected] = [0, 0].map(() => new Float64Array(sizes.at(-1)!));
        const [fast, plain] = [makePolicyInference(policy, statistics), makePlainInference(policy, statistics)];
        for (let i = 0; i < 20; i++) {
          const observation = Float64Array.from(normals(fold(key, 10 + i), sizes[0], 5));
          fast(observation, found);
          plain(observation, expected);
          assertClose(found, expected, 2e-6);
        }
      },
    );
  }
}

Deno.test("inferences made at the same time do not disturb each other, and copy what they are made of", () => {
  const line = (slope: number) => ({
    shape: { sizes: [1, 1], activation: "tanh" as const },
    theta: new Float32Array([slope, 0, 0]),
  });
  const identity = { mean: new Float32Array(1), scale: new Float32Array([1]) }, first = line(2);
  const [a, b] = [makePolicyInference(first, identity), makePolicyInference(line(-3), identity)];
  first.theta[0] = 100;
  const x = new Float64Array([1.5]), mean = new Float64Array(1);
  for (const [infer, y] of [[a, 3], [b, -4.5], [a, 3], [a, 3], [b, -4.5]] as const) {
    infer(x, mean);
    assertEquals(mean[0], y);
  }
});

for (const [[name, make], tolerance] of [[both[0], 1e-6], [both[1], 1e-11]] as const) {
  Deno.test(`${name}: inference by hand: 3·tanh(2·(3 − 1)·.25 + .125) − 1, observations clipped to ±10`, () => {
    const policy = {
      shape: { sizes: [1, 1, 1], activation: "tanh" as const },
      theta: new Float32Array([2, .125, 3, -1, 0]),
    };
    const infer = make(policy, { mean: new Float32Array([1]), scale: new Float32Array([.25]) });
    const mean = new Float64Array(1);
    infer(new Float64Array([3]), mean);
    assertClose(mean, [3 * Math.tanh(1.125) - 1], tolerance);
    infer(new Float64Array([1e9]), mean);
    assertClose(mean, [3 * Math.tanh(20.125) - 1], tolerance);
  });
}

for (const [[name, make], tolerance] of [[both[0], 3e-7], [both[1], 1e-11]] as const) {
  Deno.test(`${name}: its tanh equals Math.tanh to ${tolerance} everywhere, and NaN stays NaN`, () => {
    const policy = {
      shape: { sizes: [1, 1, 1], activation: "tanh" as const },
      theta: new Float32Array([8, 0, 1, 0, 0]),
    };
    const infer = make(policy, { mean: new Float32Array(1), scale: new Float32Array([1]) });
    const [mean, x] = [new Float64Array(1), new Float64Array(1)];
    for (x[0] = -11; x[0] <= 11; x[0] += .00137) { // up to ±80 before tanh, as observations are clipped to ±10
      infer(x, mean);
      assertAlmostEquals(mean[0], Math.tanh(8 * Math.max(-10, Math.min(10, x[0]))), tolerance);
    }
    infer(new Float64Array([NaN]), mean);
    assertEquals(mean[0], NaN);
  });
}

/** (file) ⇒ all that it imports at run time, through files of the project. */
const importsOf = (file: URL, seen = new Map<string, string>()): Map<string, string> => {
  if (seen.has(file.href)) return seen;
  const source = Deno.readTextFileSync(file);
  seen.set(file.href, source);
  for (const [, specifier] of source.matchAll(/^import (?!type)[^"]*"([^"]+)"/gm)) {
    if (specifier.startsWith(".")) importsOf(new URL(specifier, file), seen);
    else seen.set(specifier, "");
  }
  return seen;
};

Deno.test("inference imports no tensor library, nor anything that does", () => {
  const imported = importsOf(new URL("../../../src/nn/inference/inference.ts", import.meta.url));
  assert(imported.size > 5); // it sees through files
  assertEquals([...imported.keys()].filter((name) => !name.startsWith("file:")), []);
});
