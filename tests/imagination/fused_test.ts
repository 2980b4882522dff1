import { assert, assertAlmostEquals, assertEquals, assertGreater, assertLess, assertThrows } from "@std/assert";
import type { PathTerm, ReturnForm } from "../../src/data/gradient.ts";
import { embed } from "../../src/imagination/embed.ts";
import { pathDerivative, pathGradient, pathSurrogate } from "../../src/imagination/path.ts";
import type { World } from "../../src/imagination/world.ts";
import { float64Algebra } from "../../src/math/algebra.ts";
import { fold, makeKey, makeStream } from "../../src/math/random.ts";
import { startBackend, tensorCount } from "../../src/nn/kernels/backend.ts";
import { findBlas } from "../../src/nn/kernels/blas.ts";
import { makeWasmGemm } from "../../src/nn/kernels/gemm.ts";
import { type Heap, openHeap } from "../../src/nn/kernels/heap.ts";
import { makeHeapEngine } from "../../src/nn/kernels/heap_engine.ts";
import { makeSimdKernels } from "../../src/nn/kernels/simd.ts";
import { type MlpEngine, plainEngine, useMlpEngine } from "../../src/nn/passes/mlp_engine.ts";
import { OutOfMemory } from "../../src/nn/passes/out_of_memory.ts";
import { tasks } from "../../src/tasks/registry.ts";
import type { ImaginedTask } from "../../src/tasks/task.ts";
import { wrongTask } from "../estimators/world.ts";
import { referenceAction, referenceAdvantage } from "./reference.ts";
import { tensorDerivative, tensorEmbed, tensorSurrogate } from "./tensor_rollout.ts";
import {
  randomBatch,
  randomPath,
  randomStates,
  randomWorldOf,
  SMALL_BOUND,
  type TaskSizes,
  unevenControls,
} from "./worlds.ts";

await startBackend();
const root = makeKey(5);
const heap = openHeap(), simd = makeSimdKernels(heap), blas = findBlas(heap, simd).blas;
const engines: [string, MlpEngine][] = [["WASM", makeHeapEngine(heap, simd, makeWasmGemm(heap, simd))]];
if (blas !== null) engines.push(["BLAS", makeHeapEngine(heap, simd, blas.gemm)]);
engines.push(["no kernels", plainEngine]);

/** Runs on another engine. */
const on = <A>(engine: MlpEngine, run: () => A): A => {
  const before = useMlpEngine(engine);
  try {
    return run();
  } finally {
    useMlpEngine(before);
  }
};

const weightings = ["kStep", "lambdaWeighted"] as const, terminations = ["soft", "hard"] as const;
const forms = weightings.flatMap((weighting) =>
  terminations.map((termination): ReturnForm => ({ discount: 0.95, weighting, lambda: 0.9, termination }))
);
const everyTask: Readonly<Record<string, TaskSizes>> = {
  ...tasks,
  "hopper with stochastic dynamics": { ...tasks.hopper, latentSize: 2 },
  "a task whose controls have ranges of their own": unevenControls,
  "controls with ranges of their own and stochastic dynamics": { ...unevenControls, latentSize: 2 },
  "a task that uses every operation": {
    imagined: {
      ...wrongTask,
      features: (algebra, s) => [...wrongTask.features(algebra, s), s[1], algebra.constant(0.5), algebra.cos(s[1])],
      featureSize: 6,
      knownReward: (algebra, s, a, next) =>
        algebra.subtract(
          wrongTask.knownReward(algebra, s, a, next),
          algebra.sqrt(algebra.shift(algebra.square(algebra.multiply(next[0], next[0])), 0.1)),
        ),
    },
    observationSize: 2,
    actionSize: 1,
  },
};

/** |a − b| ≤ tolerance·|b| as vectors. */
const assertNear = (a: ArrayLike<number>, b: ArrayLike<number>, tolerance: number, what: string): void => {
  const difference = Math.hypot(...Array.from(a, (x, i) => x - b[i])), scale = Math.hypot(...Array.from(b));
  assert(a.length === b.length && difference <= tolerance * scale, `${what}: ${difference} of ${scale}`);
};

