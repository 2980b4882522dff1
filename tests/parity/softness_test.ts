/** How soft constraints are in MuJoCo: impedances at and beyond their bounds, solref's two formats, weights of carts. */
import { assert, assertEquals } from "@std/assert";
import { makeKey, makeStream } from "../../src/math/random.ts";
import { body, type BodyDescription, capsule, hinge, plane, slide, sphere } from "../../src/physics/description.ts";
import type { GeomDescription } from "../../src/physics/description.ts";
import { compile, forward, makeData, type ModelDescription, reacher, Status } from "../../src/physics/physics.ts";
import { copyState, referenceOf, relativeError } from "./reference.ts";

const base = { ...reacher, timestep: 0.002, gravity: [0, 0, -9.81], density: 0, viscosity: 0, actuators: [] } as const;

interface Softness {
  readonly solimp?: readonly [number, number, number];
  readonly solref?: readonly [number, number];
  readonly friction?: number;
}

const attributes = (soft: Softness): string =>
  Object.entries(soft).map(([name, value]) => `${name}="${[value].flat().join(" ")}"`).join(" ");

/** A capsule that moves freely above a floor, in both languages. */
const rodOnFloor = (rod: Softness, floor: Softness): readonly [ModelDescription, string] => [
  {
    ...base,
    name: "rod",
    geoms: [plane("floor", [0, 0, 0], floor)],
    bodies: [
      body("rod", [0, 0, 0], [slide("x", [1, 0, 0]), slide("z", [0, 0, 1]), hinge("turn", [0, 1, 0])], [
        capsule("rod", [0, 0, 0], [0.3, 0, 0.1], 0.06, rod),
      ]),
    ],
  },
  `<mujoco><option timestep="0.002"/><worldbody><geom type="plane" size="9 9 9" ${attributes(floor)}/><body>
    <joint type="slide" axis="1 0 0"/><joint type="slide" axis="0 0 1"/><joint type="hinge" axis="0 1 0"/>
    <geom type="capsule" fromto="0 0 0 0.3 0 0.1" size="0.06" ${attributes(rod)}/></body></worldbody></mujoco>`,
];

/** Both engines' accelerations on random states about the floor agree to 1e-10 of the largest. */
const agree = ([description, xml]: readonly [ModelDescription, string], name: string): void => {
  const m = compile(description), d = makeData(m), reference = referenceOf(xml, "tight", "rk4");
  const stream = makeStream(makeKey(3));
  let touching = 0;
  for (let i = 0; i < 200; i++) {
    d.qpos.set([stream.normal(), 0.08 * stream.uniform() - 0.02, 0.3 * stream.normal()].slice(0, m.nq));
    for (let j = 0; j < m.nv; j++) d.qvel[j] = stream.normal();
    copyState(d, reference);
    reference.forward();
    assertEquals(forward(m, d), Status.ok);
    touching += d.nefc > 0 ? 1 : 0;
    const error = relativeError(d.qacc, reference.data.qacc, 1);
    assert(error <= 1e-10, `${name}: ${error} at ${d.qpos}, ${d.qvel}`);
  }
  assert(touching > 100, `${name}: ${touching} states with constraints`);
};

Deno.test("impedances are clipped before they are interpolated, and flat where they have no width", () => {
  const cases: ReadonlyArray<readonly [number, number, number]> = [
    [0.9, 0.95, 0.001],
    [0, 0.8, 0.01], // of HalfCheetah
    [0, 1, 0.1],
    [0.2, 2, 0.1],
    [-1, 0.8, 0.1],
    [0.2, 0.8, 0],
    [0.3, 0.3, 0.1],
  ];
  for (const solimp of cases) agree(rodOnFloor({ solimp }, { solimp }), `solimp ${solimp}`);
  agree(rodOnFloor({ solimp: [-0.2, 1.4, 0.02] }, { solimp: [0.6, 0.8, 0.04] }), "means of two, then clipped");
});

Deno.test("solref is a time constant with a damping ratio, or a stiffness with a damping, or the default", () => {
  const direct = [-1000, -20] as const, mixed = [-1000, 20] as const, short = [0.001, 0.7] as const;
  for (const solref of [direct, mixed, short, [0.02, 0] as const]) {
    agree(rodOnFloor({ solref }, { solref }), `${solref}`);
  }
  agree(rodOnFloor({ solref: direct }, {}), "the lesser of both");
});

