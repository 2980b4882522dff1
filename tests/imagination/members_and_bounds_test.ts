/** Ensembles and bounded predictions, on the kernels and in plain tensors. */
import { imaginedValue, pathDerivative } from "./path_value.ts";
import * as tf from "@tensorflow/tfjs";
import { assert, assertEquals } from "@std/assert";
import type { ReturnForm } from "../../src/data/gradient.ts";
import type { ModelParams } from "../../src/data/parameters.ts";
import { embed } from "../../src/imagination/embed.ts";
import type { World } from "../../src/imagination/world.ts";
import { fold, makeKey } from "../../src/math/random.ts";
import { startBackend, tensorCount } from "../../src/nn/kernels/backend.ts";
import { modelTensors, predictDynamics } from "../../src/nn/networks/dynamics.ts";
import { mlpEngine, plainEngine, useMlpEngine } from "../../src/nn/passes/mlp_engine.ts";
import { tasks } from "../../src/tasks/registry.ts";
import { randomBatch, randomPath, randomWorldOf } from "./worlds.ts";

await startBackend();

const root = makeKey(90);
const form: ReturnForm = { discount: 0.97, weighting: "lambdaWeighted", lambda: 0.9, termination: "soft" };

/** Runs on an engine, then on the one before. */
const on = <A>(engine: ReturnType<typeof mlpEngine>, work: () => A): A => {
  const before = useMlpEngine(engine);
  try {
    return work();
  } finally {
    useMlpEngine(before);
  }
};

const hopperWorld = (label: number): World => randomWorldOf(tasks.hopper, "known", "tanh", fold(root, label));

/** What imagination gives of a model: Ã of every horizon, the gradient, the surrogate at a θ nearby. */
const everything = (world: World, ...[first, ...others]: ReadonlyArray<ModelParams>): number[][] => {
  const own = { ...world, model: { members: [first, ...others] } as const };
  const path = { ...randomPath({ ...world, model: first }, 70, 5, form, root), world: own };
  const moved = world.policy.theta.map((t, i) => t + 0.01 * Math.sin(i));
  return [
    ...embed(own, randomBatch(world, 70, root), path.noise, 5, form),
    pathDerivative(path).gradient,
    [imaginedValue(path, moved)],
  ].map((x) => [...x]);
};

const assertNear = (a: number[], b: number[], tolerance: number): void => {
  const size = Math.hypot(...b);
  assert(
    Math.hypot(...a.map((x, i) => x - b[i])) <= tolerance * size + 1e-7,
    `${a.slice(0, 3)} is not ${b.slice(0, 3)}`,
  );
};

Deno.test("an ensemble's Ã, gradient and surrogate are the means of its members'", () => {
  const before = tensorCount(), world = hopperWorld(1);
  const members = [1, 2, 3].map((label) => hopperWorld(label).model);
  for (const engine of [mlpEngine(), plainEngine]) {
    on(engine, () => {
      const single = members.map((model) => everything(world, model));
      everything(world, ...members).forEach((found, i) =>
        assertNear(found, found.map((_, j) => (single[0][i][j] + single[1][i][j] + single[2][i][j]) / 3), 1e-5)
      );
    });
  }
  assertEquals(tensorCount(), before);
});

Deno.test("a bounded prediction is the mean ± bound deviations where the network goes beyond", () => {
  const model: ModelParams = {
    shape: { sizes: [2, 2], activation: "tanh" }, // change = (3a, s), normalised
    theta: Float32Array.of(0, 1, 3, 0, 0, 0),
    adam: { first: new Float32Array(6), second: new Float32Array(6), step: 0 },
    inputMean: new Float32Array(2),
    inputScale: Float32Array.of(1, 1),
    outputMean: Float32Array.of(0.5, 0),
    outputScale: Float32Array.of(2, 1),
    reward: "known",
    outputBound: 1.5,
  };
  tf.tidy(() => {
    const s = tf.tensor2d([0, 0, 1, 9], [4, 1]), a = tf.tensor2d([1, -1, 0.25, 0], [4, 1]);
    const predicted = (s: tf.Tensor2D, a: tf.Tensor2D) => predictDynamics(modelTensors(model), (x) => x, s, a);
    const { nextObservation, rewardResidual } = predicted(s, a);
    // Sums of one term that is not zero are exact in any order. Normalised 3a = 3, −3, .75, 0 is cut to ±1.5, then
    // ·2 + .5; the residual s = 9 is cut to 1.5.
    assertEquals([...nextObservation.dataSync()], [3.5, -2.5, 3, 9.5]);
    assertEquals([...rewardResidual!.dataSync()], [0, 0, 1, 1.5]);
    const slope = tf.grad((x) => tf.sum(predicted(s, x as tf.Tensor2D).nextObservation))(a).dataSync();
    assertEquals([...slope], [0, 0, 6, 6]); // none where it was cut, and none beyond a = ±1
  });
});

Deno.test("on the kernels a bound that cuts gives what plain tensors give, and one that does not changes nothing", () => {
  const world = hopperWorld(4), { model } = world, plain = plainEngine;
  const [free, wide, narrow] = [model, { ...model, outputBound: 1e3 }, { ...model, outputBound: 0.15 }];
  const [kernels, tensors] = [narrow, narrow].map((m, i) =>
    on(i === 0 ? mlpEngine() : plain, () => everything(world, m))
  );
  kernels.forEach((found, i) => assertNear(found, tensors[i], 1e-4));
  const unbounded = everything(world, free);
  everything(world, wide).forEach((found, i) => assertNear(found, unbounded[i], 1e-6));
  const change = Math.hypot(...kernels[4].map((x, i) => x - unbounded[4][i])) / Math.hypot(...unbounded[4]);
  assert(change > 0.01, `the bound cuts nothing: ${change}`);
});

Deno.test("bounded imagination stays within k times the reach, wherever it starts", () => {
  const world = hopperWorld(5), bound = 2;
  const model = { ...world.model, theta: world.model.theta.map((t) => 1e3 * t), outputBound: bound };
  tf.tidy(() => {
    let state = tf.fill([3, 11], 50) as tf.Tensor2D;
    const before = state.dataSync().slice();
    for (let i = 0; i < 4; i++) {
      state = predictDynamics(modelTensors(model), (s) => tf.pad(s, [[0, 0], [0, 26]]), state, tf.zeros([3, 3]))
        .nextObservation;
    }
    state.dataSync().forEach((x, i) => {
      const reach = 4 * (Math.abs(model.outputMean[i % 11]) + bound * model.outputScale[i % 11]);
      assert(Math.abs(x - before[i]) <= reach + 1e-4);
    });
  });
});
