/** The k-step loss of the dynamics on every engine, against the tape and against float64. */
import { assert, assertAlmostEquals, assertEquals, assertLess, assertThrows } from "@std/assert";
import type { ModelParams } from "../../src/data/parameters.ts";
import { featuresOf, withReward } from "../../src/imagination/model_reward.ts";
import { float64Algebra } from "../../src/math/algebra.ts";
import { fold, makeKey, makeStream } from "../../src/math/random.ts";
import { startBackend, tensorCount } from "../../src/nn/kernels/backend.ts";
import type { ModelSegments, ModelTrainOptions } from "../../src/nn/training/dynamics_fit.ts";
import { findBlas } from "../../src/nn/kernels/blas.ts";
import { makeWasmGemm } from "../../src/nn/kernels/gemm.ts";
import { type Heap, openHeap } from "../../src/nn/kernels/heap.ts";
import { makeHeapEngine } from "../../src/nn/kernels/heap_engine.ts";
import { makeSimdKernels } from "../../src/nn/kernels/simd.ts";
import { modelError } from "../../src/nn/training/model_error.ts";
import { type MlpEngine, plainEngine, useMlpEngine } from "../../src/nn/passes/mlp_engine.ts";
import { OutOfMemory } from "../../src/nn/passes/out_of_memory.ts";
import { trainOnSegments } from "../../src/nn/training/segment_training.ts";
import { unrolledGradient } from "../../src/nn/training/unrolled_gradient.ts";
import { tasks } from "../../src/tasks/registry.ts";
import { wrongTask } from "../estimators/world.ts";
import { normals, reference, rows } from "../nn/reference.ts";
import { modelGradient, tensorModelError, trainModel } from "../nn/training/tensor_fit.ts";
import { randomWorldOf, type TaskSizes, unevenControls } from "./worlds.ts";

await startBackend();
const root = makeKey(17), heap = openHeap(), simd = makeSimdKernels(heap), blas = findBlas(heap, simd).blas;
const engines: [string, MlpEngine][] = [["WASM", makeHeapEngine(heap, simd, makeWasmGemm(heap, simd))]];
if (blas !== null) engines.push(["BLAS", makeHeapEngine(heap, simd, blas.gemm)]);
engines.push(["no kernels", plainEngine]);
const everyTask: Readonly<Record<string, TaskSizes>> = {
  ...tasks,
  "a task whose controls have ranges of their own": unevenControls,
  "a task with constant and repeated features": {
    imagined: {
      ...wrongTask,
      features: (algebra, s) => [...wrongTask.features(algebra, s), s[1], s[1], algebra.constant(0.5)],
      featureSize: 6,
    },
    observationSize: 2,
    actionSize: 1,
  },
};

const on = <A>(engine: MlpEngine, run: () => A): A => {
  const before = useMlpEngine(engine);
  try {
    return run();
  } finally {
    useMlpEngine(before);
  }
};

/** |a − b| ≤ tolerance·|b| as vectors. */
const assertNear = (a: ArrayLike<number>, b: ArrayLike<number>, tolerance: number, what: string): void => {
  const norm = (x: number[]) => Math.sqrt(x.reduce((sum, v) => sum + v * v, 0));
  const difference = norm(Array.from(a, (x, i) => x - b[i])), scale = norm(Array.from(b));
  assert(a.length === b.length && difference <= tolerance * scale, `${what}: ${difference} of ${scale}`);
};

/** Segments whose steps follow each other closely; every seventh ends early, after a number of steps that varies. */
const segmentsOf = (
  { imagined, observationSize: no, actionSize: na }: TaskSizes,
  reward: ModelParams["reward"],
  count: number,
  horizon: number,
): ModelSegments => {
  const observation = normals(fold(root, "s"), (horizon + 1) * count * no, .02);
  const start = normals(fold(root, "start"), count * no, .4);
  observation.forEach((_, i) => observation[i] += start[i % start.length]);
  const learned = withReward(imagined, reward).rewardResidual === "learned";
  return {
    horizon,
    count,
    observation,
    action: normals(fold(root, "a"), horizon * count * na, .8),
    residual: normals(fold(root, "r"), learned ? horizon * count : 0, .1),
    mask: Float32Array.from({ length: horizon * count }, (_, at) => {
      const [h, i] = [Math.floor(at / count), at % count];
      return i % 7 === 3 && h > i % horizon ? 0 : 1;
    }),
  };
};

