/** Tasks from a module of their own: the same bits in workers, and faults that name task, environment, step and place. */
import { assert, assertEquals, assertInstanceOf, assertMatch, assertThrows } from "@std/assert";
import * as Effect from "effect/Effect";
import type * as Layer from "effect/Layer";
import { inlineSampler } from "../../src/rollout/inline.ts";
import { type SampleError, Sampler } from "../../src/rollout/sampler.ts";
import { workerSampler } from "../../src/rollout/workers.ts";
import { PhysicsDiverged } from "../../src/tasks/physics_diverged.ts";
import { referenceOf, taskAt, TaskUnreachable } from "../../src/tasks/reference.ts";
import { getTask } from "../../src/tasks/registry.ts";
import { TaskDefect } from "../../src/tasks/task_defect.ts";
import { type Task, withModules } from "../../src/tasks/task.ts";
import { withTaskOptions } from "../../src/tasks/task_options.ts";
import { lever } from "../tasks/lever.ts";
import { blindCart, pendulum } from "../tasks/pendulum.ts";
import { collectWith, requestFor } from "./collection.ts";
import * as faulty from "./faulty_tasks.ts";

const address = (file: string): string => new URL(file, import.meta.url).href;
const own = withModules(pendulum, [address("./faulty_tasks.ts"), address("../tasks/pendulum.ts")]);

const failureOf = (layer: Layer.Layer<Sampler>, task: Task, environments = 2): Promise<SampleError> =>
  Effect.gen(function* () {
    const { sample } = yield* Sampler;
    return yield* Effect.flip(sample(requestFor(task, environments, 12)));
  }).pipe(Effect.provide(layer), Effect.runPromise);

Deno.test("workers import an own task, and give the same bits as this thread, with process noise too", async () => {
  const requests = [own, withTaskOptions(own, { processNoise: 0.2 }), withModules(blindCart, own.modules!)]
    .map((task) => requestFor(task, 3, 230));
  const inline = await collectWith(inlineSampler, requests);
  assertEquals(await collectWith(workerSampler(2), requests), inline);
  assertEquals(inline.map(({ batch }) => batch.terminated.some((x) => x === 1)), [false, false, true]);
  assertEquals(inline[0].batch.episodeLengths, Int32Array.of(200, 200, 200));
  assert(inline[0].batch.reward.some((r, i) => r !== inline[1].batch.reward[i]), "noise is sent with the task");
});

Deno.test("workers make a task with the options that it owns: the same bits as here, and others than by default", async () => {
  const there = withModules(lever, [address("../tasks/lever.ts")]);
  const strong = withTaskOptions(there, { gain: 2, senses: "change" });
  const requests = [there, strong].map((task) => requestFor(task, 3, 40));
  const inline = await collectWith(inlineSampler, requests);
  assertEquals(await collectWith(workerSampler(2), requests), inline);
  assertEquals(inline.map(({ batch }) => batch.observation.length), [120, 240]);
  assert(inline[0].batch.reward.some((r, i) => r !== inline[1].batch.reward[i]), "a gain moves it otherwise");
});

Deno.test("a copy of an own task that something was written over is refused by workers: they would make the original", () => {
  const reward = () => 1, strong = withTaskOptions(withModules(lever, [address("../tasks/lever.ts")]), { gain: 2 });
  for (const task of [own, withTaskOptions(own, { processNoise: 0.2 }), strong]) {
    referenceOf(task); // can be made there
    const copies: ReadonlyArray<Task> = [
      { ...task, reward },
      withTaskOptions<Task>({ ...task, reward }, { processNoise: 0.1 }),
    ];
    for (const copy of copies) {
      const words =
        `"${task.name}" to a worker as a module must export it: reward is not as its module's "${task.name}" has it`;
      assertThrows(() => referenceOf(copy), TaskUnreachable, words);
    }
  }
});

Deno.test("a reference is made the same task again: name, options, modules", async () => {
  const noisy = withTaskOptions(own, { processNoise: 0.2 }), again = await taskAt(referenceOf(noisy));
  assertEquals(referenceOf(again), referenceOf(noisy));
  assertEquals(referenceOf(noisy).options, { processNoise: 0.2 });
});

