/** Gradients without a tape against those by the tape, which other tests hold against float64 differences. */
import * as tf from "@tensorflow/tfjs";
import { assertAlmostEquals } from "@std/assert";
import type { MlpShape } from "../../../src/data/parameters.ts";
import { fold, makeKey } from "../../../src/math/random.ts";
import { startBackend } from "../../../src/nn/kernels/backend.ts";
import { makeModel } from "../../../src/nn/networks/dynamics.ts";
import { fitNormalisation, modelGradient, trainModel } from "../../../src/nn/training/dynamics_fit.ts";
import { initializeMlp, mlpOfData } from "../../../src/nn/networks/mlp.ts";
import { networkGradient } from "../../../src/nn/passes/network_gradient.ts";
import { oneStepGradient, trainOneStep, transitionTable } from "../../../src/nn/training/one_step_fit.ts";
import { logProbability, makePolicy } from "../../../src/nn/networks/policy.ts";
import { likelihoodGradient } from "../../../src/nn/networks/policy_gradient.ts";
import { lossGradient } from "../../../src/nn/passes/read.ts";
import { assertClose, normals } from "../reference.ts";

await startBackend();
const key = makeKey(21);

Deno.test("a loss over more rows than a chunk: value and gradient of Σ y³ by the tape", () => {
  const shape: MlpShape = { sizes: [3, 8, 2], activation: "tanh" }, n = 2500; // five chunks
  const theta = Float32Array.of(...initializeMlp(shape, fold(key, 1), 1), 5, 5); // two parameters beyond the network
  const x = normals(fold(key, 2), 3 * n);
  const found = networkGradient(shape, theta, x, (y, _first, slope) => {
    let loss = 0;
    for (let i = 0; i < y.length; i++) {
      slope[i] = 3 * y[i] * y[i] / n;
      loss += y[i] ** 3 / n;
    }
    return loss;
  });
  const expected = lossGradient((t) => {
    const y = mlpOfData(shape, t, tf.tensor2d(x, [n, 3]));
    return tf.div(tf.sum(tf.mul(y, tf.square(y))), n) as tf.Scalar;
  }, theta);
  assertAlmostEquals(found.loss, expected.loss, 1e-5);
  assertClose(found.gradient, Array.from(expected.gradient), 1e-5);
});

Deno.test("rows are told apart: the slope of row r alone gives the gradient of row r", () => {
  const shape: MlpShape = { sizes: [2, 1], activation: "tanh" }, n = 1500, r = 1300; // in the second chunk
  const x = normals(fold(key, 3), 2 * n);
  const { gradient } = networkGradient(shape, Float32Array.of(1, 2, 3), x, (y, first, slope) => {
    slope.fill(0);
    if (first <= r && r < first + y.length) slope[r - first] = 1;
    return 0;
  });
  assertClose(gradient, [x[2 * r], x[2 * r + 1], 1], 1e-6); // ∂(w·x + b)/∂(w, b)
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

Deno.test("one-step dynamics: gradient and training equal the unrolled loss with H = 1", () => {
  const n = 96, [obs, act] = [3, 2], features = (s: tf.Tensor2D) => tf.square(s) as tf.Tensor2D;
  const draw = (count: number, i: number) => ({
    horizon: 1,
    count,
    observation: normals(fold(fold(key, 8), i), 2 * count * obs),
    action: normals(fold(fold(key, 9), i), count * act),
    residual: normals(fold(fold(key, 10), i), count),
    mask: new Float32Array(count).fill(1),
  });
  const segments = draw(n, 0);
  const raw = makeModel(
    { inputSize: 5, outputSize: 4, hidden: [7], activation: "relu", reward: "known" },
    fold(key, 11),
  );
  const [observation, nextObservation] = [segments.observation.slice(0, n * obs), segments.observation.slice(n * obs)];
  const model = fitNormalisation(raw, { ...segments, observation, nextObservation }, features);
  const expected = modelGradient(model, segments, { rewardWeight: 10 }, features);
  const found = oneStepGradient(model, transitionTable(model, segments, features), obs, 10);
  assertAlmostEquals(found.loss, expected.loss, 1e-5);
  assertClose(found.gradient, Array.from(expected.gradient), 1e-5);

  // 70 updates of one row each are two groups (64 and 6): update i takes row i % 64 of its group.
  const options = { updates: 70, batchSize: 1, learningRate: 0.01, decay: 0.1, averaging: 0.9, rewardWeight: 10 };
  const slow = trainModel(
    model,
    (i) => {
      const group = draw(i < 64 ? 64 : 6, i < 64 ? 0 : 1), row = i % 64;
      const one = (x: Float32Array, width: number, from = 0) => x.slice(from + row * width, from + (row + 1) * width);
      const s = one(group.observation, obs), next = one(group.observation, obs, group.count * obs);
      return {
        ...draw(1, 0),
        observation: Float32Array.of(...s, ...next),
        action: one(group.action, act),
        residual: one(group.residual, 1),
      };
    },
    options,
    features,
  );
  const fast = trainOneStep(model, draw, options, features);
  assertClose(fast.losses, Array.from(slow.losses), 1e-3);
  assertClose(fast.model.theta, Array.from(slow.model.theta), 1e-3);
});
