/** Training whose minibatches two threads share: the bits of one thread, and the loss and gradient of the whole. */
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { sampleSegments } from "../../../src/data/training_segments.ts";
import { featuresOf } from "../../../src/imagination/model_reward.ts";
import { fold, makeKey, makeStream } from "../../../src/math/random.ts";
import { startBackend, tensorCount } from "../../../src/nn/kernels/backend.ts";
import { openHalvedLoss } from "../../../src/nn/training/halved_loss.ts";
import { type SegmentTrainOptions, trainOnSegments } from "../../../src/nn/training/segment_training.ts";
import { unrolledGradient } from "../../../src/nn/training/unrolled_gradient.ts";
import { openArena } from "../../../src/nn/passes/arena.ts";
import { mlpEngine } from "../../../src/nn/passes/mlp_engine.ts";
import { withThreads } from "../../../src/parallel/threads.ts";
import { openWebThreads } from "../../../src/parallel/web_threads.ts";
import { startThread } from "../../../src/stages/start_thread.ts";
import { tasks } from "../../../src/tasks/registry.ts";
import { randomBatch, randomWorldOf } from "../../imagination/worlds.ts";
import { alwaysAssisted } from "./halves.ts";

const { kernels } = await startBackend();
const root = makeKey(17), { hopper } = tasks, features = featuresOf(hopper.imagined);
const world = randomWorldOf(hopper, "known", "relu", root), { model } = world;
const memory = { batches: [randomBatch(world, 90, fold(root, "batch"))] };

const draw = (horizon: number) => (count: number, i: number) => {
  const { reward, ...segments } = sampleSegments(memory, count, horizon, makeStream(fold(root, i)), {
    rewardOf: ({ observation, steps }) => observation.subarray(0, steps), // anything but 0
  });
  return { ...segments, residual: reward };
};

Deno.test("a minibatch is as good in halves: loss and gradient are those of the whole, for odd numbers and one too", () => {
  const { passes } = mlpEngine(), options = { rewardWeight: 1 };
  const inputs = { program: features.program(hopper.observationSize), controlRange: features.controlRange };
  for (const [count, horizon] of [[13, 1], [1, 2], [40, 3]]) {
    const segments = draw(horizon)(count, 0), whole = unrolledGradient(passes, model, segments, options, inputs);
    const { places, free } = openArena(passes, (take) => ({ theta: take(5000), gradient: take(5000) }));
    const loss = openHalvedLoss(passes, model, inputs, places, { rows: count, horizon }, options);
    passes.floats().set(model.theta, places.theta);
    const found = loss.gradientOf({ segments, first: 0, count });
    const gradient = passes.floats().slice(places.gradient, places.gradient + model.theta.length);
    loss.free();
    free();
    assertAlmostEquals(found, whole.loss, 1e-5 * whole.loss);
    const size = Math.hypot(...whole.gradient);
    assert(size > 0 && Math.hypot(...gradient.map((g, i) => g - whole.gradient[i])) <= 1e-5 * size);
  }
});

Deno.test("with another thread for every second half, training has the bits of one thread", async () => {
  const options: SegmentTrainOptions = {
    ...{ updates: 70, batchSize: 21, horizon: 1, learningRate: 0.01, decay: 0.5, averaging: 0.9, rewardWeight: 1 },
  };
  const threads = await openWebThreads(2), tensors = tensorCount();
  try {
    await threads.everywhere(startThread, { kernels });
    for (const [horizon, updates] of [[1, 70], [2, 5]]) { // more updates than are drawn together
      const train = () => trainOnSegments(model, draw(horizon), { ...options, horizon, updates }, features);
      const expected = train(), assisted = alwaysAssisted(threads);
      assert(expected.losses.every((loss) => loss > 0));
      assertEquals(withThreads(assisted.threads, train), expected);
      assertEquals(assisted.steps(), updates);
      assertEquals(withThreads(threads, train), expected);
    }
    assertEquals(tensorCount(), tensors);
  } finally {
    threads.close();
  }
});
