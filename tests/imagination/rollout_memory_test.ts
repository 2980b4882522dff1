/** Memory of rollouts: none stays behind, a full heap is an error, and growth moves no result. */
import { imaginedValue, pathDerivative, type WeightedPaths } from "./path_value.ts";
import { memberWorlds } from "../../src/imagination/world.ts";
import { assert, assertEquals, assertGreater, assertThrows } from "@std/assert";
import type { ReturnForm } from "../../src/data/gradient.ts";
import { embed } from "../../src/imagination/embed.ts";
import { makeKey } from "../../src/math/random.ts";
import { tensorCount } from "../../src/nn/kernels/backend.ts";
import { makeWasmGemm } from "../../src/nn/kernels/gemm.ts";
import type { Heap } from "../../src/nn/kernels/heap.ts";
import { makeHeapEngine } from "../../src/nn/kernels/heap_engine.ts";
import { OutOfMemory } from "../../src/nn/passes/out_of_memory.ts";
import { tasks } from "../../src/tasks/registry.ts";
import { engines, heap, on, simd } from "./engines.ts";
import { alone, randomBatch, randomPath, randomWorldOf } from "./worlds.ts";

const root = makeKey(5);
const form: ReturnForm = { discount: 0.95, weighting: "kStep", lambda: 0.9, termination: "soft" };

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

const runAll = (path: WeightedPaths): void => {
  const { world } = path, [own] = memberWorlds(world);
  embed(world, randomBatch(own, path.weight.length, root), path.noise, path.horizon, path.form);
  imaginedValue(path, world.policy.theta);
  pathDerivative(path).gradient;
};

Deno.test("rollouts leave no tensor and no memory behind, and allocate no more the second time", () => {
  const world = randomWorldOf(tasks.walker2d, "known", "tanh", root), path = randomPath(world, 200, 4, form, root);
  const counting = countingHeap(Infinity), tensors = tensorCount();
  const engine = makeHeapEngine(counting.heap, simd, makeWasmGemm(heap, simd)); // its multiplication allocates elsewhere
  on(engine, () => {
    runAll(path); // makes the programs' tables, which stay
    const [tables, before] = [counting.live.size, counting.made()];
    runAll(path);
    const [made, bytes] = [counting.made() - before, heap.memory.buffer.byteLength];
    assertGreater(made, 0);
    for (let i = 0; i < 50; i++) runAll(path);
    assertEquals(counting.made(), before + 51 * made);
    assertEquals([heap.memory.buffer.byteLength, counting.live.size], [bytes, tables]);
    assertEquals(tables, 1);
  });
  assertEquals(tensorCount(), tensors);
});

Deno.test("a full heap raises OutOfMemory, leaves nothing allocated, and later rollouts go on", () => {
  const world = randomWorldOf(tasks.hopper, "known", "tanh", root), path = randomPath(world, 50, 2, form, root);
  const { heap: full, live } = countingHeap(0);
  on(makeHeapEngine(full, simd, makeWasmGemm(heap, simd)), () => {
    for (const run of [() => pathDerivative(path).gradient, () => imaginedValue(path, world.policy.theta)]) {
      assertThrows(run, OutOfMemory);
    }
    assertThrows(() => embed(alone(world), randomBatch(world, 50, root), path.noise, 2, form), OutOfMemory);
  });
  assertEquals(live.size, 0);
  on(engines[0][1], () => assert(pathDerivative(path).gradient.every(Number.isFinite)));
});

Deno.test("a heap that is full at any allocation of a rollout leaves at most the programs' table", () => {
  const world = randomWorldOf(tasks.hopper, "known", "tanh", root), path = randomPath(world, 50, 2, form, root);
  for (let failing = 0; failing < 3; failing++) {
    const { heap: full, live } = countingHeap(failing);
    on(makeHeapEngine(full, simd, makeWasmGemm(heap, simd)), () => {
      for (let i = 0; i < 3; i++) assertThrows(() => pathDerivative(path).gradient, OutOfMemory);
    });
    assert(live.size <= 1, `${failing}: ${live.size}`);
  }
});

Deno.test("memory that grows during a rollout moves the heap, not the result", () => {
  const world = randomWorldOf(tasks.reacher, "known", "tanh", root), path = randomPath(world, 60, 3, form, root);
  const own = makeWasmGemm(heap, simd), size = heap.memory.buffer.byteLength, taken: number[] = [];
  let calls = 0;
  const growing = makeHeapEngine(heap, simd, (...args) => {
    if (++calls === 4 || calls === 20) taken.push(heap.allocate(heap.memory.buffer.byteLength)); // as much again
    own(...args);
  });
  const [moved, still] = [growing, engines[0][1]].map((engine) => on(engine, () => pathDerivative(path).gradient));
  assertEquals(taken.length, 2);
  assertGreater(heap.memory.buffer.byteLength, 2 * size);
  taken.forEach(heap.free);
  assertEquals(moved, still);
});