Deno.test("a task that no module exports cannot be sent: told before, and by the worker", async () => {
  assertThrows(() => referenceOf(pendulum), TaskUnreachable, 'Cannot send task "pendulum" to a worker');
  assertInstanceOf(await failureOf(workerSampler(2), pendulum), TaskUnreachable);
  const elsewhere = await failureOf(workerSampler(2), withModules(pendulum, [address("./faulty_tasks.ts")]));
  assertMatch(
    elsewhere.message,
    /"pendulum" to a worker as a module must export it: none of file:.*faulty_tasks.ts does$/,
  );
  const missing = await failureOf(workerSampler(2), withModules(pendulum, [address("./nowhere.ts")]));
  assertEquals([missing._tag, missing.task], ["TaskUnreachable", "pendulum"]);
  assertMatch(missing.message, /nowhere\.ts/);
});

Deno.test("a built-in task that was written over is not sent under its name; with options it is", async () => {
  const hopper = getTask("hopper"), options = { healthyReward: 2, processNoise: 0.1 };
  const idle: Task = { ...withTaskOptions(hopper, options), reward: () => 0 };
  const { message } = assertThrows(() => referenceOf(idle), TaskUnreachable) as TaskUnreachable;
  assertMatch(
    message,
    /"hopper" to a worker as a module must export it: reward is not as this package's "hopper" has it/,
  );
  assertInstanceOf(await failureOf(workerSampler(1), idle), TaskUnreachable);
  const imposter = { ...pendulum, name: "hopper", configuration: lever.configuration };
  assertThrows(() => referenceOf(imposter), TaskUnreachable, "options is not as");
  const changed = withTaskOptions(hopper, options);
  assertEquals(referenceOf({ ...changed }), referenceOf(changed)); // a copy is the same task
  assertEquals(await taskAt(referenceOf(changed)).then(referenceOf), referenceOf(changed));
});

const inModule = (task: Task) => withModules(task, [address("./faulty_tasks.ts")]);
const places = [["here", inlineSampler], ["in a worker", workerSampler(2)]] as const;

for (const [where, layer] of places) {
  Deno.test(`${where}: what a task throws is named with its function, environment, step and line`, async () => {
    for (
      const [task, during] of [
        [faulty.breaksInStep, "step"],
        [faulty.breaksInObserve, "observe"],
        [faulty.breaksInReward, "reward"],
        [faulty.breaksInTerminated, "terminated"],
      ] as const
    ) {
      const error = await failureOf(layer, inModule(task));
      assertInstanceOf(error, TaskDefect);
      assertEquals([error.task, error.environment, error.step, error.during], [
        task.name,
        0,
        faulty.SOUND_STEPS,
        during,
      ]);
      assertMatch(
        error.message,
        new RegExp(
          `^Cannot simulate ${task.name} in step 4 of environment 0 as "${during}" must not throw: ` +
            `it threw TypeError: the clock ran out \\(at .*/faulty_tasks.ts:9:\\d+\\)$`,
        ),
      );
    }
  });

  Deno.test(`${where}: a reset that throws is a fault of the step before it`, async () => {
    const error = await failureOf(layer, inModule(faulty.breaksInReset), 1);
    assertInstanceOf(error, TaskDefect);
    assertEquals([error.during, error.step, error.environment], ["reset", faulty.SOUND_STEPS, 0]);
  });

  Deno.test(`${where}: numbers that are none are named with what they had to be`, async () => {
    for (
      const [task, quantity, value] of [
        [faulty.rewardsNothing, "reward", "NaN"],
        [faulty.leavesNumbers, "state[0]", "Infinity"],
        [faulty.observesTooLittle, "observation[1]", "NaN"],
      ] as const
    ) {
      const error = await failureOf(layer, inModule(task));
      assertInstanceOf(error, PhysicsDiverged);
      assertEquals(
        error.message,
        `Cannot simulate ${task.name} in step 4 of environment 0 as ${quantity} must be finite: current value is ${value}`,
      );
    }
  });
}
