/** Closed forms and properties that need no other engine. */
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { makeKey, makeStream } from "../../src/math/random.ts";
import {
  type BodyDescription,
  compile,
  type Data,
  forward,
  hopper,
  kinematics,
  makeData,
  type Model,
  type ModelDescription,
  models,
  reacher,
  Status,
  step,
  stepGeneric,
} from "../../src/physics/physics.ts";

const MODELS = Object.values(models);

const withoutLosses = (body: BodyDescription): BodyDescription => ({
  ...body,
  joints: body.joints.map((joint) => ({ ...joint, damping: 0, stiffness: 0, range: null })),
  bodies: body.bodies.map(withoutLosses),
});

/** The same bodies with nothing that takes energy: no damping, limits, floor, medium. */
const conservative = (d: ModelDescription): Model =>
  compile({
    ...d,
    timestep: 0.0005,
    integrator: "rk4",
    density: 0,
    viscosity: 0,
    geoms: [],
    bodies: d.bodies.map((body) => ({
      ...withoutLosses(body),
      geoms: body.geoms.map((geom) => ({ ...geom, contype: 0 })),
    })),
  });

/** Position of each body's centre of mass, (u, v) in m. */
const centers = (m: Model, d: Data): ReadonlyArray<readonly [number, number]> =>
  Array.from({ length: m.nbody - 1 }, (_, i) => {
    const b = i + 1, l = m.bodyLink[b], u = m.bodyCom[2 * b], v = m.bodyCom[2 * b + 1];
    const cos = Math.cos(d.linkAngle[l]), sin = Math.sin(d.linkAngle[l]);
    return [d.linkAnchor[2 * l] + cos * u - sin * v, d.linkAnchor[2 * l + 1] + sin * u + cos * v] as const;
  });

/** ½ wᵀ M w − Σ m g·c, in J. */
const energy = (m: Model, d: Data): number => {
  forward(m, d);
  let kinetic = 0;
  for (let i = 0; i < m.nv; i++) {
    kinetic += 0.5 * d.linkMass[i * m.nv + i] * d.linkVel[i] ** 2;
    for (let j = 0; j < i; j++) kinetic += d.linkMass[i * m.nv + j] * d.linkVel[i] * d.linkVel[j];
  }
  const fall = centers(m, d).map(([u, v], i) => m.bodyMass[i + 1] * (m.gravity[0] * u + m.gravity[1] * v));
  return kinetic - fall.reduce((sum, x) => sum + x, 0);
};

const shake = (m: Model, d: Data, seed: number, size: number): void => {
  const stream = makeStream(makeKey(seed));
  for (let j = 0; j < m.nq; j++) {
    d.qpos[j] = m.qpos0[j] + size * (2 * stream.uniform() - 1);
    d.qvel[j] = size * stream.normal();
  }
};

for (const description of MODELS) {
  Deno.test(`energy is conserved where nothing takes it: ${description.name}`, () => {
    const m = conservative(description), d = makeData(m);
    shake(m, d, 5, 1);
    const before = energy(m, d);
    for (let i = 0; i < 1000; i++) assertEquals(step(m, d), Status.ok);
    // RK4's error per unit time is of order h⁴: here below 1e-9 of the energies involved.
    assertAlmostEquals(energy(m, d), before, 1e-8 * Math.max(1, Math.abs(before)));
  });

  Deno.test(`the result is a function of (qpos, qvel, ctrl) alone, bit for bit: ${description.name}`, () => {
    const m = compile(description), used = makeData(m);
    shake(m, used, 1, 0.1);
    for (let i = 0; i < 300; i++) {
      for (let k = 0; k < m.nu; k++) used.ctrl[k] = Math.sin(i * (k + 1));
      const fresh = makeData(m);
      fresh.qpos.set(used.qpos);
      fresh.qvel.set(used.qvel);
      fresh.ctrl.set(used.ctrl);
      step(m, used);
      step(m, fresh);
      assertEquals(fresh.qpos, used.qpos);
      assertEquals(fresh.qvel, used.qvel);
    }
  });

  Deno.test(`kinematics after a step is that of the current qpos: ${description.name}`, () => {
    const m = compile(description), d = makeData(m), other = makeData(m);
    shake(m, d, 2, 0.3);
    step(m, d);
    kinematics(m, d);
    other.qpos.set(d.qpos);
    kinematics(m, other);
    assertEquals(d.xpos, other.xpos);
  });
}