const modelOf = (sizes: TaskSizes, reward: ModelParams["reward"], activation: "tanh" | "relu") =>
  randomWorldOf(sizes, reward, activation, root).model;

for (const [name, sizes] of Object.entries(everyTask)) {
  for (const [kernels, engine] of engines) {
    Deno.test(`${name}, ${kernels}: loss, errors and gradient equal those by the tape, whatever horizon, mask, reward`, () => {
      for (const [activation, reward] of [["tanh", "known"], ["relu", "learned"]] as const) {
        const features = featuresOf(withReward(sizes.imagined, reward)), model = modelOf(sizes, reward, activation);
        const wide = Math.max(1, sizes.observationSize / 17); // float32 sums of so many more terms than Walker2d's
        const inputs = { program: features.program(sizes.observationSize), controlRange: features.controlRange };
        for (const [horizon, count] of [[1, 70], [2, 70], [5, 69], [2, 1100]]) {
          const segments = segmentsOf(sizes, reward, count, horizon), options = { rewardWeight: 10 };
          const found = on(engine, () => unrolledGradient(engine.passes, model, segments, options, inputs));
          const plain = on(plainEngine, () => modelGradient(model, segments, options, features));
          assertNear([found.loss], [plain.loss], 5e-5 * wide, `loss ${horizon}`); // sums in float32
          const errors = on(engine, () => modelError(model, segments, features));
          const plainErrors = on(plainEngine, () => tensorModelError(model, segments, features));
          assertNear(errors.state, plainErrors.state, 5e-5 * wide, `errors ${horizon}`);
          assertNear(errors.residual, plainErrors.residual, 5e-5 * wide, `errors of rewards ${horizon}`);
          assertNear(found.gradient, plain.gradient, 1e-4 * wide, `gradient ${horizon}`);
        }
      }
    });
  }
}

for (const [name, sizes] of Object.entries(everyTask)) {
  Deno.test(`${name}: the gradient equals differences of a float64 unroll along random directions`, () => {
    const { observationSize: no, actionSize: na, imagined } = sizes;
    const model = modelOf(sizes, "learned", "tanh"), n = 14, horizon = 3, alpha = 10;
    const data = segmentsOf(sizes, "learned", n, horizon);
    const clipped = (a: number, j: number) => {
      const [low, high] = imagined.controlRange?.[j] ?? [-1, 1];
      return Math.min(high, Math.max(low, a));
    };
    const [states, actions] = [rows(data.observation, no), rows(data.action, na)];
    const lossAt = (theta: ArrayLike<number>): number => {
      let [total, weight] = [0, 0];
      for (let i = 0; i < n; i++) {
        let s = states[i];
        for (let h = 0; h < horizon; h++) {
          const raw = [
            ...imagined.features(float64Algebra, s),
            ...actions[h * n + i].map(clipped),
          ];
          const input = raw.map((x, j) => (x - model.inputMean[j]) * model.inputScale[j]);
          const y = reference(model.shape, theta, input).map((o, j) => o * model.outputScale[j] + model.outputMean[j]);
          s = s.map((x, j) => x + y[j]);
          const mask = data.mask[h * n + i], next = states[(h + 1) * n + i];
          const squares = s.map((x, j) => ((x - next[j]) / model.outputScale[j]) ** 2 / no);
          const residual = (y[no] - data.residual[h * n + i]) / model.outputScale[no];
          total += mask * (squares.reduce((a, b) => a + b) + alpha * residual ** 2);
          weight += mask;
        }
      }
      return total / weight;
    };
    const inputs = { program: featuresOf(imagined).program(no), controlRange: imagined.controlRange };
    const all = engines.map(([, { passes }]) => unrolledGradient(passes, model, data, { rewardWeight: alpha }, inputs));
    for (const { loss } of all) assertAlmostEquals(loss, lossAt(model.theta), 1e-5 * loss);
    for (let d = 0; d < 6; d++) {
      const direction = Float64Array.from(model.theta, makeStream(fold(root, d)).normal);
      const at = (t: number) => lossAt(Array.from(model.theta, (x, i) => x + t * direction[i]));
      const expected = (at(1e-5) - at(-1e-5)) / 2e-5;
      for (const { gradient } of all) {
        const slope = gradient.reduce((sum, g, i) => sum + g * direction[i], 0);
        assertLess(Math.abs(slope - expected), 1e-4 * Math.hypot(...gradient));
      }
    }
  });
}

