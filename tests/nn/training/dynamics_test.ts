import * as tf from "@tensorflow/tfjs";
import { assertAlmostEquals, assertEquals, assertGreater, assertLess } from "@std/assert";
import type { ModelParams } from "../../../src/data/parameters.ts";
import { fold, makeKey } from "../../../src/math/random.ts";
import { startBackend, tensorCount } from "../../../src/nn/kernels/backend.ts";
import {
  disposeModel,
  type FeatureProgram,
  type Features,
  makeModel,
  modelTensors,
  predictDynamics,
} from "../../../src/nn/networks/dynamics.ts";
import { fitNormalisation, type ModelSegments } from "../../../src/nn/training/dynamics_fit.ts";
import { modelError } from "../../../src/nn/training/model_error.ts";
import { record } from "../../../src/nn/passes/column_program.ts";
import { mlpEngine, plainEngine } from "../../../src/nn/passes/mlp_engine.ts";
import { columns, fromColumns, tensorAlgebra } from "../../../src/nn/passes/tensor_algebra.ts";
import { trainOnSegments } from "../../../src/nn/training/segment_training.ts";
import { unrolledGradient } from "../../../src/nn/training/unrolled_gradient.ts";
import { modelGradient } from "./tensor_fit.ts";
import { assertClose, bySkipNothing, differences, errorShares, normals, reference, rows } from "../reference.ts";

await startBackend();

const key = makeKey(6);
const [n, obs, act] = [5, 3, 2];
/** Features (s₀, sin s₁, s₂²), so that their gradient counts. */
const features: Features & FeatureProgram = Object.assign((s: tf.Tensor2D) => {
  const [a, b, c] = columns(s);
  return fromColumns([a, tensorAlgebra.sin(b), tensorAlgebra.square(c)]);
}, { program: (size: number) => record(size, ({ sin, square }, [a, b, c]) => [a, sin(b), square(c)]) });
const referenceFeatures = ([a, b, c]: number[]) => [a, Math.sin(b), c * c];
const clip = (a: number) => Math.min(1, Math.max(-1, a));

const variance = (x: Float32Array): number => {
  const mean = x.reduce((a, b) => a + b) / x.length;
  return x.reduce((sum, v) => sum + (v - mean) ** 2, 0) / x.length;
};

const sizes = { inputSize: obs + act, hidden: [7, 6], activation: "tanh", reward: "known" } as const;

/** A model in general position: every normalisation differs from the identity. */
const modelOf = (outputs: number, linear = false): ModelParams => ({
  ...makeModel({ ...sizes, outputSize: outputs, linear }, key),
  theta: normals(fold(key, 1), (obs + act + 1) * 7 + 8 * 6 + 7 * outputs + (linear ? (obs + act) * outputs : 0), .5),
  inputMean: normals(fold(key, 2), obs + act, .3),
  inputScale: normals(fold(key, 3), obs + act, .2).map((s) => 1 + s),
  outputMean: normals(fold(key, 4), outputs, .2),
  outputScale: normals(fold(key, 5), outputs, .1).map((s) => .5 + s),
  ...(linear ? { outputDeviation: normals(fold(key, 9), outputs, .1).map((s) => 2 + s) } : {}),
});

const segmentsOf = (horizon: number, outputs: number): ModelSegments => ({
  horizon,
  count: n,
  observation: normals(fold(key, 6), (horizon + 1) * n * obs),
  action: normals(fold(key, 7), horizon * n * act),
  residual: normals(fold(key, 8), outputs > obs ? horizon * n : 0),
  mask: Float32Array.from({ length: horizon * n }, (_, i) => (i % n === 2 && i >= n ? 0 : 1)), // row 2 ends after a step
});

/** The same transitions over and over. */
const repeated = (data: ModelSegments, times: number): ModelSegments => {
  const again = (x: Float32Array) => Float32Array.from({ length: times * x.length }, (_, i) => x[i % x.length]);
  const half = data.observation.length / 2;
  const ends = [data.observation.subarray(0, half), data.observation.subarray(half)].map(again);
  return {
    horizon: 1,
    count: times * data.count,
    observation: Float32Array.from([...ends[0], ...ends[1]]),
    action: again(data.action),
    residual: again(data.residual),
    mask: again(data.mask),
  };
};

