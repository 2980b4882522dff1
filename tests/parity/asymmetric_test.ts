/**
 * A model unlike the tasks': two trees, welded bodies, oblique principal axes in a medium, gravity in the plane,
 * hinges off the origin, a branch, springs, limits of their own softness and margin, contacts between capsules and spheres
 * and with a raised floor, sites.
 */
import { assert, assertEquals, assertGreater } from "@std/assert";
import { makeKey, makeStream } from "../../src/math/random.ts";
import { body, capsule, hinge, plane, site, slide, sphere } from "../../src/physics/description.ts";
import { compile, forward, kinematics, makeData, type ModelDescription, Status } from "../../src/physics/physics.ts";
import { copyState, quantile, referenceOf, relativeError } from "./reference.ts";

const XML = `
<mujoco>
  <compiler angle="radian"/>
  <option timestep="0.004" gravity="1.5 0 -7" density="900" viscosity="0.3"/>
  <default><geom type="capsule" condim="3" friction="0.6"/></default>
  <worldbody>
    <geom name="floor" type="plane" size="9 9 9" pos="0 0 -0.3" friction="0.8" solimp="0.7 0.99 0.02" solref="0.03 0.7"/>
    <body name="trunk" pos="0.1 0 0.4">
      <joint type="slide" axis="0 0 1" ref="0.2" damping="0.5"/>
      <joint type="hinge" axis="0 1 0" pos="0.05 0 -0.1" ref="0.3" damping="0.2" armature="0.03" stiffness="3" springref="0.4"/>
      <geom name="trunk" fromto="0 0 0 0.5 0 0.2" size="0.06" condim="1"/>
      <geom name="spur" fromto="0.5 0 0.2 0.4 0 0.5" size="0.04"/>
      <body name="knob" pos="0.45 0 0.5">
        <geom name="knob" type="sphere" size="0.07" margin="0.02"/>
        <site name="eye" pos="0.1 0.3 0.2"/>
        <body name="arm" pos="0.1 0 0">
          <joint type="hinge" axis="0 -1 0" pos="0 0 0.02" range="-1 0.5" limited="true" armature="0.02"
            margin="0.1" solreflimit="0.03 0.6" solimplimit="0.2 0.97 0.05" stiffness="1"/>
          <geom name="arm" fromto="0 0 0 0.3 0 -0.2" size="0.05"/>
        </body>
      </body>
      <body name="tail" pos="-0.1 0 0">
        <joint type="hinge" axis="0 1 0" range="-0.8 0.8" limited="true" damping="0.1"/>
        <geom name="tail" fromto="0 0 0 -0.4 0 -0.1" size="0.03" density="500"/>
      </body>
    </body>
    <body name="pole" pos="0.7 0 0.1">
      <joint type="hinge" axis="0 1 0" armature="0.1"/>
      <geom name="pole" fromto="0 0 0 0 0 0.6" size="0.05" margin="0.01"/>
      <geom name="bob" type="sphere" pos="0 0 0.6" size="0.15" condim="1"/>
    </body>
  </worldbody>
</mujoco>`;

const BASE = { friction: 0.6 } as const;

const arm = body("arm", [0.1, 0, 0], [
  hinge("arm", [0, -1, 0], {
    pos: [0, 0, 0.02],
    range: [-1, 0.5],
    armature: 0.02,
    margin: 0.1,
    solref: [0.03, 0.6],
    solimp: [0.2, 0.97, 0.05],
    stiffness: 1,
  }),
], [
  capsule("arm", [0, 0, 0], [0.3, 0, -0.2], 0.05, BASE),
]);
const knob = body(
  "knob",
  [0.45, 0, 0.5],
  [],
  [
    sphere("knob", [0, 0, 0], 0.07, { ...BASE, margin: 0.02 }),
  ],
  [arm],
  [site("eye", [0.1, 0.3, 0.2])],
);
const tail = body("tail", [-0.1, 0, 0], [hinge("tail", [0, 1, 0], { range: [-0.8, 0.8], damping: 0.1 })], [
  capsule("tail", [0, 0, 0], [-0.4, 0, -0.1], 0.03, { ...BASE, density: 500 }),
]);
const trunk = body("trunk", [0.1, 0, 0.4], [
  slide("lift", [0, 0, 1], { ref: 0.2, damping: 0.5 }),
  hinge("tilt", [0, 1, 0], {
    pos: [0.05, 0, -0.1],
    ref: 0.3,
    damping: 0.2,
    armature: 0.03,
    stiffness: 3,
    springref: 0.4,
  }),
], [
  capsule("trunk", [0, 0, 0], [0.5, 0, 0.2], 0.06, { ...BASE, condim: 1 }),
  capsule("spur", [0.5, 0, 0.2], [0.4, 0, 0.5], 0.04, BASE),
], [knob, tail]);
const pole = body("pole", [0.7, 0, 0.1], [hinge("pole", [0, 1, 0], { armature: 0.1 })], [
  capsule("pole", [0, 0, 0], [0, 0, 0.6], 0.05, { ...BASE, margin: 0.01 }),
  sphere("bob", [0, 0, 0.6], 0.15, { ...BASE, condim: 1 }),
]);

