/** Bodies with mass properties of their own, on the planar engine as in MuJoCo. */
import { assertEquals, assertLess, assertMatch, assertNotEquals, assertThrows } from "@std/assert";
import { compileMjcf } from "../../src/mujoco/compile.ts";
import { loadMujoco } from "../../src/mujoco/engine.ts";
import { NotPlanar, planarDescription, planarModel } from "../../src/mujoco/planar.ts";
import { changePhysics, compile, makeData, type Model, step } from "../../src/physics/physics.ts";

const mujoco = await loadMujoco();

/** A jumper on a floor: an inertial off the centre with turned axes, one by its tensor, solids of two densities; a puck. */
const jumper = (medium = "", tilt = "0 20 0") =>
  `<mujoco>
  <compiler angle="degree"/><option timestep="0.002" integrator="RK4" ${medium}/>
  <worldbody>
    <geom type="plane" size="0 0 1"/>
    <body name="trunk" pos="0 0 .9">
      <joint name="x" type="slide" axis="1 0 0"/><joint name="z" type="slide" axis="0 0 1"/>
      <joint name="turn" axis="0 1 0"/>
      <inertial pos=".05 0 .1" euler="${tilt}" mass="4" diaginertia=".3 .2 .1"/>
      <geom type="capsule" fromto="-.2 0 0 .2 0 0" size=".05"/>
      <body name="thigh" pos="0 0 -.05">
        <joint name="hip" axis="0 -1 0" damping=".5" pos="0 0 .05"/>
        <inertial pos="0 0 -.2" mass="1.5" fullinertia=".02 .03 .01 0 .004 0"/>
        <geom type="capsule" fromto="0 0 0 0 0 -.35" size=".04"/>
        <body name="foot" pos="0 0 -.4">
          <joint name="ankle" axis="0 -1 0" range="-60 60" limited="true"/>
          <geom type="capsule" fromto="-.1 0 0 .2 0 0" size=".05" density="300"/>
          <geom type="sphere" pos="-.1 0 0" size=".05" density="2500"/>
        </body>
      </body>
    </body>
    <body name="puck" pos="1 0 .1">
      <joint name="slide" type="slide" axis="1 0 0" damping=".1"/><joint name="lift" type="slide" axis="0 0 1"/>
      <inertial pos="0 0 0" mass=".7" diaginertia=".01 .01 .01"/>
      <geom type="sphere" size=".1"/>
    </body>
  </worldbody>
  <actuator><motor joint="hip" gear="40" ctrlrange="-1 1"/><motor joint="ankle" gear="20" ctrlrange="-1 1"/></actuator>
</mujoco>`;

/** (MJCF, what is done with MuJoCo's model first) ⇒ largest distance of both engines over .8 s, and steps in contact. */
const follow = (xml: string, read: (m: ReturnType<typeof compileMjcf>) => Model) => {
  const m = compileMjcf(mujoco, { name: "jumper.xml", xml }), model = read(m), d = new mujoco.MjData(m);
  Object.assign(m.opt, { tolerance: 1e-15, iterations: 500, ls_tolerance: 1e-6, ls_iterations: 500 });
  const data = makeData(model);
  let difference = 0, contacts = 0;
  for (let i = 0; i < 400; i++) {
    const control = [Math.sin(0.05 * i), -Math.cos(0.08 * i)];
    data.ctrl.set(control);
    (d.ctrl as Float64Array).set(control);
    assertEquals(step(model, data), 0);
    mujoco.mj_step(m, d);
    contacts += d.ncon > 0 ? 1 : 0;
    for (let j = 0; j < model.nq; j++) difference = Math.max(difference, Math.abs(data.qpos[j] - d.qpos[j]));
  }
  const weights = Array.from(model.bodyInvweight0, (x, b) => Math.abs(x - m.body_invweight0[2 * b]));
  d.delete();
  m.delete();
  return { difference, contacts, weights: Math.max(...weights) };
};

const planar = (m: ReturnType<typeof compileMjcf>) => planarModel(mujoco, m, "jumper.xml");

for (const medium of ["", 'density="1000" viscosity=".3"']) {
  Deno.test(`inertials, and solids of several densities, follow MuJoCo ${medium === "" ? "in a vacuum" : "in a medium"}`, () => {
    const { difference, contacts, weights } = follow(jumper(medium), planar);
    assertLess(weights, 1e-12);
    assertLess(difference, 1e-9);
    assertLess(100, contacts);
  });
}

Deno.test("axes that leave the plane move nothing in a vacuum; in a medium they are refused", () => {
  assertLess(follow(jumper("", "30 20 10"), planar).difference, 1e-9);
  const m = compileMjcf(mujoco, { name: "jumper.xml", xml: jumper('density="1000"', "30 20 10") });
  const { message } = assertThrows(() => planar(m), NotPlanar) as NotPlanar;
  assertMatch(
    message,
    /it has each inertia of body "trunk" out of the plane must be 0 in a medium: current value is \.?\d/,
  );
  m.delete();
});

Deno.test("a factor of mass changes inertials too, as it does MuJoCo's model", () => {
  const factors = { friction: 1, damping: 1, armature: 1, stiffness: 1, gravity: 1, gear: 1 };
  const heavy = (m: ReturnType<typeof compileMjcf>): Model => {
    const all = { ...factors, mass: 1.4, fluidDensity: 1, fluidViscosity: 1 };
    const model = compile(changePhysics(planarDescription(mujoco, m, "jumper.xml"), all));
    for (const values of [m.body_mass, m.body_inertia] as Float64Array[]) values.forEach((x, i) => values[i] = 1.4 * x);
    const d = new mujoco.MjData(m);
    mujoco.mj_setConst(m, d);
    d.delete();
    return model;
  };
  assertLess(follow(jumper(), heavy).difference, 1e-9);
});

Deno.test("an inertial that is what the solids say is left out, another centre is not", () => {
  const given = (inertial: string) => {
    const xml =
      `<mujoco><worldbody><body name="arm"><joint axis="0 1 0"/>${inertial}<geom size=".1"/></body></worldbody></mujoco>`;
    const m = compileMjcf(mujoco, { name: "arm.xml", xml });
    const [{ inertial: found }] = planarDescription(mujoco, m, "arm.xml").bodies;
    m.delete();
    return found;
  };
  const mass = 1000 * 4 / 3 * Math.PI * 1e-3, moment = 0.4 * mass * 0.01; // of a ball of .1 m
  const ball = (pos: string) => `<inertial pos="${pos}" mass="${mass}" diaginertia="${moment} ${moment} ${moment}"/>`;
  assertEquals(given(""), undefined);
  assertEquals(given(ball("0 0 0")), undefined);
  assertEquals(given(ball("0 0 .02"))?.pos, [0, 0, 0.02]);
  assertNotEquals(
    given(ball("0 0 0").replace("/>", ' euler="0 0 30"/>').replace(`${moment}`, `${1.5 * moment}`)),
    undefined,
  );
});
