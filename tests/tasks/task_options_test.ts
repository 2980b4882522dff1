/** Options that a task owns: the task at their defaults, at others, and what refuses them. */
import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { TaskInvalid } from "../../src/tasks/check_task.ts";
import { defineTask, isTask } from "../../src/tasks/define_task.ts";
import { count, option } from "../../src/options/options.ts";
import { referenceOf } from "../../src/tasks/reference.ts";
import { optionsOf, withoutOptions, withTaskOptions } from "../../src/tasks/task_options.ts";
import type { Task } from "../../src/tasks/task.ts";
import { lever } from "./lever.ts";
import { pendulum } from "./pendulum.ts";

/** (task) ⇒ where a force of 1 N moves it from 1. */
const moved = (task: Task<Float64Array>): number => {
  const state = Float64Array.of(1, 0);
  task.simulator.step(state, Float64Array.of(1));
  return state[0];
};

Deno.test("a task that owns options is the task at their defaults, and is made with others", () => {
  const strong = withTaskOptions(lever, { gain: 4, senses: "change" });
  assertEquals([lever, strong].map(moved), [1.5, 5]);
  assertEquals([lever.observationSize, strong.observationSize], [1, 2]);
  assertEquals([lever, strong].map((task) => task.terminated(Float64Array.of(9, 0))), [false, false]);
  assertEquals(withTaskOptions(strong, { reach: 9 }).terminated(Float64Array.of(9, 0)), true);
  assertEquals(optionsOf(strong), { processNoise: 0, gain: 4, reach: 10, senses: "change" });
  assertEquals(optionsOf(pendulum), { processNoise: 0 });
  assert(isTask(strong) && strong.name === "lever");
});

Deno.test("options that are not given stay; equal options are the same task", () => {
  const noisy = withTaskOptions(lever, { gain: 2, processNoise: 0.3 }), stronger = withTaskOptions(noisy, { gain: 3 });
  assertEquals(optionsOf(stronger), { processNoise: 0.3, gain: 3, reach: 10, senses: "place" });
  assertStrictEquals(withTaskOptions(lever, { gain: 0.5, processNoise: 0 }), lever);
  assertStrictEquals(withTaskOptions(noisy, { processNoise: 0 }).reward, withTaskOptions(lever, { gain: 2 }).reward);
  assertEquals(withTaskOptions(noisy, { processNoise: 0 }).processNoise, undefined);
  assertEquals(optionsOf(withoutOptions(noisy)), optionsOf(lever));
});

Deno.test("what a copy of a task overrides stays, whatever its options become", () => {
  const paid: Task<Float64Array> = { ...lever, name: "paidLever", reward: () => 7, modules: ["file:///there.ts"] };
  const strong = withTaskOptions(paid, { gain: 4 });
  assertEquals([moved(strong), strong.reward(Float64Array.of(0, 0), Float64Array.of(0), Float64Array.of(3, 0))], [
    5,
    7,
  ]);
  assertEquals([strong.name, strong.modules], ["paidLever", ["file:///there.ts"]]);
  assertEquals(referenceOf(strong).options, { processNoise: 0, gain: 4, reach: 10, senses: "place" });
});

Deno.test("an option that is not there, out of its range or at odds with another is refused with those that there are", () => {
  const refuse = (options: object, ...words: ReadonlyArray<string>) =>
    words.forEach((word) => assertThrows(() => withTaskOptions(lever as Task, options), RangeError, word));
  refuse({ gian: 1 }, 'Cannot make task "lever"', '"gian"', "its options are processNoise, gain, reach, senses");
  refuse({ gain: 0 }, '["gain"]', "greater than 0");
  refuse({ gain: 11 }, "Expected below reach, 10");
  refuse({ processNoise: -1 }, '["processNoise"]');
  assertThrows(() => withTaskOptions(pendulum as Task, { gain: 1 }), RangeError, "its options are processNoise");
});

Deno.test("a task is checked with the options that it is made with, and takes no name that every task's option has", () => {
  const sized = defineTask({
    name: "sized",
    options: { size: option(count, 1, "numbers that it observes") },
    make: ({ size }) => ({
      stateSize: 1,
      timeLimit: 3,
      observationSize: size,
      controlRange: [[-1, 1]],
      reset: (_stream, state) => state.fill(0),
      step: () => {},
      observe: (state, out) => out.set(state),
      reward: () => 0,
    }),
  });
  assertThrows(() => withTaskOptions(sized, { size: 2 }), TaskInvalid, "observation[1] is NaN, or was not written");
  assertThrows(
    () => defineTask({ name: "noisy", options: { processNoise: option(count, 1, "") }, make: () => pendulum }),
    TaskInvalid,
    'no option may be called "processNoise"',
  );
});
