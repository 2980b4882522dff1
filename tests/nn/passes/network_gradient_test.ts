/** Gradients without a tape, on every engine, against those by the tape, which other tests hold against float64 differences. */
import * as tf from "@tensorflow/tfjs";
import { assertAlmostEquals } from "@std/assert";
import type { MlpShape } from "../../../src/data/parameters.ts";
import { fold, makeKey } from "../../../src/math/random.ts";
import { startBackend } from "../../../src/nn/kernels/backend.ts";
import { initializeMlp, mlpOfData } from "../../../src/nn/networks/mlp.ts";
import { mlpEngine, plainEngine, useMlpEngine } from "../../../src/nn/passes/mlp_engine.ts";
import { networkGradient, type OutputSlope } from "../../../src/nn/passes/network_gradient.ts";
import { logProbability, makePolicy } from "../../../src/nn/networks/policy.ts";
import { likelihoodGradient } from "../../../src/nn/networks/policy_gradient.ts";
import { lossGradient } from "../../../src/nn/passes/read.ts";
import { assertClose, normals } from "../reference.ts";

await startBackend();
const key = makeKey(21), engines = [mlpEngine(), plainEngine];

/** Runs on every engine. */
const onEach = (run: () => void): void => {
  for (const engine of engines) {
    const before = useMlpEngine(engine);
    try {
      run();
    } finally {
      useMlpEngine(before);
    }
  }
};

Deno.test("a loss over more rows than a chunk: value and gradient of Σ y³ by the tape", () => {
  const shape: MlpShape = { sizes: [3, 8, 2], activation: "tanh" }, n = 2500; // five chunks
  const theta = Float32Array.of(...initializeMlp(shape, fold(key, 1), 1), 5, 5); // two parameters beyond the network
  const x = normals(fold(key, 2), 3 * n);
  const cubes: OutputSlope = (y, _first, slope) => {
    let loss = 0;
    for (let i = 0; i < y.length; i++) {
      slope[i] = 3 * y[i] * y[i] / n;
      loss += y[i] ** 3 / n;
    }
    return loss;
  };
  const expected = lossGradient((t) => {
    const y = mlpOfData(shape, t, tf.tensor2d(x, [n, 3]));
    return tf.div(tf.sum(tf.mul(y, tf.square(y))), n) as tf.Scalar;
  }, theta);
  onEach(() => {
    const found = networkGradient(shape, theta, x, cubes);
    assertAlmostEquals(found.loss, expected.loss, 1e-5);
    assertClose(found.gradient, Array.from(expected.gradient), 1e-5);
  });
});

Deno.test("rows are told apart: the slope of row r alone gives the gradient of row r", () => {
  const shape: MlpShape = { sizes: [2, 1], activation: "tanh" }, n = 1500, r = 1300; // in the second chunk
  const x = normals(fold(key, 3), 2 * n);
  onEach(() => {
    const { gradient } = networkGradient(shape, Float32Array.of(1, 2, 3), x, (y, first, slope) => {
      slope.fill(0);
      if (first <= r && r < first + y.length) slope[r - first] = 1;
      return 0;
    });
    assertClose(gradient, [x[2 * r], x[2 * r + 1], 1], 1e-6); // ∂(w·x + b)/∂(w, b)
  });
});

Deno.test("the likelihood-ratio gradient equals the tape's", () => {
  const policy = makePolicy({ observationSize: 4, actionSize: 2, hidden: [6], logStd: -0.3 }, fold(key, 4)), n = 1200;
  const s = normals(fold(key, 5), 4 * n), a = normals(fold(key, 6), 2 * n), signal = normals(fold(key, 7), n);
  const expected = lossGradient((theta) => {
    const logProb = logProbability(policy.shape, theta, tf.tensor2d(s, [n, 4]), tf.tensor2d(a, [n, 2]));
    return tf.mean(tf.mul(logProb, tf.tensor1d(signal))) as tf.Scalar;
  }, policy.theta);
  assertClose(likelihoodGradient(policy, s, a, signal), Array.from(expected.gradient), 1e-5);
});
