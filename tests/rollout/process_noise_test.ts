/** Process noise: disturbs what the actuators get, and nothing else. */
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { fold, makeStream } from "../../src/math/random.ts";
import { makeActor } from "../../src/rollout/actor.ts";
import { inlineSampler } from "../../src/rollout/inline.ts";
import { workerSampler } from "../../src/rollout/workers.ts";
import { advance } from "../../src/tasks/advance.ts";
import { defineTask } from "../../src/tasks/define_task.ts";
import { tasks } from "../../src/tasks/registry.ts";
import { withTaskOptions } from "../../src/tasks/task_options.ts";
import { dataOf, stateOf } from "../tasks/planar.ts";
import { collectWith, key, normalizerFor, policyFor, requestFor } from "./collection.ts";

const noisy = withTaskOptions(tasks.hopper, { processNoise: 0.3 });

Deno.test("a task without options stays the task that it was", () => {
  assert(withTaskOptions(tasks.hopper, { processNoise: 0 }) === tasks.hopper);
  assertEquals(noisy.processNoise, 0.3);
});

Deno.test("the actuators get the clipped action plus σ·ξ, the reward the action alone", () => {
  const actor = makeActor(noisy, policyFor(noisy), normalizerFor(noisy)), alike = dataOf(noisy);
  const start = Float64Array.of(0, 1.25, 0, -0.1, -0.2, 0.1, 0, 0, 0, 0, 0, 0), state = new Float64Array(12);
  actor.enter(start);
  noisy.simulator.write(alike, start);
  const draws = [0.5, -1, 2], stream = { ...makeStream(key), normal: () => draws.shift()! };
  const reward = actor.take(Float32Array.of(0.25, 3, -0.5), 0, stream);
  advance(tasks.hopper, alike, Float64Array.of(0.25 + 0.15, 1 - 0.3, -0.5 + 0.6));
  actor.read(state);
  assertEquals(state, stateOf(noisy, alike));
  assertEquals(reward, tasks.hopper.reward(start, Float64Array.of(0.25, 1, -0.5), alike));
  assertEquals(draws, []);
});

/** A control that is narrow, one that is wide and one that is never negative, each added to what is observed. */
const levers = defineTask({
  name: "levers",
  stateSize: 3,
  timeLimit: 10,
  observationSize: 3,
  controlRange: [[-0.25, 0.75], [-4, 4], [2, 6]],
  reset: (_stream, state) => state.fill(0),
  step: (state, control) => state.forEach((x, j) => state[j] = x + control[j]),
  observe: (state, out) => out.set(state),
  reward: (_before, action) => action[0] + 10 * action[1] + 100 * action[2],
});

Deno.test("controls have ranges of any width: actions are clipped to them, noise is counted in their halves", () => {
  const act = (processNoise: number, draws: number[], ...action: number[]) => {
    const task = withTaskOptions(levers, { processNoise });
    const actor = makeActor(task, policyFor(task), normalizerFor(task)), state = new Float64Array(3);
    actor.enter([0, 0, 0]);
    const reward = actor.take(Float32Array.from(action), 0, { ...makeStream(key), normal: () => draws.shift()! });
    actor.read(state);
    assertEquals(draws, []);
    return [...state, reward];
  };
  assertEquals(act(0, [], -9, 9, 0), [-0.25, 4, 2, -0.25 + 40 + 200]);
  assertEquals(act(0, [], 9, -9, 9), [0.75, -4, 6, 0.75 - 40 + 600]);
  assertEquals(act(0, [], 0.5, -1.5, 3), [0.5, -1.5, 3, 0.5 - 15 + 300]); // within: as they are
  // half ranges .5, 4 and 2: deviations .25, 2 and 1; the reward knows the action alone
  assertEquals(act(0.5, [1, -1, 2], 0.25, 1, 3), [0.5, -1, 5, 0.25 + 10 + 300]);
  assertEquals(act(0.5, [9, -9, -9], 0.25, 1, 3), [0.75, -4, 2, 0.25 + 10 + 300]); // within the range again
});

Deno.test("noise is the same in workers, differs by environment and key, and leaves the policy's own noise alone", async () => {
  const request = requestFor(noisy, 3, 40), calm = requestFor(tasks.hopper, 3, 40);
  const other = { ...request, key: fold(request.key, 1) };
  const [inline, without, elsewhere] = await collectWith(inlineSampler, [request, calm, other]);
  assertEquals((await collectWith(workerSampler(2), [request]))[0], inline);
  assertNotEquals(inline.batch.reward, without.batch.reward);
  assertNotEquals(inline.batch.reward, elsewhere.batch.reward);
  assertEquals(inline.batch.noise, without.batch.noise);
  // Before any step the observation is that of the calm task; the first step's change differs in each environment.
  assertEquals(inline.batch.observation.subarray(0, 33), without.batch.observation.subarray(0, 33));
  const moved = [0, 1, 2].map((n) =>
    inline.batch.nextObservation[n * 11 + 5] - without.batch.nextObservation[n * 11 + 5]
  );
  assertEquals(new Set(moved).size, 3);
  assert(moved.every((x) => x !== 0));
});
