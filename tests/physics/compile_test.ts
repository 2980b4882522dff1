import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { body, capsule, hinge, plane, slide, sphere } from "../../src/physics/description.ts";
import {
  type BodyDescription,
  compile,
  hopper,
  type ModelDescription,
  reacher,
  swimmer,
  walker2d,
} from "../../src/physics/physics.ts";

// Published by MuJoCo 3.14 for the same figures (body_invweight0, translational; dof_invweight0).
const BODY_INVWEIGHT: Readonly<Record<string, ReadonlyArray<number>>> = {
  hopper: [0, .084922396, .051923310, .049595119, .066902711],
  walker2d: [0, .085316498, .060516379, .062997195, .134745765, .060516379, .062997195, .134745765],
};
const DOF_INVWEIGHT: Readonly<Record<string, ReadonlyArray<number>>> = {
  hopper: [.917357304, .842309232, .900038144],
  walker2d: [12.1061528, 9.59529494, 18.2114221, 12.1061528, 9.59529494, 18.2114221],
  swimmer: [.385293342, .393333674],
  reacher: [.999821155, 327.479307, 327.479307],
};

for (const description of [hopper, walker2d, swimmer, reacher]) {
  Deno.test(`inverse weights have the published values: ${description.name}`, () => {
    const m = compile(description);
    BODY_INVWEIGHT[m.name]?.forEach((value, b) => assertAlmostEquals(m.bodyInvweight0[b], value, 6e-10));
    const limited = Array.from(m.limit.dof, (dof) => m.dofInvweight0[dof]);
    assertEquals(limited.length, DOF_INVWEIGHT[m.name].length);
    limited.forEach((value, i) => assertAlmostEquals(value, DOF_INVWEIGHT[m.name][i], 6e-9 * value));
  });
}

Deno.test("contact softness: hopper's own solimp, MuJoCo's defaults elsewhere", () => {
  // hopper: tc .02, d1 .8: K = 1/(.64·.0004) = 3906.25, B = 2/(.8·.02) = 125
  const { pair } = compile(hopper);
  assertAlmostEquals(pair.stiffness[0], 3906.25, 1e-9);
  assertAlmostEquals(pair.damping[0], 125, 1e-12);
  // default: d1 .95: K = 1/(.9025·.0004) = 2770.0831…, B = 2/(.95·.02) = 105.263…
  for (const soft of [compile(walker2d).pair, compile(hopper).limit]) {
    assertAlmostEquals(soft.stiffness[0], 1 / (.9025 * .0004), 1e-9);
    assertAlmostEquals(soft.damping[0], 2 / .019, 1e-11);
  }
});

Deno.test("a short time constant is raised to two steps", () => {
  // Δt = .02: tc = max(.02, .04), so B = 2/(.95·.04)
  assertAlmostEquals(compile({ ...swimmer, timestep: 0.02 }).limit.damping[0], 2 / .038, 1e-11);
});

const pairNames = (d: ModelDescription): ReadonlyArray<string> => {
  const { geom, pair } = compile(d);
  return Array.from(pair.geom1, (g, i) => `${geom.name[g]} ${geom.name[pair.geom2[i]]} ${pair.friction[i]}`);
};

Deno.test("only the pairs that MuJoCo would test collide", () => {
  assertEquals(pairNames(hopper), [
    "floor torso_geom 1",
    "floor thigh_geom 1",
    "floor leg_geom 1",
    "floor foot_geom 2",
    "torso_geom leg_geom 0",
    "torso_geom foot_geom 0",
    "thigh_geom foot_geom 0",
  ]);
  const frictions = pairNames(walker2d).map((name) => name.split(" ").at(-1));
  assertEquals(frictions, ["0.9", "0.9", "0.9", "1.9", "0.9", "0.9", "1.9"]);
  assertEquals([pairNames(swimmer), pairNames(reacher)], [[], []]);
});

Deno.test("row arrays hold every point, limit and self pair at once", () => {
  // hopper: floor 4·2 points · 3 rows + 3 self pairs · 2 + 3 limits · 2; walker2d: 7·2·3 + 6·2
  assertEquals([compile(hopper).nconMax, compile(hopper).nefcMax], [14, 36]);
  assertEquals([compile(walker2d).nconMax, compile(walker2d).nefcMax], [14, 54]);
});

Deno.test("the margins of two geoms add up", () => {
  compile(hopper).pair.margin.forEach((margin) => assertAlmostEquals(margin, 0.002, 1e-18));
});

const rod = capsule("rod", [0, 0, 0], [1, 0, 0], 0.1);
const model = (bodies: ReadonlyArray<BodyDescription>, rest: Partial<ModelDescription> = {}) => ({
  ...reacher,
  actuators: [],
  ...rest,
  bodies,
});

Deno.test("what the planar engine does not support is named", () => {
  const cases: ReadonlyArray<readonly [ModelDescription, string]> = [
    [model([body("a", [0, 0, 0], [hinge("j", [1, 0, 0])], [rod])]), "the axis of every hinge must be"],
    [
      model([body("a", [0, 0, 0], [hinge("j", [0, 0, 1]), hinge("k", [0, 0, 1])], [rod])]),
      'hinges of body "a" must be at most one: current value is 2',
    ],
    [
      model([body("a", [0, 0, 0], [hinge("j", [0, 0, 1]), slide("k", [1, 0, 0])], [rod])]),
      "slides before the hinge",
    ],
    [
      model([body("a", [0, 0, 0], [hinge("j", [0, 0, 1])], [rod], [
        body("b", [1, 0, 0], [slide("k", [1, 0, 0])], [rod]),
      ])]),
      "must be the world",
    ],
    [
      model([body("a", [0, 0, 0], [slide("s", [0, 0, 1]), hinge("j", [0, 0, 1])], [rod])]),
      "distinct positive axes of the plane",
    ],
    [model([body("a", [0, 0, 0], [hinge("j", [0, 0, 1])], [])]), "mass matrix must be positive definite"],
    [
      { ...reacher, actuators: [{ ...reacher.actuators[0], gear: Infinity }] },
      'each "actuatorGear" must be finite: current value is Infinity',
    ],
    [{ ...reacher, timestep: 0 }, "the timestep must be positive: current value is 0"],
    [
      { ...reacher, actuators: [{ joint: "elbow", gear: 1, ctrlrange: [-1, 1] }] },
      'must be a joint of the model: current value is "elbow"',
    ],
    [
      {
        ...hopper,
        actuators: [],
        geoms: [plane("floor", [0, 0, 0])],
        bodies: [body("a", [0, 0, 1], [hinge("j", [0, 1, 0])], [sphere("ball", [1, 0.2, 0], 0.1)])],
      },
      "in the plane of motion",
    ],
  ];
  for (const [description, message] of cases) assertThrows(() => compile(description), Error, message);
});