/** Raw prediction (s′, residual …) of one row in float64. */
const predict = (model: ModelParams, theta: ArrayLike<number>, s: number[], a: number[]): number[] => {
  const input = [...referenceFeatures(s), ...a.map(clip)].map((v, i) => (v - model.inputMean[i]) * model.inputScale[i]);
  const out = reference(model.shape, theta, input).map((y, j) => y * model.outputScale[j] + model.outputMean[j]);
  return out.map((y, j) => (j < obs ? s[j] + y : y));
};

/** Σ mask·(mean e² + α e_r²)/Σ mask of the raw unrolled prediction. */
const referenceLoss =
  (model: ModelParams, data: ModelSegments, alpha: number) => (theta: ArrayLike<number>): number => {
    const v = errorShares(model, obs);
    const [states, actions] = [rows(data.observation, obs), rows(data.action, act)];
    let [total, weight] = [0, 0];
    for (let i = 0; i < n; i++) {
      let s = states[i];
      for (let h = 0; h < data.horizon; h++) {
        const out = predict(model, theta, s, actions[h * n + i]);
        s = out.slice(0, obs);
        const mask = data.mask[h * n + i];
        const errors = s.map((x, j) => v[j] * ((x - states[(h + 1) * n + i][j]) / model.outputScale[j]) ** 2 / obs);
        total += mask * errors.reduce((sum, e) => sum + e, 0);
        if (out.length > obs) {
          total += mask * alpha * v[obs] * ((out[obs] - data.residual[h * n + i]) / model.outputScale[obs]) ** 2;
        }
        weight += mask;
      }
    }
    return total / weight;
  };

const cases = [[1, obs], [1, obs + 1], [3, obs], [3, obs + 1]].flatMap(([horizon, outputs]) =>
  [false, true].map((linear) => ({ horizon, outputs, linear }))
);
for (const { horizon, outputs, linear } of cases) {
  const name = `${horizon} steps, ${outputs - obs} learned rewards${linear ? ", a linear part" : ""}`;
  Deno.test(`loss and gradient, ${name}: equal the float64 unroll`, () => {
    const before = tensorCount();
    const [model, data] = [modelOf(outputs, linear), segmentsOf(horizon, outputs)];
    const options = { rewardWeight: 10 }, expected = referenceLoss(model, data, 10);
    const byPasses = [mlpEngine(), plainEngine].map(({ passes }) =>
      unrolledGradient(passes, model, data, options, { program: features.program(obs), controlRange: undefined })
    );
    for (const result of [...byPasses, modelGradient(model, data, options, features)]) {
      assertAlmostEquals(result.loss, expected(model.theta), 1e-5 * expected(model.theta));
      assertClose(result.gradient, bySkipNothing(model.shape, differences(expected, model.theta)), 2e-5);
    }
    assertEquals(tensorCount(), before);
  });
}

Deno.test("errors by horizon add up to the loss", () => {
  const before = tensorCount();
  const [model, data] = [modelOf(obs + 1), segmentsOf(3, obs + 1)];
  const { state, residual } = modelError(model, data, features);
  // steps 0, 1, 2 have 5, 4, 4 valid rows of 13
  const total = [5, 4, 4].reduce((sum, valid, h) => sum + valid * (state[h] + 10 * residual[h]) / 13, 0);
  assertAlmostEquals(total, referenceLoss(model, data, 10)(model.theta), 1e-4);
  assertEquals(modelError(modelOf(obs), segmentsOf(2, obs), features).residual.length, 0);
  assertEquals(tensorCount(), before);
});