Deno.test("friction of 0 is one of 1e-5", () => {
  const [description, xml] = rodOnFloor({ friction: 0 }, { friction: 0 });
  assertEquals([...compile(description).pair.friction], [1e-5]);
  assert(referenceOf(xml, "tight", "rk4").model.geom_friction[0] === 0);
});

const FREE = slide("x", [1, 0, 0]), HEAVY = slide("x", [1, 0, 0], { armature: 2 }), UP = slide("z", [0, 0, 1]);
const pole = body("pole", [0, 0, 0.1], [hinge("pole", [0, 1, 0])], [capsule("pole", [0, 0, 0], [0, 0, 0.6], 0.04)]);
const knob = body("knob", [0, 0, 0.1], [], [sphere("knob", [0, 0, 0], 0.04)]);
const ball = sphere("ball", [0, 0, 0], 0.1), level = capsule("level", [-0.1, 0, 0], [0.1, 0, 0], 0.05);
const down = capsule("down", [0, 0, 0.1], [0, 0, -0.1], 0.05), up = capsule("up", [0, 0, -0.1], [0, 0, 0.1], 0.05);
const pair = (
  at: (x: number) => readonly [number, number, number],
) => [sphere("a", at(0.1), 0.05), sphere("b", at(-0.1), 0.05)];

const geomXml = ({ type, from, to, radius }: GeomDescription): string =>
  type === "sphere"
    ? `<geom type="sphere" pos="${from.join(" ")}" size="${radius}"/>`
    : `<geom type="capsule" fromto="${[...from, ...to].join(" ")}" size="${radius}"/>`;

const bodyXml = ({ pos, joints, geoms, bodies }: BodyDescription): string =>
  `<body pos="${pos.join(" ")}">${
    joints.map((x) =>
      `<joint type="${x.type}" axis="${x.axis.join(" ")}" pos="${
        x.pos.join(" ")
      }" ref="${x.ref}" armature="${x.armature}"/>`
    ).join("")
  }${geoms.map(geomXml).join("")}${bodies.map(bodyXml).join("")}</body>`;

Deno.test("inverse weights are MuJoCo's, for what slides alone, carries a pole, or has an inertia with a frame of its own", () => {
  const cart = (
    joints: BodyDescription["joints"],
    geoms: BodyDescription["geoms"],
    bodies: BodyDescription["bodies"] = [],
  ) => body("cart", [0.3, 0, 0], joints, geoms, bodies);
  const carts = [
    cart([FREE], [ball]),
    cart([HEAVY], [ball]),
    cart([FREE, UP], [ball]),
    cart([UP, FREE], [ball]),
    cart([FREE], [level]),
    cart([FREE], [down]),
    cart([FREE], [up]),
    cart([HEAVY, UP], [level]),
    cart([FREE], pair((x) => [x, 0, 0])),
    cart([FREE], pair((x) => [0, 0, x])),
    cart([FREE], [ball], [knob]),
    cart([FREE], [ball], [pole]),
    cart([HEAVY, UP], [level], [pole]),
    cart([FREE], [level], [{ ...knob, bodies: [pole] }]),
    cart([slide("x", [1, 0, 0], { pos: [0.1, 0, 0] })], [ball]),
    cart([slide("x", [1, 0, 0], { ref: 0.1 })], [ball]),
    cart([FREE, hinge("turn", [0, 1, 0])], [ball]),
    cart([FREE], [sphere("ball", [0.02, 0, 0], 0.1)]),
  ];
  const still = body("turning", [5, 0, 0], [hinge("turning", [0, 1, 0])], [level]); // sets the plane
  carts.forEach((x, i) => {
    const quiet = (b: BodyDescription): BodyDescription => ({
      ...b,
      geoms: b.geoms.map((geom) => ({ ...geom, contype: 0, conaffinity: 0 })),
      bodies: b.bodies.map(quiet),
    });
    const m = compile({ ...base, name: "cart", geoms: [], bodies: [quiet(x), quiet(still)] });
    const { model } = referenceOf(
      `<mujoco><worldbody>${bodyXml(x)}${bodyXml(still)}</worldbody></mujoco>`,
      "tight",
      "rk4",
    );
    const weights = Float64Array.from({ length: m.nbody }, (_, b) => model.body_invweight0[2 * b]);
    assert(relativeError(m.bodyInvweight0, weights) < 1e-13, `cart ${i}: ${m.bodyInvweight0} for ${weights}`);
    assert(relativeError(m.dofInvweight0, model.dof_invweight0) < 1e-13, `cart ${i}: ${m.dofInvweight0}`);
  });
});
