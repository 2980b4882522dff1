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
  generator.next().value!.qpos.fill(9);
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

Deno.test("a replay that leaves the real numbers says where", () => {
  const broken = { qpos: [0, 0, 0, 0, 0], qvel: [0, 0, NaN, 0, 0] };
  const error = assertThrows(() => [...replay(swimmer, broken, [[0, 0]])], PhysicsDiverged);
  assertInstanceOf(error, PhysicsDiverged);
  assertEquals([error.task, error.step], ["swimmer", 0]);
  assertEquals(error.name, "PhysicsDiverged");
});

Deno.test("a replay refuses states and actions of another size", () => {
  assertThrows(() => [...replay(swimmer, { ...rest, qpos: [0] }, [])], RangeError, "must be 5: current value is 1");
  assertThrows(() => [...replay(swimmer, rest, [[0]])], RangeError, "size of action must be 2: current value is 1");
});
