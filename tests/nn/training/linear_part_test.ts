/** The linear part of the dynamics: its least squares, and what a fit makes of it. */
import * as tf from "@tensorflow/tfjs";
import { assertAlmostEquals, assertEquals, assertLess } from "@std/assert";
import { type ModelParams, skipCount } from "../../../src/data/parameters.ts";
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
import { trainOnSegments } from "../../../src/nn/training/segment_training.ts";
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

/** The same transitions over and over, as segments of a step. */
const repeated = (data: ModelTransitions, times: number): ModelSegments => {
  const again = (x: Float32Array) => Float32Array.from({ length: times * x.length }, (_, i) => x[i % x.length]);
  const [observation, nextObservation, action, residual] = [
    ...[data.observation, data.nextObservation, data.action, data.residual].map(again),
  ];
  return {
    ...{ horizon: 1, count: times * n, action, residual, mask: new Float32Array(times * n).fill(1) },
    observation: Float32Array.from([...observation, ...nextObservation]),
  };
};

const split = (model: ModelParams): number => model.theta.length - skipCount(model.shape);

/** The model with layers that say 0. */
const silent = (model: ModelParams): ModelParams => ({
  ...model,
  theta: model.theta.map((t, i) => (i < split(model) ? 0 : t)),
});

const errorOf = (model: ModelParams, data: ModelTransitions): number =>
  modelError(model, segmentsOf(data), plain).state[0];

/** Mean squared errors of the two entries of the observation, in raw units. */
const rawErrors = (model: ModelParams, data: ModelTransitions): number[] => {
  const flat = predicted(model, data);
  return [0, 1].map((j) =>
    Array.from({ length: n }, (_, i) => (flat[3 * i + j] - data.nextObservation[2 * i + j]) ** 2 / n)
      .reduce((sum, e) => sum + e)
  );
};

Deno.test("least squares: the ridge's closed form in one and two columns; a column of zeros has no weight", () => {
  // one column z = (1, −1, 2), y = (2, −1, 3): S = zᵀy/(zᵀz + 1) = 9/7
  assertAlmostEquals(leastSquares(Float32Array.of(1, 2, -1, -1, 2, 3), 2, 1)[0], 9 / 7, 1e-12);
  // Z = [[1, 1], [1, 0]], Y = 5·I: ZᵀZ + I = [[3, 1], [1, 2]], ZᵀY = [[5, 5], [5, 0]], S = [[1, 2], [2, −1]]
  assertClose(leastSquares(Float32Array.of(1, 1, 5, 0, 1, 0, 0, 5), 4, 2), [1, 2, 2, -1], 1e-12);
  assertClose(leastSquares(Float32Array.of(0, 1, 2, 0, 2, 1), 3, 2), [0, 4 / 6], 1e-12); // z = (1, 2), y = (2, 1)
});

Deno.test("least squares over many chunks of rows: every chunk counts once", () => {
  // z = ±1 in turn, y = z·(1 + i/n): Σz² = n, Σzy = n + (n − 1)/2
  const many = 5000,
    x = Float32Array.from({ length: 2 * many }, (_, at) => {
      const i = at >> 1, z = i % 2 === 0 ? 1 : -1;
      return at % 2 === 0 ? z : z * (1 + i / many);
    });
  assertAlmostEquals(leastSquares(x, 2, 1)[0], (many + (many - 1) / 2) / (many + 1), 1e-6);
});

Deno.test("a linear system is predicted before the first update, whatever its scale", () => {
  const before = tensorCount(), data = system(0), model = fitNormalisation(silent(made(true)), data, plain);
  const next = Array.from({ length: n }, (_, i) => [
    ...[data.nextObservation[2 * i], data.nextObservation[2 * i + 1]],
    data.residual[i],
  ]).flat();
  assertClose(predicted(model, data), next, 2 / n); // the ridge shrinks S by 1/n
  assertLess(errorOf(model, data), 1e-5);
  assertClose(model.outputScale, deviationsOf(model).map((s) => 0.01 * s), 1e-6); // the least unit
  assertEquals(tensorCount(), before);
});

