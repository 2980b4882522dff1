/** MJCF compiled by MuJoCo, as models of our planar engine. */
import { assertEquals, assertLess, assertThrows } from "@std/assert";
import { compileMjcf } from "../../src/mujoco/compile.ts";
import { loadMujoco } from "../../src/mujoco/engine.ts";
import { readMjcf } from "../../src/mujoco/mjcf_files.ts";
import { NotPlanar, planarModel } from "../../src/mujoco/planar.ts";
import { antMjcf } from "../../src/tasks/mjcf/ant.ts";
import { compile, makeData, type Model, models, step } from "../../src/physics/physics.ts";

const mujoco = await loadMujoco();

const modelOf = (path: string): Model => {
  const mjcf = readMjcf(path), m = compileMjcf(mujoco, mjcf);
  try {
    return planarModel(mujoco, m, "robot");
  } finally {
    m.delete();
  }
};

/** (two values of a model) ⇒ largest relative difference of their numbers. */
const distance = (a: unknown, b: unknown): number => {
  if (typeof a === "number") return Math.abs(a - (b as number)) / Math.max(1, Math.abs(a));
  if (ArrayBuffer.isView(a)) {
    const [x, y] = [a as Float64Array, b as Float64Array];
    return x.length === y.length ? Math.max(0, ...Array.from(x, (each, i) => distance(each, y[i]))) : Infinity;
  }
  if (Array.isArray(a) || typeof a === "string") return 0; // names
  return Math.max(0, ...Object.keys(a as object).map((key) => distance(a![key as never], b![key as never])));
};

for (const name of ["hopper", "walker2d", "swimmer", "reacher"]) {
  Deno.test(`${name}.xml gives the model that is written by hand`, () => {
    const read = modelOf(`fixtures/mujoco/${name}.xml`);
    for (const [key, value] of Object.entries(compile(models[name]))) {
      if (typeof value !== "string") assertLess(distance(value, read[key as keyof Model]), 1e-13, key);
    }
  });
}

Deno.test("a user's walker follows MuJoCo", () => {
  const mjcf = readMjcf("fixtures/robot/walker.xml"), m = compileMjcf(mujoco, mjcf), d = new mujoco.MjData(m);
  Object.assign(m.opt, { tolerance: 1e-15, iterations: 500, ls_tolerance: 1e-6, ls_iterations: 500 });
  const model = planarModel(mujoco, m, "walker"), data = makeData(model);
  let difference = 0, contacts = 0;
  for (let i = 0; i < 250; i++) { // 1 s
    const control = [Math.sin(0.03 * i), -Math.cos(0.05 * i)];
    data.ctrl.set(control);
    (d.ctrl as Float64Array).set(control);
    assertEquals(step(model, data), 0);
    mujoco.mj_step(m, d);
    contacts += d.ncon > 0 ? 1 : 0;
    for (let j = 0; j < model.nq; j++) difference = Math.max(difference, Math.abs(data.qpos[j] - d.qpos[j]));
  }
  assertLess(difference, 1e-9);
  assertLess(100, contacts);
  d.delete();
  m.delete();
});

Deno.test("what is not planar is named, each feature of it, with the backend that runs it", () => {
  const refusal = (xml: string) => {
    const m = compileMjcf(mujoco, { name: "robot.xml", xml });
    return (assertThrows(() => planarModel(mujoco, m, "robot.xml"), NotPlanar) as NotPlanar).message;
  };
  assertEquals(
    refusal(antMjcf),
    "Cannot simulate robot.xml on the planar engine as it must have planar features alone: it has free joints (backend: " +
      "mujoco runs it)",
  );
  const planar = (inner: string, more = "") =>
    `<mujoco>${more}<worldbody><body name="arm"><joint type="hinge" axis="0 1 0"/>${inner}</body></worldbody></mujoco>`;
  const has = (xml: string) => /it has (.*) \(backend/.exec(refusal(xml))![1];
  assertEquals(
    has(planar('<geom type="box" size=".1 .1 .1" condim="4"/>', '<option cone="elliptic"/>')),
    "geoms that are no plane, sphere or capsule; contacts of condim 4 or 6; elliptic cones",
  );
  assertEquals(
    has(planar('<geom size=".1"/><body><joint axis="1 0 0"/><geom size=".1"/></body>')),
    "the axis of every hinge must be ±y, or ±z in all: current value is [[0,1,0],[1,0,0]]",
  );
});
