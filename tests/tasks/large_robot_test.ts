/** A robot of 200 bodies: no code is generated for it, which is said, and it moves as in MuJoCo. */
import { assertEquals, assertLess, assertThrows } from "@std/assert";
import { makeKey, makeStream } from "../../src/math/random.ts";
import { MjcfInvalid } from "../../src/mujoco/compile.ts";
import { loadMujoco } from "../../src/mujoco/engine.ts";
import { comparePhysics } from "../../src/tasks/robot/compare_physics.ts";
import { planarRobot } from "../../src/tasks/robot/engine.ts";

await loadMujoco();

/** (chains, links) ⇒ chains that hang side by side from the world, each link .1 m long, with a motor in the first hinge. */
const chains = (count: number, links: number) => {
  const chain = (c: number): string => {
    const open = Array.from({ length: links }, (_, i) =>
      `<body pos="${i === 0 ? c : 0} 0 ${i === 0 ? 0 : -0.1}">
       <joint name="j${c}_${i}" axis="0 1 0" damping=".1" armature=".01"/>
       <geom type="capsule" fromto="0 0 0 0 0 -.1" size=".02" contype="0" conaffinity="0"/>`);
    return open.join("") + "</body>".repeat(links);
  };
  return {
    name: "chains.xml",
    xml: `<mujoco><option timestep=".001"/><worldbody>${Array.from({ length: count }, (_, c) => chain(c)).join("")}
      </worldbody><actuator><motor joint="j0_0" ctrlrange="-1 1"/></actuator></mujoco>`,
  };
};

Deno.test("a robot of 200 bodies is stepped by the generic engine, which it says", () => {
  assertEquals(planarRobot(chains(4, 10)).simulator.engine!(), "the planar engine, generated code");
  const { engines, single, free } = comparePhysics(chains(10, 20), 3, makeStream(makeKey(0)));
  assertEquals(
    engines,
    "the planar engine, generic code (links 200, pairs that may touch 0: code is generated for at most 40 and 80), and " +
      "MuJoCo, compiled to WASM",
  );
  assertEquals(free.length, 3);
  assertLess(single.qpos, 1e-9);
});

Deno.test("bodies nested so deep that MuJoCo's stack would overflow are refused, and the engine goes on", () => {
  const { message } = assertThrows(() => planarRobot(chains(1, 150)), MjcfInvalid) as MjcfInvalid;
  assertEquals(message, "Cannot load chains.xml as bodies must be nested at most 100 deep: current value is 150");
  assertEquals(planarRobot(chains(1, 100)).facts.nv, 100);
});