/** Ã of a path's starts in float64, their first actions by θ. */
const reference = (world: World, path: PathTerm, theta: ArrayLike<number>): number[] => {
  const count = path.weight.length, no = world.normalizer.mean.length;
  return Array.from({ length: count }, (_, i) => {
    const start = Array.from(path.observation.subarray(i * no, (i + 1) * no));
    const stepsOf = (x: Float32Array) => {
      const width = x.length / (count * path.horizon);
      return Array.from(
        { length: path.horizon },
        (_, j) => Array.from(x.subarray((j * count + i) * width, (j * count + i + 1) * width)),
      );
    };
    const noise = stepsOf(path.noise), latent = stepsOf(path.latent ?? new Float32Array(0));
    return referenceAdvantage(world, start, referenceAction(world, theta, start, noise[0]), noise, path.form, latent);
  });
};

const weighted = (path: PathTerm, advantage: ReadonlyArray<number>): number =>
  advantage.reduce((sum, a, i) => sum + path.weight[i] * a, 0);

for (const [name, sizes] of Object.entries(everyTask)) {
  Deno.test(`${name}: Ã, surrogate and gradient equal those by the tape, whatever form, horizon, model, engine`, () => {
    for (const [activation, reward] of [["tanh", "known"], ["relu", "learned"]] as const) {
      const world = randomWorldOf(sizes, reward, activation, root);
      const { theta } = world.policy, moved = theta.map((t, i) => t + 0.01 * Math.cos(i));
      for (const form of forms) {
        for (const horizon of [1, 2, 5, 10]) {
          const path = randomPath(world, 70, horizon, form, root), batch = randomBatch(world, 70, root);
          const expected = [
            ...tensorEmbed(world, batch, path.noise, horizon, form, path.latent),
            ...Object.values(tensorDerivative(world, path)),
            [tensorSurrogate(world, path, moved)],
          ];
          const tape = tensorSurrogate(world, path, theta), what = `${form.weighting} ${form.termination} ${horizon}`;
          for (const [kernels, engine] of engines) {
            const found = on(engine, () => [
              ...embed(world, batch, path.noise, horizon, form, path.latent),
              ...Object.values(pathDerivative(world, path)),
              [pathSurrogate(world, path, moved)],
            ]);
            expected.forEach((each, i) => assertNear(found[i], each, 1e-4, `${kernels} ${what}: ${i}`));
            // at θ: known from the gradient, and computed all the same
            const there = () => [theta, theta.slice()].map((at) => pathSurrogate(world, path, at));
            on(engine, () => (pathGradient(world, path), there()))
              .forEach((x) => assertAlmostEquals(x, tape, 1e-4 * Math.abs(tape) + 1e-6));
          }
        }
      }
    }
  });

  Deno.test(`${name}: surrogate and gradient equal float64 and its differences along random directions`, () => {
    const world = randomWorldOf(sizes, "known", "tanh", root), { theta } = world.policy;
    for (const form of forms) {
      for (const horizon of [1, 2, 5, 10]) {
        const path = randomPath(world, 9, horizon, form, root), [, engine] = engines[engines.length - 2];
        const advantage = reference(world, path, theta), size = Math.hypot(...advantage);
        const surrogate = on(engine, () => pathSurrogate(world, path, theta));
        assertLess(Math.abs(surrogate - weighted(path, advantage)), 2e-5 * size);
        const gradient = on(engine, () => pathGradient(world, path)), scale = Math.hypot(...gradient);
        for (let d = 0; d < 6; d++) {
          const direction = Float64Array.from(theta, makeStream(fold(root, d)).normal);
          const at = (h: number) =>
            weighted(path, reference(world, path, Array.from(theta, (t, i) => t + h * direction[i])));
          const slope = gradient.reduce((sum, g, i) => sum + g * direction[i], 0);
          assertLess(
            Math.abs(slope - (at(1e-5) - at(-1e-5)) / 2e-5),
            1e-4 * scale,
            `${JSON.stringify(form)} ${horizon}`,
          );
        }
      }
    }
  });
}

