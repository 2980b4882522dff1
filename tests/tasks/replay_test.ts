import { assertEquals, assertInstanceOf, assertThrows } from "@std/assert";
import { PhysicsDiverged } from "../../src/tasks/physics_diverged.ts";
import { getTask } from "../../src/tasks/registry.ts";
import { replay } from "../../src/tasks/replay.ts";

const swimmer = getTask("swimmer");
const rest = { qpos: [0, 0, 0, 0, 0], qvel: [0, 0, 0, 0, 0] };

Deno.test("a replay is lazy, repeatable, and its arrays are its caller's", () => {
  const actions = [[1, -1], [0.5, 0.5], [0, 1]];
  const first = [...replay(swimmer, rest, actions)];
  assertEquals([...replay(swimmer, rest, actions)], first);
  const generator = replay(swimmer, rest, actions);
  generator.next().value!.state.qpos.fill(9);
  assertEquals(generator.next().value, first[1]);
  assertEquals(rest.qpos, [0, 0, 0, 0, 0]);
});

Deno.test("a replay is truncated from the time limit on", () => {
  const reacher = getTask("reacher");
  const steps = [...replay(reacher, { qpos: [0, 0, 0.1, 0.1], qvel: [0, 0, 0, 0] }, Array(52).fill([0, 0]))];
  assertEquals(steps.map((step) => step.truncated).indexOf(true), 49); // the 50th step
  assertEquals(steps.slice(49).map((step) => step.truncated), [true, true, true]);
});

Deno.test("a replay continues after a termination and tells when it is over", () => {
  const upsideDown = { qpos: [0, 1.25, 2, 0, 0, 0], qvel: [0, 0, 0, 0, 0, 0] };
  const steps = [...replay(getTask("hopper"), upsideDown, [[0, 0, 0], [0, 0, 0]])];
  assertEquals(steps.map((step) => step.terminated), [true, true]);
});

const divergence = (qpos: ReadonlyArray<number>, qvel: ReadonlyArray<number>, steps = 1): PhysicsDiverged => {
  const error = assertThrows(() => [...replay(swimmer, { qpos, qvel }, Array(steps).fill([0, 0]))], PhysicsDiverged);
  assertInstanceOf(error, PhysicsDiverged);
  return error;
};

Deno.test("a replay that leaves ±1e10 names the first quantity beyond it", () => {
  const nan = divergence(rest.qpos, [0, 0, NaN, 0, 0]);
  assertEquals([nan._tag, nan.name, nan.task, nan.step], ["PhysicsDiverged", "PhysicsDiverged", "swimmer", 0]);
  assertEquals(nan.message, "Cannot simulate swimmer in step 0 as qvel[2] must be within ±1e10: current value is NaN");
  assertEquals(divergence([0, -1.5e10, 0, 0, 0], rest.qvel).quantity, "qpos[1]");
  // 100 rad/s is beyond what Runge–Kutta can integrate of a drag ∝ ω²: MuJoCo starts over here.
  assertEquals(divergence(rest.qpos, [0, 0, 100, 0, 0], 2).message.includes("as qacc[0] must be within ±1e10"), true);
});

Deno.test("a hopper that leaves 1e10 m in free flight is named by its height", () => {
  const state = { qpos: [0, 9.9999e9, 0, 0, 0, 0], qvel: [0, 9e9, 0, 0, 0, 0] }; // 1.8e7 m in .002 s
  const error = assertThrows(() => [...replay(getTask("hopper"), state, [[0, 0, 0]])], PhysicsDiverged);
  assertEquals((error as PhysicsDiverged).quantity, "qpos[1]");
});

Deno.test("a replay refuses actions that are no finite number", () => {
  for (const bad of [NaN, Infinity, -Infinity]) {
    const steps = [[0, 0], [0, bad]];
    assertThrows(
      () => [...replay(swimmer, rest, steps)],
      RangeError,
      `Cannot replay step 1 as action[1] must be finite: current value is ${bad}`,
    );
  }
});

Deno.test("a replay refuses states and actions of another size", () => {
  assertThrows(() => [...replay(swimmer, { ...rest, qpos: [0] }, [])], RangeError, "must be 5: current value is 1");
  assertThrows(() => [...replay(swimmer, rest, [[0]])], RangeError, "size of action must be 2: current value is 1");
});
