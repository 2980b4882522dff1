/** Controls of any width in imagination: a linear model and reward, whose clipped actions a pencil can follow. */
import * as tf from "@tensorflow/tfjs";
import { assertAlmostEquals, assertEquals } from "@std/assert";
import type { Batch } from "../../src/data/batch.ts";
import type { ModelParams } from "../../src/data/parameters.ts";
import { featuresOf, residualOf } from "../../src/imagination/model_reward.ts";
import { imaginedStep } from "../../src/imagination/world.ts";
import { makeAdam } from "../../src/nn/training/adam.ts";
import { modelTensors } from "../../src/nn/networks/dynamics.ts";
import { startBackend } from "../../src/nn/kernels/backend.ts";
import { transitionTable } from "../../src/nn/training/transition_table.ts";
import type { ImaginedTask } from "../../src/tasks/task.ts";

await startBackend();

/** s′ = s + 2a₀ + 3a₁ and r = a₀ + 10a₁, of actions within [−.25, .75] × [2, 6]. */
const task: ImaginedTask = {
  features: (_algebra, observation) => observation,
  featureSize: 1,
  knownReward: (algebra, _s, a) => algebra.add(a[0], algebra.scale(a[1], 10)),
  rewardResidual: "zero",
  survival: () => [],
  controlRange: [[-0.25, 0.75], [2, 6]],
};
const model: ModelParams = {
  shape: { sizes: [3, 1], activation: "relu" },
  theta: Float32Array.of(0, 2, 3, 0),
  adam: makeAdam(4),
  inputMean: new Float32Array(3),
  inputScale: new Float32Array(3).fill(1),
  outputMean: new Float32Array(1),
  outputScale: new Float32Array(1).fill(1),
  reward: "known",
};

// below, within, above, and at the ends of both controls
const actions = [[-9, 0], [0.5, 3], [9, 9], [0.75, 2]];
const within = [[-0.25, 2], [0.5, 3], [0.75, 6], [0.75, 2]];

Deno.test("an imagined step takes each action within its own range; no slope passes where it was clipped", () => {
  tf.tidy(() => {
    const world = { task, model, dynamics: modelTensors(model) }, s = tf.ones([4, 1]) as tf.Tensor2D;
    const step = (a: tf.Tensor) => imaginedStep(world, s, a as tf.Tensor2D, "soft");
    const { next, reward } = step(tf.tensor2d(actions));
    within.forEach(([a, b], i) => assertAlmostEquals(next.dataSync()[i], 1 + 2 * a + 3 * b, 1e-5));
    within.forEach(([a, b], i) => assertAlmostEquals(reward.dataSync()[i], a + 10 * b, 1e-5));
    const slope = tf.grad((a) => tf.sum(tf.add(step(a).next.as1D(), step(a).reward)))(tf.tensor2d(actions));
    assertEquals([...slope.dataSync()], [0, 0, 3, 13, 0, 0, 0, 0]); // 2 + 1 and 3 + 10 within, 0 beyond and at an end
  });
});

Deno.test("the residual of a real reward is what states and the clipped action do not explain", () => {
  const batch: Batch = {
    steps: 4,
    environments: 1,
    observationSize: 1,
    actionSize: 2,
    observation: Float32Array.of(1, 2, 3, 4),
    nextObservation: Float32Array.of(5, 7, 11, 13),
    action: Float32Array.from(actions.flat()),
    noise: new Float32Array(8),
    logProb: new Float32Array(4),
    reward: Float32Array.of(100, 100, 100, 100),
    terminated: new Uint8Array(4),
    truncated: new Uint8Array(4),
    episodeReturns: new Float64Array(0),
    episodeLengths: new Int32Array(0),
  };
  assertEquals([...residualOf(task, batch)], within.map(([a, b]) => 100 - a - 10 * b));
  const ofStates: typeof task = { ...task, knownReward: ({ subtract }, [s], _, [next]) => subtract(next!, s!) };
  assertEquals([...residualOf(ofStates, batch)], [96, 95, 92, 91]); // 100 − (next − s)
});

Deno.test("stochastic dynamics are fitted to actions within their own ranges", () => {
  const segments = {
    horizon: 1,
    count: 4,
    observation: Float32Array.of(1, 2, 3, 4, 0, 0, 0, 0),
    action: Float32Array.from(actions.flat()),
    residual: new Float32Array(0),
    mask: new Float32Array(4).fill(1),
  };
  const { input } = transitionTable(model, segments, featuresOf(task));
  assertEquals([...input], within.flatMap((a, i) => [i + 1, ...a]));
});
