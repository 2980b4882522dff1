import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { loadedMujoco, loadMujoco } from "../../src/mujoco/engine.ts";
import { getTask } from "../../src/tasks/registry.ts";

Deno.test("MuJoCo is loaded when it is asked for, once", async () => {
  assertThrows(loadedMujoco, Error, "Cannot simulate as MuJoCo must be loaded");
  const { simulator } = getTask("ant"), data = simulator.make();
  assertThrows(() => simulator.step(data, new Float64Array(8)), Error, "must be loaded");
  const [first, second] = await Promise.all([loadMujoco(), loadMujoco()]);
  assertStrictEquals(first, second);
  assertStrictEquals(loadedMujoco(), first);
  assertEquals(first.mj_versionString(), "3.14.0");
  assertEquals(simulator.step(data, new Float64Array(8)), null);
});