/** Some of the transitions. */
const rowsFrom = (all: ModelSegments, first: number, count: number): ModelSegments => {
  const part = (x: Float32Array, from = 0, total = x.length) =>
    x.slice(from + first * total / all.count, from + (first + count) * total / all.count);
  const half = all.observation.length / 2;
  return {
    horizon: 1,
    count,
    observation: Float32Array.of(...part(all.observation, 0, half), ...part(all.observation, half, half)),
    action: part(all.action),
    residual: part(all.residual),
    mask: part(all.mask),
  };
};

Deno.test("errors of stochastic dynamics are those at η = 0, on every engine, whatever the control range", () => {
  for (const task of [tasks.hopper, unevenControls]) {
    const sizes = { ...task, latentSize: 2 }, features = featuresOf(sizes.imagined);
    const model = modelOf(sizes, "known", "tanh"), segments = segmentsOf(sizes, "known", 70, 3);
    const expected = tensorModelError(model, segments, features);
    const other = { ...model, theta: model.theta.map((t) => -t) };
    for (const [name, engine] of engines) {
      on(engine, () => modelError(other, segments, features)); // leaves other numbers in memory
      assertNear(on(engine, () => modelError(model, segments, features)).state, expected.state, 5e-5, name);
    }
  }
});

const how: ModelTrainOptions = { updates: 9, learningRate: 1e-2, decay: .1, averaging: .7, rewardWeight: 2 };

Deno.test("training equals that by the tape, with one step and with more, on every engine; the start stays", () => {
  const sizes = tasks.hopper, features = featuresOf(sizes.imagined), tensors = tensorCount(), batchSize = 32;
  const model = modelOf(sizes, "known", "tanh"), before = structuredClone(model);
  const mean = { model: { ...model, theta: model.theta.map((t) => t + .1) }, updates: 2 }; // it counts updates 1 and 5
  for (const horizon of [1, 3]) {
    const options = { ...how, horizon, batchSize };
    const draw = (count: number, i: number) => {
      const segments = segmentsOf(sizes, "known", count, horizon);
      return { ...segments, action: segments.action.map((a) => a + .1 * i) };
    };
    const transitions = draw(batchSize * how.updates, 0); // of one step: drawn for all updates together
    const minibatch = (i: number) =>
      horizon === 1 ? rowsFrom(transitions, i * batchSize, batchSize) : draw(batchSize, i);
    const plain = on(plainEngine, () => trainModel(model, minibatch, options, features, mean));
    for (const [name, engine] of engines) {
      const found = on(engine, () => trainOnSegments(model, draw, options, features, mean));
      assertNear(found.losses, plain.losses, 1e-4, `${name}: losses`);
      const [moved, expected] = [found, plain].map(({ model: { theta } }) => theta.map((t, i) => t - model.theta[i]));
      assertNear(moved, expected, 2e-2, `${name}: θ`); // Adam divides rounding by gradients that are almost zero
      assertEquals(found.model.adam.step, model.adam.step + how.updates);
    }
  }
  assertEquals([model, tensorCount()], [before, tensors]);
});

Deno.test("training raises OutOfMemory at each of its allocations, and leaves none behind", () => {
  const sizes = tasks.hopper, features = featuresOf(sizes.imagined), model = modelOf(sizes, "known", "tanh");
  const held = new Set<number>();
  let asked = 0, failing = Infinity;
  const watched: Heap = {
    ...heap,
    allocate: (bytes) => {
      if (asked++ >= failing) throw new OutOfMemory(bytes);
      const address = heap.allocate(bytes);
      held.add(address);
      return address;
    },
    free: (address) => {
      held.delete(address);
      heap.free(address);
    },
  };
  const engine = makeHeapEngine(watched, simd, makeWasmGemm(watched, simd));
  const draw = (count: number) => segmentsOf(sizes, "known", count, 2);
  const train = () => on(engine, () => trainOnSegments(model, draw, { ...how, horizon: 2, batchSize: 8 }, features));
  const expected = train(), scratch = held.size;
  asked = 0;
  assertEquals(train(), expected);
  const all = asked;
  for (failing = 0; failing < all; failing++) {
    asked = 0;
    assertThrows(train, OutOfMemory);
    assertEquals(held.size, scratch, `allocation ${failing} of ${all}`);
  }
  failing = Infinity;
  assertEquals(train(), expected);
});