Deno.test("the centre of mass of a free body falls along a parabola", () => {
  const m = conservative(hopper), d = makeData(m);
  shake(m, d, 3, 1);
  const mass = m.bodyMass.reduce((sum, x) => sum + x, 0);
  const center = (axis: 0 | 1) => {
    kinematics(m, d);
    return centers(m, d).reduce((sum, c, i) => sum + (m.bodyMass[i + 1] * c[axis]) / mass, 0);
  };
  // Three equidistant points of a parabola: c(2T) − 2c(T) + c(0) = g T² with T = 100·0.0005 s.
  const points: Array<readonly [number, number]> = [];
  for (let i = 0; i <= 200; i++) {
    if (i % 100 === 0) points.push([center(0), center(1)]);
    step(m, d);
  }
  const second = (axis: 0 | 1) => points[2][axis] - 2 * points[1][axis] + points[0][axis];
  assertAlmostEquals(second(0), 0, 1e-12);
  assertAlmostEquals(second(1), -9.81 * 0.05 * 0.05, 1e-12);
});

Deno.test("Reacher's fingertip follows from two angles", () => {
  const m = compile(reacher), d = makeData(m);
  d.qpos.set([0.3, 0.5, 0.11, -0.12]);
  kinematics(m, d);
  const tip = 3 * m.bodyName.indexOf("fingertip"), target = 3 * m.bodyName.indexOf("target");
  assertAlmostEquals(d.xpos[tip], 0.1 * Math.cos(0.3) + 0.11 * Math.cos(0.8), 1e-16);
  assertAlmostEquals(d.xpos[tip + 1], 0.1 * Math.sin(0.3) + 0.11 * Math.sin(0.8), 1e-16);
  assertAlmostEquals(d.xpos[tip + 2], 0.01, 1e-16);
  assertAlmostEquals(d.xpos[target], 0.11, 1e-16);
  assertAlmostEquals(d.xpos[target + 1], -0.12, 1e-16);
});

Deno.test("a limit is inactive on the limit itself and active just beyond", () => {
  const m = compile(hopper), d = makeData(m); // thigh and leg start on their upper limit 0
  forward(m, d);
  assertEquals(d.nefc, 0);
  d.qpos[3] = 1e-12;
  forward(m, d);
  assertEquals(d.nefc, 1);
});

Deno.test("controls are clamped, whatever their size; one NaN, or one that its range leaves huge, switches all off", () => {
  const acceleration = (ctrl: ReadonlyArray<number>, m = compile(reacher)): Float64Array => {
    const d = makeData(m);
    d.ctrl.set(ctrl);
    assertEquals(forward(m, d), Status.ok);
    return d.qacc;
  };
  assertEquals(acceleration([5, -7]), acceleration([1, -1]));
  assertEquals(acceleration([0.5, Infinity]), acceleration([0.5, 1]));
  assertEquals(acceleration([0.5, -1e11]), acceleration([0.5, -1]));
  assertEquals(acceleration([1, NaN]), acceleration([0, 0]));
  const wide = compile({ ...reacher, actuators: reacher.actuators.map((x) => ({ ...x, ctrlrange: [-2e10, 2e10] })) });
  assertEquals(acceleration([1, 3e10], wide), acceleration([0, 0], wide));
});

Deno.test("a state that is no number is reported and left as it was", () => {
  for (const description of MODELS) {
    for (const integrator of ["rk4", "euler"] as const) {
      const m = compile({ ...description, integrator }), d = makeData(m);
      d.qpos[1] = NaN;
      const before = d.qpos.slice();
      assertEquals(step(m, d), Status.diverged);
      assertEquals(d.qpos, before);
      d.qpos.set(m.qpos0);
      d.qvel[0] = 1e200;
      assertEquals(step(m, d), Status.diverged);
      assertEquals(d.time, 0);
    }
  }
});

Deno.test("contacts push and friction stays in its pyramid", () => {
  const m = compile(hopper), d = makeData(m), stream = makeStream(makeKey(9));
  let rows = 0;
  for (let i = 0; i < 2000; i++) {
    for (let k = 0; k < m.nu; k++) d.ctrl[k] = 2 * stream.uniform() - 1;
    assertEquals(stepGeneric(m, d), Status.ok); // the engine that leaves its rows behind
    rows += d.nefc;
    for (let r = 0; r < d.nefc; r++) assert(d.efcForce[r] >= 0);
    assert(d.nefc <= m.nefcMax && d.ncon <= m.nconMax);
  }
  assert(rows > 1000); // the hopper does fall
});