Deno.test("imagined states of the walkers' worlds lie within and beyond the bound; others have none", () => {
  for (const [name, sizes] of Object.entries(tasks)) {
    const world = randomWorldOf(sizes, "known", "tanh", root),
      { bound } = world.normalizer,
      { observationSize } = sizes;
    if (bound === undefined) {
      assert(["reacher", "swimmer"].includes(name));
      continue;
    }
    const states = randomStates(world, 70, fold(root, "s"));
    const beyond = states.filter((x, i) => Math.abs(x) > bound[i % observationSize]).length;
    const bounded = 70 * bound.filter((most) => most === SMALL_BOUND).length;
    assert(beyond > 0.2 * bounded && beyond < 0.5 * bounded, `${name}: ${beyond} of ${bounded}`);
  }
});

Deno.test("a surrogate known from its gradient is not taken for that of another θ, policy, normaliser or task", () => {
  const world = randomWorldOf(tasks.hopper, "known", "tanh", root), { theta } = world.policy;
  const path = randomPath(world, 9, 2, forms[0], root), moved = theta.map((t) => t + 0.05);
  const normalizer = { ...world.normalizer, mean: world.normalizer.mean.map((m) => m + 0.1) };
  const survival = world.task.survival, task: ImaginedTask = { ...world.task, survival: () => [] };
  assertGreater(survival(float64Algebra, new Array(11).fill(0)).length, 0);
  const others: ReadonlyArray<readonly [World, Float32Array]> = [
    [world, moved],
    [{ ...world, policy: { ...world.policy, theta: moved } }, theta],
    [{ ...world, normalizer }, theta],
    [{ ...world, task }, theta],
  ];
  on(engines[0][1], () => {
    const fresh = others.map(([other, at]) => pathSurrogate(other, path, at));
    pathGradient(world, path);
    const known = pathSurrogate(world, path, theta);
    assertEquals(others.map(([other, at]) => pathSurrogate(other, path, at)), fresh);
    fresh.forEach((surrogate, i) => assert(Math.abs(surrogate - known) > 1e-4 * Math.abs(known), `${i} differs`));
  });
});

Deno.test("rows beyond one chunk count, the last chunk being smaller", () => {
  const world = randomWorldOf(tasks.hopper, "known", "tanh", root), form = forms[2], n = 2500;
  const path = randomPath(world, n, 3, form, root), batch = randomBatch(world, n, root);
  const tape = [...tensorEmbed(world, batch, path.noise, 3, form), tensorDerivative(world, path).gradient];
  for (const [name, engine] of engines) {
    const found = on(engine, () => [...embed(world, batch, path.noise, 3, form), pathGradient(world, path)]);
    found.forEach((each, i) => assertNear(each, tape[i], 1e-4, `${name} ${i}`));
  }
});

Deno.test("no rows and no steps give zeros and nothing", () => {
  const world = randomWorldOf(tasks.hopper, "known", "tanh", root);
  const path = randomPath(world, 0, 3, forms[0], root);
  on(engines[0][1], () => {
    assertEquals(pathGradient(world, path), new Float32Array(world.policy.theta.length));
    assertEquals(pathSurrogate(world, path, world.policy.theta), 0);
    assertEquals(embed(world, randomBatch(world, 4, root), new Float32Array(0), 0, forms[0]), []);
  });
});

Deno.test("a network that is not a number shows in Ã and in the gradient", () => {
  const world = randomWorldOf(tasks.swimmer, "known", "tanh", root),
    model = { ...world.model, theta: world.model.theta.map(() => NaN) };
  const path = { ...randomPath(world, 5, 2, forms[0], root), model };
  on(engines[0][1], () => {
    assert(embed({ ...world, model }, randomBatch(world, 5, root), path.noise, 2, forms[0])[0].every(Number.isNaN));
    assert(pathGradient(world, path).some(Number.isNaN));
  });
});

