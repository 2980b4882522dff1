/**
 * Samplers differ in where the work runs, never in the bits.
 *
 * @module
 */
import { assert, assertEquals, assertInstanceOf, assertNotEquals } from "@std/assert";
import * as Effect from "effect/Effect";
import { fold } from "../../src/math/random.ts";
import { inlineSampler } from "../../src/rollout/inline.ts";
import { Sampler } from "../../src/rollout/sampler.ts";
import { workerSampler } from "../../src/rollout/workers.ts";
import { PhysicsDiverged } from "../../src/tasks/physics_diverged.ts";
import { tasks } from "../../src/tasks/registry.ts";
import type { Task } from "../../src/tasks/task.ts";
import { collectWith, requestFor } from "./collection.ts";

const all = Object.values(tasks);
const requests = all.map((task) => requestFor(task, 4, 60));

Deno.test("one, two and three workers give the same bits as the inline sampler, for every task, with resets", async () => {
  const inline = await collectWith(inlineSampler, requests);
  for (const workers of [1, 2, 3]) {
    const there = await collectWith(workerSampler(workers), requests);
    all.forEach(({ name }, i) => assertEquals(there[i], inline[i], `${name} with ${workers} workers`));
  }
  all.forEach(({ name }, i) => {
    const { batch } = inline[i];
    // Others fall; Reacher's episodes last 50 of the 60 steps, Pusher's 100; the others never end before their 1000.
    const lasts = ["halfCheetah", "humanoidStandup", "pusher", "swimmer"].includes(name);
    assertEquals(batch.episodeReturns.length > 0, !lasts, name);
  });
});

Deno.test("more workers than environments do no harm", async () => {
  const request = requestFor(tasks.swimmer, 2, 5);
  const [[inline], [workers]] = await Promise.all([
    collectWith(inlineSampler, [request]),
    collectWith(workerSampler(3), [request]),
  ]);
  assertEquals(workers, inline);
});

Deno.test("the same key gives the same bits, another key other noise and other resets", async () => {
  const request = requestFor(tasks.hopper, 2, 10);
  const [a, b, c] = await collectWith(inlineSampler, [request, request, { ...request, key: fold(request.key, 1) }]);
  assertEquals(a, b);
  assertNotEquals(a.batch.noise, c.batch.noise);
  assertNotEquals(a.batch.observation.subarray(0, 11), c.batch.observation.subarray(0, 11));
});

Deno.test("environments have streams of their own: one more environment leaves the others' bits", async () => {
  const [two, three] = await collectWith(inlineSampler, [
    requestFor(tasks.hopper, 2, 30),
    requestFor(tasks.hopper, 3, 30),
  ]);
  for (let t = 0; t < 30; t++) {
    for (let n = 0; n < 2; n++) assertEquals(three.batch.reward[3 * t + n], two.batch.reward[2 * t + n]);
  }
  const noise = Array.from({ length: 30 }, (_, t) => [0, 1, 2].map((n) => three.batch.noise[(3 * t + n) * 3])).flat();
  assertEquals(new Set(noise).size, 90);
});

Deno.test("a policy that is not a number gives PhysicsDiverged with its task, environment and step", async () => {
  for (const [layer, where] of [[inlineSampler, "inline"], [workerSampler(2), "in workers"]] as const) {
    for (const task of all) {
      const request = requestFor(task, 3, 5);
      const theta = request.policy.theta.map(() => NaN);
      const error = await Effect.gen(function* () {
        const { sample } = yield* Sampler;
        return yield* Effect.flip(sample({ ...request, policy: { ...request.policy, theta } }));
      }).pipe(Effect.provide(layer), Effect.runPromise);
      assertInstanceOf(error, PhysicsDiverged);
      assertEquals([error._tag, error.quantity], ["PhysicsDiverged", "action[0]"]);
      assertEquals([error.task, error.environment, error.step], [task.name, 0, 0], where);
      assert(error.message.includes(`${task.name}`) && error.message.includes("environment 0"), error.message);
    }
  }
});

/** Where to put NaN: x of a walker is observed by nobody, so that the physics tells it; a velocity is observed. */
const brokenEntry = ({ name, simulator }: Task, entry: string) =>
  entry === "x"
    ? {
      at: 0,
      quantity: ["invertedDoublePendulum", "invertedPendulum", "pusher", "reacher"].includes(name)
        ? "observation["
        : "qpos[0]",
    }
    : {
      at: name === "invertedDoublePendulum" ? 5 : simulator.stateSize - 1,
      quantity: name === "reacher" ? "qvel[3]" : "observation[",
    }; // the target's

Deno.test("a state that is not a number names the environment that has it", async () => {
  for (const task of all) {
    const request = requestFor(task, 3, 5);
    const [{ envs }] = await collectWith(inlineSampler, [request]);
    for (const { at, quantity } of ["x", "velocity"].map((entry) => brokenEntry(task, entry))) {
      const state = envs.state.slice();
      state[2 * task.simulator.stateSize + at] = NaN; // of the last environment
      const error = await Effect.gen(function* () {
        const { sample } = yield* Sampler;
        return yield* Effect.flip(sample({ ...request, envs: { ...envs, state } }));
      }).pipe(Effect.provide(inlineSampler), Effect.runPromise);
      assertInstanceOf(error, PhysicsDiverged);
      assertEquals([error.task, error.environment, error.step], [task.name, 2, 0]);
      assertEquals(error.quantity.startsWith(quantity), true, `${task.name}: ${error.quantity}`);
    }
  }
});

Deno.test("a step that diverges later is named by its own number", async () => {
  // The reward of the task turns NaN where the environment has run 7 steps: after the step of index 6.
  const { swimmer } = tasks;
  let calls = 0;
  const task = {
    ...swimmer,
    reward: (...x: Parameters<typeof swimmer.reward>) => ++calls === 7 ? NaN : swimmer.reward(...x),
  };
  const error = await Effect.gen(function* () {
    const { sample } = yield* Sampler;
    return yield* Effect.flip(sample({ ...requestFor(swimmer, 2, 20), task }));
  }).pipe(Effect.provide(inlineSampler), Effect.runPromise);
  assertInstanceOf(error, PhysicsDiverged);
  const message = "Cannot simulate swimmer in step 6 of environment 0 as reward must be finite: current value is NaN";
  assertEquals([error.environment, error.step, error.message], [0, 6, message]);
});