Deno.test("prediction and its gradients in s and a equal the float64 model; clipped actions pass none", () => {
  const before = tensorCount();
  const model = modelOf(obs + 1);
  const [s, a] = [normals(fold(key, 10), n * obs), normals(fold(key, 11), n * act)];
  const c = normals(fold(key, 12), n * (obs + 1));
  const loss = (s: ArrayLike<number>, a: ArrayLike<number>) => {
    const actions = rows(a, act);
    const out = rows(s, obs).flatMap((row, i) => predict(model, model.theta, row, actions[i]));
    return out.reduce((sum, y, i) => sum + c[i] * y, 0);
  };
  const tensors = modelTensors(model);
  tf.tidy(() => {
    const weights = tf.tensor2d(c, [n, obs + 1]);
    const f = (s: tf.Tensor, a: tf.Tensor) => {
      const p = predictDynamics(tensors, features, s as tf.Tensor2D, a as tf.Tensor2D);
      const all = tf.concat([p.nextObservation, p.rewardResidual!.reshape([n, 1])], 1);
      return tf.sum(tf.mul(all, weights)) as tf.Scalar;
    };
    const inputs = [tf.tensor2d(s, [n, obs]), tf.tensor2d(a, [n, act])];
    const { value, grads } = tf.valueAndGrads(f)(inputs);
    assertAlmostEquals(value.dataSync()[0], loss(s, a), 1e-5);
    assertClose(grads[0].dataSync(), differences((v) => loss(v, a), s), 1e-5);
    assertClose(grads[1].dataSync(), differences((v) => loss(s, v), a), 1e-5);
    const clipped = Array.from(a).findIndex((v) => Math.abs(v) > 1);
    assertEquals(grads[1].dataSync()[clipped], 0);
  });
  disposeModel(tensors);
  assertEquals(tensorCount(), before);
});

Deno.test("normalisation gives the closed-form mean and deviation, and spares constant columns", () => {
  const before = tensorCount();
  const model = makeModel({ inputSize: 2, outputSize: 2, hidden: [3], activation: "relu", reward: "known" }, key);
  // s: 1, 3 (mean 2, deviation 1); a: clipped to 1, 1 (constant); s′ − s: 2, 6 (4, 2); residual: 5, 5 (constant)
  const fitted = fitNormalisation(model, {
    observation: new Float32Array([1, 3]),
    action: new Float32Array([1, 2]),
    nextObservation: new Float32Array([3, 9]),
    residual: new Float32Array([5, 5]),
  }, (s) => s);
  assertEquals([Array.from(fitted.inputMean), Array.from(fitted.inputScale)], [[2, 1], [1, 1]]);
  assertEquals([Array.from(fitted.outputMean), Array.from(fitted.outputScale)], [[4, 5], [2, 0]]);
  assertEquals(tensorCount(), before);
});

Deno.test("an entry that never changes, as a goal, is predicted exactly, no loss sees it, and it may begin to change", () => {
  const outputs = obs + 1, moving = segmentsOf(2, outputs), { action, residual } = moving;
  const observation = moving.observation.map((x, i) => (i % obs === 1 ? moving.observation[i % (n * obs)] : x));
  const segments = { ...moving, observation },
    [first, second] = [0, 1].map((t) => observation.slice(t * n * obs, (t + 1) * n * obs));
  const transitions = {
    observation: first,
    nextObservation: second,
    action: action.slice(0, n * act),
    residual: residual.slice(0, n),
  };
  const predicted = (model: ModelParams, states: Float32Array): Float32Array =>
    tf.tidy(() => {
      const [s, a] = [tf.tensor2d(states, [n, obs]), tf.tensor2d(transitions.action, [n, act])];
      return predictDynamics(modelTensors(model), features, s, a).nextObservation.dataSync().slice() as Float32Array;
    });
  for (const bound of [{}, { outputBound: 2 }]) {
    const untrained = { ...modelOf(outputs), ...bound }, adam = { ...untrained.adam, step: 1 };
    const model = { ...fitNormalisation(untrained, transitions, features), adam },
      last = model.theta.length - 7 * outputs;
    assertEquals(Array.from(model.outputScale, (s) => s === 0), [false, true, false, false]);
    const own = model.theta.map((t, i) => (i >= last && (i - last) % outputs === 1 ? t + 0.5 : t));
    for (const theta of [model.theta, own]) {
      const next = predicted({ ...model, theta }, first);
      for (let i = 1; i < next.length; i += obs) assertEquals(next[i], first[i]);
    }
    for (const { passes } of [mlpEngine(), plainEngine]) {
      const [loss, same] = [model, { ...model, theta: own }].map((m) =>
        unrolledGradient(passes, m, segments, { rewardWeight: 1 }, {
          program: features.program(obs),
          controlRange: undefined,
        })
      );
      assertEquals(same.gradient, loss.gradient);
      for (let i = last; i < model.theta.length; i++) if ((i - last) % outputs === 1) assertEquals(loss.gradient[i], 0);
    }
    assertEquals(modelError({ ...model, theta: own }, segments, features), modelError(model, segments, features));
    const begun = fitNormalisation(model, {
      ...transitions,
      nextObservation: moving.observation.slice(n * obs, 2 * n * obs),
    }, features);
    assertGreater(begun.outputScale[1], 0);
    const learned = { ...begun, theta: begun.theta.map((t, i) => t + 0.1 * Math.sin(i)) }; // it changes, rarely
    const again = fitNormalisation(learned, transitions, features);
    assertEquals(again.outputScale[1], begun.outputScale[1]);
    if (!("outputBound" in bound)) assertClose(predicted(again, first), predicted(learned, first), 1e-4);
    if (!("outputBound" in bound)) assertClose(predicted(begun, first), predicted(model, first), 1e-4); // other bounds cut elsewhere
  }
});

