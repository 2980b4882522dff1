/** The linear part of the dynamics: its least squares, and what a fit makes of it. */
import * as tf from "@tensorflow/tfjs";
import { assertAlmostEquals, assertEquals, assertLess } from "@std/assert";
import type { ModelParams } from "../../../src/data/parameters.ts";
import { fold, makeKey } from "../../../src/math/random.ts";
import { startBackend, tensorCount } from "../../../src/nn/kernels/backend.ts";
import {
  deviationsOf,
  disposeModel,
  type FeatureProgram,
  type Features,
  makeModel,
  modelTensors,
  outputRange,
  predictDynamics,
} from "../../../src/nn/networks/dynamics.ts";
import { fitNormalisation, type ModelSegments, type ModelTransitions } from "../../../src/nn/training/dynamics_fit.ts";
import { leastSquares } from "../../../src/nn/training/least_squares.ts";
import { modelError } from "../../../src/nn/training/model_error.ts";
import { record } from "../../../src/nn/passes/column_program.ts";
import { assertClose, normals } from "../reference.ts";

await startBackend();

const key = makeKey(8), [obs, act, n] = [2, 1, 500];
const plain: Features & FeatureProgram = Object.assign(
  (x: tf.Tensor2D) => x,
  { program: (size: number) => record(size, (_algebra, s) => s) },
);
const made = (linear: boolean, outputBound = 0): ModelParams =>
  makeModel({
    ...{ inputSize: obs + act, outputSize: obs + 1, hidden: [6], activation: "relu", reward: "known" },
    ...{ linear, outputBound },
  }, key);

/** (share of noise) ⇒ transitions s′ = s + A·s + B·a + noise, residual c·s, with actions within ±1. */
const system = (noise: number): ModelTransitions => {
  const observation = normals(fold(key, 1), n * obs, 2), action = normals(fold(key, 2), n).map((a) => Math.tanh(a));
  const chance = normals(fold(key, 3), n * obs, noise);
  const at = (i: number) => [observation[2 * i], observation[2 * i + 1], action[i]];
  const nextObservation = observation.map((s, i) => {
    const [x, y, a] = at(i >> 1);
    return s + (i % 2 === 0 ? 0.3 * x - 0.1 * y + 0.5 : 0.2 * y + 0.7 * a) + chance[i];
  });
  const residual = Float32Array.from({ length: n }, (_, i) => 3 * at(i)[0] - 2);
  return { observation, action, nextObservation, residual };
};

const predicted = (model: ModelParams, { observation, action }: ModelTransitions): Float32Array => {
  const tensors = modelTensors(model);
  const out = tf.tidy(() => {
    const [s, a] = [tf.tensor2d(observation, [n, obs]), tf.tensor2d(action, [n, act])];
    const { nextObservation, rewardResidual } = predictDynamics(tensors, plain, s, a);
    return tf.concat([nextObservation, rewardResidual!.as2D(n, 1)], 1).dataSync() as Float32Array;
  });
  disposeModel(tensors);
  return out;
};

const segmentsOf = ({ observation, nextObservation, action, residual }: ModelTransitions): ModelSegments => ({
  ...{ horizon: 1, count: n, action, residual, mask: new Float32Array(n).fill(1) },
  observation: Float32Array.from([...observation, ...nextObservation]),
});

Deno.test("least squares: the ridge's closed form in one and two columns, and what it leaves", () => {
  // one column z = (1, −1, 2), y = (2, −1, 3): S = zᵀy/(zᵀz + 1) = 9/7, left (14 − 2·9·S + 6·S²)/3
  const one = leastSquares(Float32Array.of(1, 2, -1, -1, 2, 3), 2, 1);
  assertAlmostEquals(one.weights[0], 9 / 7, 1e-12);
  assertAlmostEquals(one.left[0], (14 - 18 * (9 / 7) + 6 * (9 / 7) ** 2) / 3, 1e-12);
  // two columns: ZᵀZ + I = [[3, 1], [1, 3]], ZᵀY = [[4, 0], [2, 2]]: S = [[10, −2], [2, 6]]/8
  const two = leastSquares(Float32Array.from([1, 1, 2, 1, 1, 0, 2, -1, 0, 1, 0, 1]), 4, 2);
  assertClose(two.weights, [10 / 8, -2 / 8, 2 / 8, 6 / 8], 1e-12);
});

