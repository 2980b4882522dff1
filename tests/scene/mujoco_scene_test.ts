/**
 * Scenes of the tasks on MuJoCo's own engine, and which tasks a page can simulate.
 *
 * @module
 */
import { assertAlmostEquals, assertEquals, assertGreater } from "@std/assert";
import { makeKey, makeStream } from "../../src/math/random.ts";
import { playable } from "../../src/page/playable.ts";
import { POSE } from "../../src/scene/scene.ts";
import { needsPreparation, prepareTask } from "../../src/tasks/prepare.ts";
import { tasks } from "../../src/tasks/registry.ts";

const others = Object.keys(tasks).filter((name) => needsPreparation(tasks[name]));

Deno.test("a page simulates the built-in tasks that need no engine to be loaded, and no others", () => {
  assertEquals(Object.keys(playable).sort(), Object.keys(tasks).filter((name) => !others.includes(name)).sort());
  for (const [name, task] of Object.entries(playable)) assertEquals(task === tasks[name], true, name);
  assertGreater(others.length, 3);
});

for (const name of others) {
  Deno.test(`${name}: all of its solids have a pose that is one, and drawing leaves the simulation as it is`, async () => {
    const task = tasks[name], { simulator, scene } = task;
    await prepareTask(task);
    const { solids } = scene!, poses = new Float64Array(solids.length * POSE).fill(NaN);
    const run = (draw: boolean): number[] => {
      const data = simulator.make(), state = new Float64Array(simulator.stateSize);
      task.reset(makeStream(makeKey(1)), data);
      for (let t = 0; t < 5; t++) {
        simulator.step(data, new Float64Array(task.actionSize).fill(0.3));
        if (draw) scene!.place(data, poses);
      }
      simulator.read(data, state);
      return [...state];
    };
    assertEquals(run(true), run(false));
    for (let i = 0; i < solids.length; i++) {
      const rows = [0, 1, 2].map((r) => [...poses.slice(i * POSE + 3 + 3 * r, i * POSE + 6 + 3 * r)]);
      rows.forEach((row) => assertAlmostEquals(Math.hypot(...row), 1, 1e-9, solids[i].name));
    }
    if (name === "pusher") { // what is pushed and where to differ in colour
      const tones = solids.filter(({ shape }) => shape === "cylinder").map((solid) => solid.tone);
      assertEquals([new Set(tones).size, tones.length >= 2], [tones.length, true]);
    }
    if (name !== "ant") return;
    // Ant's torso is a sphere of .25 m at the free joint's position; each of its legs has three capsules
    const state = run(true), torso = solids.findIndex((solid) => solid.shape === "sphere");
    assertEquals([solids[torso].size, scene!.follows], [[0.25], torso]);
    [0, 1, 2].forEach((k) => assertAlmostEquals(poses[torso * POSE + k], state[k], 1e-12));
    assertEquals(solids.filter(({ shape }) => shape === "capsule").length, 12);
    const tones = [...new Set(solids.map(({ tone }) => tone))];
    assertEquals(tones, ["ground", 0, 1, 2, 3, 4]); // a colour a leg
  });
}