const description: ModelDescription = {
  name: "asymmetric",
  timestep: 0.004,
  integrator: "rk4",
  gravity: [1.5, 0, -7],
  density: 900,
  viscosity: 0.3,
  geoms: [plane("floor", [0, 0, -0.3], { friction: 0.8, solimp: [0.7, 0.99, 0.02], solref: [0.03, 0.7] })],
  bodies: [trunk, pole],
  actuators: [],
};

Deno.test("a model unlike the tasks agrees with MuJoCo too", () => {
  const m = compile(description), d = makeData(m), reference = referenceOf(XML, "tight", "rk4");
  const { model, data } = reference, stream = makeStream(makeKey(4)), errors: number[] = [], forces: number[] = [];
  let capsules = 0, contacts = 0, spheres = 0, balls = 0, floored = 0;
  const weights = Float64Array.from({ length: m.nbody }, (_, b) => model.body_invweight0[2 * b]);
  assert(relativeError(m.bodyInvweight0, weights) < 1e-13, "bodyInvweight0");
  assert(relativeError(m.dofInvweight0, model.dof_invweight0) < 1e-13, "dofInvweight0");
  for (let i = 0; i < 3000; i++) {
    for (let j = 0; j < m.nq; j++) {
      d.qpos[j] = m.qpos0[j] + 1.5 * (2 * stream.uniform() - 1);
      d.qvel[j] = 3 * stream.normal();
    }
    copyState(d, reference);
    reference.forward();
    assertEquals(forward(m, d), Status.ok);
    assertEquals(d.ncon, data.ncon);
    for (let c = 0; c < d.ncon; c++, contacts++) {
      const pair = d.contactPair[c], [one, two] = [m.pair.geom1[pair], m.pair.geom2[pair]];
      capsules += m.geom.isPlane[one] === 1 ? 0 : 1;
      spheres += m.geom.isSphere[one] === 1 && m.geom.isSphere[two] === 0 ? 1 : 0;
      balls += m.geom.isSphere[one] === 1 && m.geom.isSphere[two] === 1 ? 1 : 0;
      if (m.geom.isPlane[one] === 1) floored += m.geom.isSphere[two];
    }
    kinematics(m, d);
    assert(relativeError(d.xpos, data.xpos) < 1e-14, "xpos");
    assert(relativeError(d.siteXpos, data.site_xpos) < 1e-14, "siteXpos");
    forces.push(relativeError(d.qfrcConstraint, data.qfrc_constraint, 1));
    errors.push(relativeError(d.qacc, data.qacc));
  }
  assertGreater(capsules, 100);
  for (const count of [spheres, balls, floored]) assertGreater(count, 50);
  assertGreater(contacts - capsules, 500);
  if (Deno.env.has("MSCV_SHOW")) {
    console.log(
      "asymmetric",
      quantile(errors, 0.5),
      quantile(errors, 0.99),
      quantile(forces, 0.99),
      spheres,
      balls,
      floored,
    );
  }
  assert(quantile(forces, 0.99) <= 2e-12, `qfrcConstraint: ${quantile(forces, 0.99)}`);
  assert(quantile(errors, 0.5) <= 1e-14 && quantile(errors, 0.99) <= 2e-12, `${quantile(errors, 0.99)}`);
});