Deno.test("a linear system is predicted before the first update, in the units of its deviations, whatever its scale", () => {
  const before = tensorCount(), data = system(0), model = fitNormalisation(made(true), data, plain);
  const network = model.theta.map((t, i) => (i < model.theta.length - (obs + act) * (obs + 1) ? 0 : t));
  const quiet = { ...model, theta: network }; // layers that say 0
  const next = Array.from({ length: n }, (_, i) => [
    ...[data.nextObservation[2 * i], data.nextObservation[2 * i + 1]],
    data.residual[i],
  ]).flat();
  assertClose(predicted(quiet, data), next, 2 / n); // the ridge shrinks S by 1/n
  assertLess(modelError(quiet, segmentsOf(data), plain).state[0], 1e-5);
  assertClose(model.outputScale, deviationsOf(model).map((s) => 0.01 * s), 1e-6); // the least unit
  assertEquals(tensorCount(), before);
});

Deno.test("the network's unit is the deviation of what least squares leave; bounds and reported errors keep that of the outputs", () => {
  const data = system(0.5), model = fitNormalisation(made(true, 3), data, plain);
  model.outputScale.subarray(0, obs).forEach((scale) => assertAlmostEquals(scale, 0.5, 0.03));
  const whole = fitNormalisation(made(false, 3), data, plain);
  assertEquals(deviationsOf(model), whole.outputScale);
  assertEquals(outputRange(model), outputRange(whole));
  const segments = segmentsOf(data), flat = predicted(model, data);
  const expected = [0, 1].map((j) => {
    const squares = Array.from({ length: n }, (_, i) => (flat[3 * i + j] - data.nextObservation[2 * i + j]) ** 2);
    return squares.reduce((sum, e) => sum + e / n, 0) / whole.outputScale[j] ** 2;
  });
  assertAlmostEquals(modelError(model, segments, plain).state[0], (expected[0] + expected[1]) / 2, 1e-5);
});

Deno.test("a fit anew replaces the linear part alone: what the layers add to it stays, in raw units", () => {
  const data = system(0.5), begun = fitNormalisation(made(true), data, plain);
  const trained = { ...begun, adam: { ...begun.adam, step: 1 }, theta: begun.theta.map((t) => 1.5 * t + 0.1) };
  const moved = { ...data, nextObservation: data.nextObservation.map((s, i) => 1.2 * s + data.observation[i ^ 1] + 1) };
  const silent = (model: ModelParams): ModelParams => ({
    ...model,
    theta: model.theta.map((t, i) => (i < model.theta.length - (obs + act) * (obs + 1) ? 0 : t)),
  });
  const added = (model: ModelParams) => {
    const without = predicted(silent(model), data);
    return predicted(model, data).map((y, i) => y - without[i]);
  };
  const again = fitNormalisation(trained, moved, plain), from = trained.theta.length - (obs + act) * (obs + 1);
  assertClose(added(again), added(trained), 2e-5);
  const fresh = fitNormalisation(made(true), moved, plain);
  assertClose(again.theta.subarray(from), fresh.theta.subarray(from), 1e-6);
});

Deno.test("too few different transitions leave no linear part, nor do stochastic dynamics have one", () => {
  const data = system(0.5), few = fitNormalisation(made(true), { ...data, different: 29 }, plain); // of 3 inputs
  assertEquals([...few.theta.subarray(few.theta.length - 9)], Array(9).fill(0));
  assertEquals(few.outputScale, deviationsOf(few));
  assertEquals(fitNormalisation(made(true), { ...data, different: 30 }, plain).theta.subarray(-9).includes(0), false);
  const options = { inputSize: 3, outputSize: 2, hidden: [4], activation: "relu", reward: "known" } as const;
  const stochastic = makeModel({ ...options, linear: true, latentSize: 2 }, key);
  assertEquals([stochastic.shape.skip, stochastic.outputDeviation], [undefined, undefined]);
});