/** The heap with its allocations counted; from allocation `failing` on, none succeeds. */
const countingHeap = (failing: number): { heap: Heap; live: Set<number>; made: () => number } => {
  const live = new Set<number>();
  let made = 0;
  const allocate = (bytes: number) => {
    if (made++ >= failing) throw new OutOfMemory(bytes);
    const address = heap.allocate(bytes);
    live.add(address);
    return address;
  };
  const free = (address: number) => {
    live.delete(address);
    heap.free(address);
  };
  return { heap: { ...heap, allocate, free }, live, made: () => made };
};

const runAll = (world: World, path: PathTerm): void => {
  embed(world, randomBatch(world, path.weight.length, root), path.noise, path.horizon, path.form);
  pathSurrogate(world, path, world.policy.theta.slice()); // never known from a gradient
  pathGradient(world, path);
};

Deno.test("rollouts leave no tensor and no memory behind, and allocate no more the second time", () => {
  const world = randomWorldOf(tasks.walker2d, "known", "tanh", root), path = randomPath(world, 200, 4, forms[0], root);
  const counting = countingHeap(Infinity), tensors = tensorCount();
  const engine = makeHeapEngine(counting.heap, simd, makeWasmGemm(heap, simd)); // its multiplication allocates elsewhere
  on(engine, () => {
    runAll(world, path); // makes the programs' tables, which stay
    const [tables, before] = [counting.live.size, counting.made()];
    runAll(world, path);
    const [made, bytes] = [counting.made() - before, heap.memory.buffer.byteLength];
    assertGreater(made, 0);
    for (let i = 0; i < 50; i++) runAll(world, path);
    assertEquals(counting.made(), before + 51 * made);
    assertEquals([heap.memory.buffer.byteLength, counting.live.size], [bytes, tables]);
    assertEquals(tables, 1);
  });
  assertEquals(tensorCount(), tensors);
});

Deno.test("a full heap raises OutOfMemory, leaves nothing allocated, and later rollouts go on", () => {
  const world = randomWorldOf(tasks.hopper, "known", "tanh", root), path = randomPath(world, 50, 2, forms[0], root);
  const { heap: full, live } = countingHeap(0);
  on(makeHeapEngine(full, simd, makeWasmGemm(heap, simd)), () => {
    for (const run of [() => pathGradient(world, path), () => pathSurrogate(world, path, world.policy.theta)]) {
      assertThrows(run, OutOfMemory);
    }
    assertThrows(() => embed(world, randomBatch(world, 50, root), path.noise, 2, forms[0]), OutOfMemory);
  });
  assertEquals(live.size, 0);
  on(engines[0][1], () => assert(pathGradient(world, path).every(Number.isFinite)));
});

Deno.test("a heap that is full at any allocation of a rollout leaves at most the programs' table", () => {
  const world = randomWorldOf(tasks.hopper, "known", "tanh", root), path = randomPath(world, 50, 2, forms[0], root);
  for (let failing = 0; failing < 3; failing++) {
    const { heap: full, live } = countingHeap(failing);
    on(makeHeapEngine(full, simd, makeWasmGemm(heap, simd)), () => {
      for (let i = 0; i < 3; i++) assertThrows(() => pathGradient(world, path), OutOfMemory);
    });
    assert(live.size <= 1, `${failing}: ${live.size}`);
  }
});

Deno.test("memory that grows during a rollout moves the heap, not the result", () => {
  const world = randomWorldOf(tasks.reacher, "known", "tanh", root), path = randomPath(world, 60, 3, forms[0], root);
  const own = makeWasmGemm(heap, simd), size = heap.memory.buffer.byteLength, taken: number[] = [];
  let calls = 0;
  const growing = makeHeapEngine(heap, simd, (...args) => {
    if (++calls === 4 || calls === 20) taken.push(heap.allocate(heap.memory.buffer.byteLength)); // as much again
    own(...args);
  });
  const [moved, still] = [growing, engines[0][1]].map((engine) => on(engine, () => pathGradient(world, path)));
  assertEquals(taken.length, 2);
  assertGreater(heap.memory.buffer.byteLength, 2 * size);
  taken.forEach(heap.free);
  assertEquals(moved, still);
});
