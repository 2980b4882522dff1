import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { mlpParameterCount, type MlpShape } from "../../../src/data/parameters.ts";
import { fold, makeKey } from "../../../src/math/random.ts";
import { makeAdam } from "../../../src/nn/training/adam.ts";
import { startBackend, tensorCount } from "../../../src/nn/kernels/backend.ts";
import { initializeMlp } from "../../../src/nn/networks/mlp.ts";
import { mlpEngine, plainEngine, useMlpEngine } from "../../../src/nn/passes/mlp_engine.ts";
import { networkGradient, type OutputSlope } from "../../../src/nn/passes/network_gradient.ts";
import { trainNetwork } from "../../../src/nn/training/network_training.ts";
import { assertClose, normals } from "../reference.ts";
import { adamInPlace, copyAdam } from "./plain_training.ts";

await startBackend();

const key = makeKey(12), shape: MlpShape = { sizes: [3, 9, 7, 2], activation: "tanh" };
const theta = initializeMlp(shape, key, 1), n = 1100, steps = 20; // rows in three chunks
const x = normals(fold(key, 1), 3 * n), y = normals(fold(key, 2), 2 * n);

/** Mean squared error. */
const squares: OutputSlope = (output, first, slope) => {
  let loss = 0;
  for (let i = 0; i < output.length; i++) {
    const error = output[i] - y[2 * first + i];
    slope[i] = 2 * error / n;
    loss += error * error / n;
  }
  return loss;
};

Deno.test("steps equal Adam in arrays on the network's gradient, on every engine; the start stays", () => {
  const engine = mlpEngine(), tensors = tensorCount(), rate = (i: number) => 1e-2 * .9 ** i;
  const start = { theta, adam: { ...makeAdam(theta.length), step: 3 } }, before = structuredClone(start);
  start.adam.second.fill(before.adam.second[0] = 1e-3);
  before.adam.second.fill(1e-3);
  const expected = { theta: theta.slice(), adam: copyAdam(start.adam), losses: [] as number[] };
  for (let i = 0; i < steps; i++) {
    const { loss, gradient } = networkGradient(shape, expected.theta, x, squares);
    expected.adam = adamInPlace(expected.theta, gradient, expected.adam, { learningRate: rate(i) });
    expected.losses.push(loss);
  }
  for (const used of [engine, plainEngine]) {
    useMlpEngine(used);
    try {
      const losses: number[] = [];
      const trained = trainNetwork(shape, start, n, (step) => {
        for (let i = 0; i < steps; i++) losses.push(step(x, squares, rate(i)));
      });
      assertEquals(trained.adam.step, 3 + steps);
      assertClose(trained.theta, expected.theta, 1e-5);
      assertClose(trained.adam.first, expected.adam.first, 1e-5);
      assertClose(trained.adam.second, expected.adam.second, 1e-5);
      losses.forEach((loss, i) => assertAlmostEquals(loss, expected.losses[i], 1e-5));
      assertEquals(start, before);
    } finally {
      useMlpEngine(engine);
    }
  }
  assertEquals(tensorCount(), tensors);
});

Deno.test("a step by hand: y = w·x with g = 2 moves w from 1 to .9 at a rate of .1; then g = −1", () => {
  const line: MlpShape = { sizes: [1, 1], activation: "tanh" }, one = new Float32Array([1]);
  const slope = (g: number): OutputSlope => (_output, _first, out) => (out[0] = g, 7);
  const trained = trainNetwork(line, { theta: new Float32Array([1, 0]), adam: makeAdam(2) }, 1, (step) => {
    assertEquals(step(one, slope(2), .1), 7);
    step(one, slope(-1), .1);
  });
  // as in adam_test.ts: m̂ = .08/.19, v̂ = .004996/.001999
  assertAlmostEquals(trained.theta[0], .9 - .1 * (.08 / .19) / Math.sqrt(.004996 / .001999), 1e-6);
  assertAlmostEquals(trained.theta[1], trained.theta[0] - 1, 1e-6); // the bias has the same gradients
});

Deno.test("θ may go on beyond the network's parameters, which stay", () => {
  const longer = new Float32Array([...theta, 5, 6]), count = mlpParameterCount(shape);
  const { theta: after } = trainNetwork(shape, { theta: longer, adam: makeAdam(longer.length) }, n, (step) => {
    step(x, squares, .1);
  });
  assertEquals(Array.from(after.subarray(count)), [5, 6]);
});

Deno.test("a loop that throws leaves no tensor behind, and training goes on", () => {
  const tensors = tensorCount(), start = { theta, adam: makeAdam(theta.length) };
  assertThrows(() => trainNetwork(shape, start, n, () => JSON.parse("")), SyntaxError);
  assertEquals(tensorCount(), tensors);
  trainNetwork(shape, start, n, (step) => void step(x, squares, .1));
});