Deno.test("a trained model predicts the same under a new normalisation, an untrained one does not", () => {
  const trained = { ...modelOf(obs + 1), adam: { ...modelOf(obs + 1).adam, step: 1 } };
  const data = {
    observation: normals(fold(key, 30), 40 * obs),
    action: normals(fold(key, 31), 40 * act),
    nextObservation: normals(fold(key, 32), 40 * obs, 3),
    residual: normals(fold(key, 33), 40, 2),
  };
  const [s, a] = [normals(fold(key, 34), obs), normals(fold(key, 35), act)].map((x) => [...x]);
  const predicted = (model: ModelParams) => predict(model, model.theta, s, a);
  const renewed = fitNormalisation(trained, data, features);
  predicted(renewed).forEach((y, j) => assertAlmostEquals(y, predicted(trained)[j], 1e-5));
  assertAlmostEquals(renewed.outputScale[obs], Math.sqrt(variance(data.residual)), 1e-5);
  const raw = fitNormalisation(modelOf(obs + 1), data, features);
  assertEquals(raw.theta, modelOf(obs + 1).theta);
});

Deno.test("training learns a linear system, repeats bit for bit and leaves its input alone", () => {
  const before = tensorCount();
  const count = 64;
  const [s, a] = [normals(fold(key, 20), count * 2), normals(fold(key, 21), count, .5)];
  const next = s.map((v, i) => v + .1 * s[i ^ 1] + .2 * clip(a[i >> 1])); // coupled columns
  const data: ModelSegments = {
    horizon: 1,
    count,
    observation: Float32Array.from([...s, ...next]),
    action: a,
    residual: new Float32Array(0),
    mask: new Float32Array(count).fill(1),
  };
  const plain = Object.assign((x: tf.Tensor2D) => x, { program: (size: number) => record(size, (_algebra, s) => s) });
  const raw = makeModel({ inputSize: 3, outputSize: 2, hidden: [16], activation: "tanh", reward: "known" }, key);
  const transitions = { observation: s, action: a, nextObservation: next, residual: new Float32Array(0) };
  const model = fitNormalisation(raw, transitions, plain);
  const options = {
    updates: 400,
    learningRate: 2e-2,
    decay: .05,
    averaging: 0,
    rewardWeight: 1,
    batchSize: count,
    horizon: 1,
  };
  const draw = (size: number) => repeated(data, size / count);
  const [first, again] = [1, 2].map(() => trainOnSegments(model, draw, options, plain));
  assertLess(modelError(first.model, data, plain).state[0], .01);
  assertEquals(first.model.theta, again.model.theta);
  assertEquals([model.theta, model.adam.step], [raw.theta, 0]);
  assertEquals(tensorCount(), before);
});
