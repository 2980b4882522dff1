import * as tf from "@tensorflow/tfjs";
import { assert, assertAlmostEquals, assertEquals, assertGreater, assertLess } from "@std/assert";
import type { ModelParams } from "../../../src/data/parameters.ts";
import { fold, makeKey, makeStream } from "../../../src/math/random.ts";
import { mean } from "../../../src/math/statistics.ts";
import { startBackend, tensorCount } from "../../../src/nn/kernels/backend.ts";
import { foldNormalisation, makeModel, modelTensors, predictDynamics } from "../../../src/nn/networks/dynamics.ts";
import { fitNormalisation, type ModelSegments } from "../../../src/nn/training/dynamics_fit.ts";
import { inferLatent, latentDivergence, posteriorOf, posteriorSlope } from "../../../src/nn/networks/latent.ts";
import { mlpEngine, plainEngine, useMlpEngine } from "../../../src/nn/passes/mlp_engine.ts";
import { latentGradient } from "../../../src/nn/training/latent_gradient.ts";
import { trainLatent } from "../../../src/nn/training/latent_fit.ts";
import { type TransitionTable, transitionTable } from "../../../src/nn/training/transition_table.ts";
import { assertClose, differences, normals, reference, rows } from "../reference.ts";

await startBackend();

const key = makeKey(71);
const modelOf = (hidden: number[]): ModelParams =>
  makeModel({
    inputSize: 2,
    outputSize: 1,
    latentSize: 1,
    hidden,
    activation: "tanh",
    reward: "known",
  }, key);
const options = { rewardWeight: 1, latentWeight: 0.1 };

Deno.test("the KL is the closed form: 0 for N(0, 1), ½(m² + s² − 1) − log s in general", () => {
  assertAlmostEquals(latentDivergence({ mean: 0, logStd: 0 }), 0, 1e-15);
  assertAlmostEquals(latentDivergence({ mean: 1, logStd: 0 }), 0.5, 1e-15);
  assertAlmostEquals(latentDivergence({ mean: 0, logStd: Math.log(2) }), 0.5 * 3 - Math.log(2), 1e-15);
  assertEquals(posteriorOf(Float32Array.of(9, 9, 7, 3, 0, 1e6), 2, 2, 1), { mean: 3, logStd: 5 }); // s stays below e⁵
  assertAlmostEquals(posteriorSlope(5 * Math.tanh(0.4)), 1 - Math.tanh(0.4) ** 2, 1e-15);
});

/** The loss in float64. */
const referenceLoss = (
  { shape, latent, outputScale }: ModelParams,
  { input, target }: TransitionTable,
  noise: ArrayLike<number>,
  theta: ArrayLike<number>,
  encoder: ArrayLike<number>,
): number => {
  const [inputs, targets] = [rows(input, 2), rows(target, 3)], size = latent!.size, epsilon = rows(noise, size);
  const losses = inputs.map((x, i) => {
    const q = reference(latent!.shape, encoder, [...x, ...targets[i]]);
    const logStd = q.slice(size).map((raw) => 5 * Math.tanh(raw / 5));
    const eta = logStd.map((s, l) => q[l] + Math.exp(s) * epsilon[i][l]);
    const squares = reference(shape, theta, [...x, ...eta]).map((y, j) =>
      outputScale[j] === 0 ? 0 : (y - targets[i][j]) ** 2
    );
    const kl = logStd.reduce((sum, s, l) => sum + (q[l] ** 2 + Math.exp(s) ** 2 - 1) / 2 - s, 0);
    return (squares[0] + squares[1]) / 2 + 3 * squares[2] + 0.1 * kl; // two observations, a reward
  });
  return mean(losses);
};

Deno.test("loss and gradients by both networks equal float64 and its differences, on every engine, in chunks too", () => {
  const before = tensorCount(), weighing = { rewardWeight: 3, latentWeight: 0.1 };
  const made = makeModel(
    { inputSize: 2, outputSize: 3, latentSize: 2, hidden: [4], activation: "tanh", reward: "learned" },
    key,
  );
  for (const outputScale of [made.outputScale, Float32Array.of(1, 0, 1)]) { // 0: what never changes counts nothing
    const model = { ...made, outputScale };
    const latent = { ...model.latent!, theta: normals(fold(key, 4), model.latent!.theta.length, 0.4) };
    for (const [n, rows] of [[6, 512], [11, 4]]) {
      const table = { input: normals(fold(key, 1), 2 * n), target: normals(fold(key, 2), 3 * n) };
      const noise = normals(fold(key, 3), 2 * n), { theta } = model;
      const lossOf = (t: ArrayLike<number>, e: ArrayLike<number>) => referenceLoss(model, table, noise, t, e);
      for (const engine of [mlpEngine(), plainEngine]) {
        const installed = useMlpEngine({ ...engine, passes: { ...engine.passes, rows } });
        const found = latentGradient({ ...model, latent }, table, noise, 2, weighing);
        useMlpEngine(installed);
        assertAlmostEquals(found.loss, lossOf(theta, latent.theta), 1e-5 * found.loss);
        assertClose(found.dynamics, differences((v) => lossOf(v, latent.theta), theta), 1e-5);
        assertClose(found.encoder, differences((v) => lossOf(theta, v), latent.theta), 1e-5);
      }
    }
  }
  assertEquals(tensorCount(), before);
});