Deno.test("the layers' unit is the deviation of what they have to say; bounds and reported errors keep that of the outputs", () => {
  const data = system(0.5), model = fitNormalisation(made(true, 3), data, plain);
  model.outputScale.subarray(0, obs).forEach((scale) => assertAlmostEquals(scale, 0.5, 0.05));
  const whole = fitNormalisation(made(false, 3), data, plain);
  assertEquals(deviationsOf(model), whole.outputScale);
  assertEquals(outputRange(model), outputRange(whole));
  const expected = rawErrors(model, data).map((e, j) => e / whole.outputScale[j] ** 2);
  assertAlmostEquals(errorOf(model, data), (expected[0] + expected[1]) / 2, 1e-5);
});

Deno.test("a fit anew follows the data alone, and leaves what the layers add, in raw units", () => {
  const data = system(0.5), begun = fitNormalisation(made(true), data, plain);
  const trained = { ...begun, adam: { ...begun.adam, step: 1 }, theta: begun.theta.map((t) => 1.5 * t + 0.1) };
  const moved = { ...data, nextObservation: data.nextObservation.map((s, i) => 1.2 * s + data.observation[i ^ 1] + 1) };
  const added = (model: ModelParams) => {
    const without = predicted(silent(model), data);
    return predicted(model, data).map((y, i) => y - without[i]);
  };
  const again = fitNormalisation(trained, moved, plain), fresh = fitNormalisation(made(true), moved, plain);
  assertClose(added(again), added(trained), 2e-5);
  assertClose(again.theta.subarray(split(again)), fresh.theta.subarray(split(again)), 1e-6);
  const settled = fitNormalisation({ ...begun, adam: trained.adam }, data, plain); // nothing new
  assertClose(predicted(settled, data), predicted(begun, data), 1e-4);
});

Deno.test("from too few transitions to enough: what the layers learned without a linear part is not said twice", () => {
  const data = system(0), few = fitNormalisation(made(true), { ...data, different: 29 }, plain); // of 3 inputs
  assertEquals([...few.theta.subarray(split(few))], Array(9).fill(0));
  assertEquals(few.outputScale, deviationsOf(few));
  const how = { rewardWeight: 1, updates: 600, learningRate: 0.01, decay: 0.1, averaging: 0, batchSize: n, horizon: 1 };
  const learned = trainOnSegments(few, (size: number) => repeated(data, size / n), how, plain).model;
  assertLess(errorOf(learned, data), 0.05);
  const enough = fitNormalisation(learned, { ...data, different: 30 }, plain);
  assertEquals(enough.theta.subarray(split(enough)).includes(0), false);
  assertLess(errorOf(enough, data), errorOf(learned, data));
});

Deno.test("what has never changed has no linear part and is exact; what happens not to change keeps what was learned", () => {
  const data = system(0.5);
  const goal = {
    ...data,
    nextObservation: data.nextObservation.map((s, i) => (i % 2 === 1 ? data.observation[i] : s)),
  };
  const model = fitNormalisation(made(true), goal, plain), second = (_: number, i: number) => i % 3 === 1;
  assertEquals([model.outputScale[1], deviationsOf(model)[1]], [0, 0]);
  assertEquals([...predicted(model, goal).filter(second)], [...data.observation.filter((_, i) => i % 2 === 1)]);
  assertEquals(Number.isFinite(errorOf(model, goal)), true);
  const learned = { ...fitNormalisation(made(true), data, plain), adam: { ...model.adam, step: 1 } };
  const still = fitNormalisation(learned, goal, plain);
  assertAlmostEquals(still.outputScale[1], deviationsOf(learned)[1], 1e-6);
  assertClose(predicted(still, data).filter(second), predicted(learned, data).filter(second), 1e-4);
});

Deno.test("a column whose variance a few rows carry has no weight; stochastic dynamics have no linear part", () => {
  const data = system(0.5), spiky = data.observation.map((s, i) => (i % 2 === 0 ? s : i % 200 === 1 ? 300 : 0));
  const model = fitNormalisation(made(true), { ...data, observation: spiky }, plain);
  const weights = model.theta.subarray(split(model));
  assertEquals([...weights.subarray(3, 6)], [0, 0, 0]);
  assertEquals(weights.subarray(0, 3).includes(0), false);
  const options = { inputSize: 3, outputSize: 2, hidden: [4], activation: "relu", reward: "known" } as const;
  const stochastic = makeModel({ ...options, linear: true, latentSize: 2 }, key);
  assertEquals([stochastic.shape.skip, stochastic.outputDeviation], [undefined, undefined]);
});
