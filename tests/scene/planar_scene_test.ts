/**
 * Where solids are drawn, held against MuJoCo's poses of the same geoms.
 *
 * @module
 */
import { assertAlmostEquals, assertEquals } from "@std/assert";
import { makeKey, makeStream } from "../../src/math/random.ts";
import type { Data } from "../../src/physics/physics.ts";
import { POSE } from "../../src/scene/scene.ts";
import { playable } from "../../src/page/playable.ts";
import { tasks } from "../../src/tasks/registry.ts";
import type { Task } from "../../src/tasks/task.ts";
import { makeReference } from "../parity/reference.ts";

const planar = Object.keys(playable);

/** (task) ⇒ data far from rest: every joint turned by up to 1.5 rad, the root moved by up to 1.5 m. */
const somewhere = (task: Task<Data>): Data => {
  const stream = makeStream(makeKey(7)), data = task.simulator.make();
  for (let i = 0; i < data.qpos.length; i++) data.qpos[i] = 3 * stream.uniform() - 1.5;
  return data;
};

/** (numbers of a pose) ⇒ its own z axis in the world. */
const axisOf = (pose: ArrayLike<number>, at: number): number[] => [5, 8, 11].map((i) => pose[at + i]);

for (const name of planar) {
  Deno.test(`${name}: every geom is where MuJoCo has it, and lies as it does there`, () => {
    const task = tasks[name] as Task<Data>, { solids, place } = task.scene!, data = somewhere(task);
    const poses = new Float64Array(solids.length * POSE).fill(NaN);
    place(data, poses);
    const { model, data: theirs, forward } = makeReference(name);
    theirs.qpos.set(data.qpos);
    forward();
    const named = Array.from({ length: model.ngeom }, (_, g) => [model.geom(g).name as string, g] as const);
    const ours = solids.flatMap((solid, i) => {
      const found = named.find(([geom]) => geom === solid.name);
      return found === undefined ? [] : [{ solid, i, g: found[1] }];
    });
    assertEquals(ours.length, named.length); // all of MuJoCo's are drawn
    for (const { solid, i, g } of ours) {
      for (let k = 0; k < 3; k++) {
        assertAlmostEquals(poses[i * POSE + k], theirs.geom_xpos[3 * g + k], 1e-12, `${solid.name} ${k}`);
      }
      if (solid.shape !== "capsule") continue;
      assertAlmostEquals(solid.size[0], model.geom_size[3 * g], 1e-12);
      assertAlmostEquals(solid.size[1], model.geom_size[3 * g + 1], 1e-12);
      const axis = axisOf(poses, i * POSE), other = [2, 5, 8].map((k) => theirs.geom_xmat[9 * g + k]);
      const along = axis.reduce((sum, x, k) => sum + x * other[k], 0);
      assertAlmostEquals(Math.abs(along), 1, 1e-12, solid.name); // a capsule has no front
    }
  });
}

Deno.test("rotations are rotations: own axes of unit length, at right angles, right-handed", () => {
  for (const name of planar) {
    const task = tasks[name] as Task<Data>,
      { solids, place } = task.scene!,
      poses = new Float64Array(solids.length * POSE);
    place(somewhere(task), poses);
    for (let i = 0; i < solids.length; i++) {
      const [x, y, z] = [0, 1, 2].map((c) => [0, 1, 2].map((r) => poses[i * POSE + 3 + 3 * r + c]));
      const dot = (a: number[], b: number[]) => a.reduce((sum, v, k) => sum + v * b[k], 0);
      const cross = [x[1] * y[2] - x[2] * y[1], x[2] * y[0] - x[0] * y[2], x[0] * y[1] - x[1] * y[0]];
      for (const [a, b, wanted] of [[x, x, 1], [y, y, 1], [x, y, 0], [cross, z, 1]] as const) {
        assertAlmostEquals(dot(a, b), wanted, 1e-12, `${name} ${solids[i].name}`);
      }
    }
  }
});

Deno.test("a push changes the velocity of the root's slides and nothing else; an arm that is bolted down has none", () => {
  const state = new Float64Array(12); // of Hopper: 6 positions, then 6 velocities; x and z come first
  tasks.hopper.scene!.push!(state, [0.5, 9, -0.25]);
  assertEquals([...state], [0, 0, 0, 0, 0, 0, 0.5, -0.25, 0, 0, 0, 0]);
  const swimming = new Float64Array(10); // 5 and 5; x and y
  tasks.swimmer.scene!.push!(swimming, [0.5, 0.25, 9]);
  assertEquals([...swimming], [0, 0, 0, 0, 0, 0.5, 0.25, 0, 0, 0]);
  assertEquals(tasks.reacher.scene!.push, undefined);
});

Deno.test("drawing reads a state: the physics go on with the same bits", () => {
  const task = tasks.walker2d as Task<Data>, poses = new Float64Array(task.scene!.solids.length * POSE);
  const run = (draw: boolean): number[] => {
    const data = task.simulator.make();
    task.reset(makeStream(makeKey(1)), data);
    for (let t = 0; t < 40; t++) {
      task.simulator.step(data, Float64Array.of(1, -1, 1, -1, 0.5, 0));
      if (draw) task.scene!.place(data, poses);
    }
    return [...data.qpos, ...data.qvel];
  };
  assertEquals(run(true), run(false));
});