/** s′ − s = a + ½·ξ with ξ ~ N(0, 1) that nothing observed determines. */
const noisySegments = (count: number, label: number): { segments: ModelSegments; xi: Float32Array } => {
  const [s, a, xi] = [0, 1, 2].map((i) => normals(fold(fold(key, label), i), count, i === 1 ? 0.4 : 1));
  const clip = (x: number) => Math.min(1, Math.max(-1, x));
  const observation = Float32Array.from([...s, ...s.map((x, i) => x + clip(a[i]) + 0.5 * xi[i])]);
  const rest = { residual: new Float32Array(0), mask: new Float32Array(count).fill(1) };
  return { segments: { horizon: 1, count, observation, action: a, ...rest }, xi };
};

Deno.test("trained, η is what no observation determines: inferred it reproduces s′, drawn it has the right spread", () => {
  const before = tensorCount(), identity = (s: tf.Tensor2D) => s;
  const { segments: sample } = noisySegments(2000, 10);
  const data = {
    observation: sample.observation.slice(0, 2000),
    nextObservation: sample.observation.slice(2000),
    action: sample.action,
    residual: sample.residual,
  };
  const start = fitNormalisation(modelOf([16]), data, identity);
  const how = {
    ...options,
    latentWeight: 0.02,
    updates: 1500,
    batchSize: 128,
    learningRate: 5e-3,
    decay: 0.1,
    averaging: 0,
  };
  const draw = (count: number, i: number) => noisySegments(count, 100 + i).segments;
  const { model, losses } = trainLatent(start, draw, how, identity, fold(key, 5));
  assertLess(mean(losses.slice(-50)), mean(losses.slice(0, 50)));
  const again = trainLatent(start, draw, how, identity, fold(key, 5)).model;
  assertEquals([again.theta, again.latent!.theta], [model.theta, model.latent!.theta]);

  const { segments, xi } = noisySegments(1000, 11);
  const { input, target } = transitionTable(model, segments, identity);
  const predicted = (eta: Float32Array): Float32Array =>
    tf.tidy(() => {
      const s = tf.tensor2d(segments.observation.slice(0, 1000), [1000, 1]);
      const { nextObservation } = predictDynamics(
        modelTensors(model),
        identity,
        s,
        tf.tensor2d(segments.action, [1000, 1]),
        tf.tensor2d(eta, [1000, 1]),
      );
      return nextObservation.dataSync().slice() as Float32Array;
    });
  const error = (next: Float32Array) => Math.sqrt(mean(next.map((x, i) => (x - segments.observation[1000 + i]) ** 2)));
  const inferred = inferLatent(model, input, target, makeStream(key));
  const drawn = normals(fold(key, 6), 1000);
  assertLess(error(predicted(inferred)), 0.2); // .5 without knowledge of ξ
  assertGreater(error(predicted(drawn)), 0.5); // √2·.5 for independent draws of the same spread
  const noise = predicted(drawn).map((x, i) => x - predicted(new Float32Array(1000))[i]);
  assertAlmostEquals(Math.sqrt(mean(noise.map((x) => x * x))), 0.5, 0.1);
  const correlation = mean(inferred.map((e, i) => e * xi[i]));
  assertGreater(Math.abs(correlation), 0.8);
  assertAlmostEquals(mean(inferred.map((e) => e * e)), 1, 0.3); // the aggregated posterior, on its way to N(0, 1)
  assertEquals(tensorCount(), before);
});

Deno.test("both networks are averaged alike: what is kept is the running mean of every fourth θ", () => {
  const start = modelOf([4]), rows = 8, identity = (s: tf.Tensor2D) => s, { segments: all } = noisySegments(rows, 12);
  const draw = (count: number): ModelSegments => { // the same rows again and again, so that fewer updates draw a prefix
    const again = (x: Float32Array) => Float32Array.from({ length: count }, (_, i) => x[i % rows]);
    const ends = [all.observation.subarray(0, rows), all.observation.subarray(rows)].flatMap((x) => [...again(x)]);
    return { ...all, count, observation: Float32Array.from(ends), action: again(all.action), mask: again(all.mask) };
  };
  const train = (updates: number, averaging: number) => {
    const how = { ...options, batchSize: rows, learningRate: 1e-2, decay: 1, updates, averaging };
    const { model, last } = trainLatent(start, draw, how, identity, key);
    return [[model.theta, model.latent!.theta], [last.theta, last.latent!.theta]] as const;
  };
  const [[fourth], [eighth], [found, last]] = [train(4, 0), train(8, 0), train(8, 0.9)];
  assertEquals(last, eighth);
  const first = 1 - (4 / 13) ** 4, second = 1 - (8 / 17) ** 4; // decay min(.9, (i + 1)/(i + 10)) of updates 3 and 7
  [start.theta, start.latent!.theta].forEach((theta, i) => {
    const mean = Array.from(theta, (x, j) => {
      const one = x + first * (fourth[i][j] - x);
      return one + second * (eighth[i][j] - one);
    });
    assertClose(found[i], mean, 1e-5);
  });
});

Deno.test("η enters raw: normalisation is folded into the other inputs alone", () => {
  const model: ModelParams = {
    ...modelOf([]), // linear: change = w·(s, a, η) + b
    theta: Float32Array.of(1, 2, 3, 0.5),
    inputMean: Float32Array.of(1, 0),
    inputScale: Float32Array.of(2, 4),
    outputMean: Float32Array.of(10),
    outputScale: Float32Array.of(100),
  };
  // ((s − 1)·2 + 2·4a + 3η + .5)·100 + 10 = 200 s + 800 a + 300 η − 140
  assertEquals([...foldNormalisation(model)], [200, 800, 300, -140]);
  assert(model.latent !== undefined && model.latent.shape.sizes[0] === 3);
});
