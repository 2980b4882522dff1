/** Capsules against capsules, by pencil: where axes cross, run parallel, or share a line. */
import { assertAlmostEquals, assertEquals } from "@std/assert";
import { body, capsule, hinge, slide } from "../../src/physics/description.ts";
import {
  compile,
  type Data,
  forward,
  hopper,
  makeData,
  type Model,
  type ModelDescription,
  Status,
  stepGenerated,
  stepGeneric,
} from "../../src/physics/physics.ts";
import { segmentsMeet } from "../../src/physics/segments.ts";

const RADIUS = 0.1, MARGIN = 0.02;

/** A rod of length 2 that slides and turns about the origin, and a fixed one from (−1, 0) to (1, 0); both of radius .1. */
const rods = (condim: 1 | 3): ModelDescription => ({
  ...hopper,
  gravity: [0, 0, 0],
  geoms: [capsule("fixed", [-1, 0, 0], [1, 0, 0], RADIUS, { condim, margin: MARGIN })],
  bodies: [
    body("rod", [0, 0, 0], [slide("x", [1, 0, 0]), slide("z", [0, 0, 1]), hinge("turn", [0, -1, 0])], [
      capsule("rod", [-1, 0, 0], [1, 0, 0], RADIUS, { condim }),
    ]),
  ],
  actuators: [],
});

/** (contacts of the rod at (x, z), turned by `angle`) ⇒ (model, data). */
const place = (condim: 1 | 3, x: number, z: number, angle: number): readonly [Model, Data] => {
  const m = compile(rods(condim)), d = makeData(m);
  d.qpos.set([x, z, angle]);
  assertEquals(forward(m, d), Status.ok);
  return [m, d];
};

const contacts = ([, d]: readonly [Model, Data]): ReadonlyArray<ReadonlyArray<number>> =>
  Array.from({ length: d.ncon }, (_, c) => [
    d.contactDist[c],
    ...d.contactPoint.subarray(2 * c, 2 * c + 2),
    ...d.contactNormal.subarray(2 * c, 2 * c + 2),
  ]);

const close = (found: ReadonlyArray<ReadonlyArray<number>>, expected: ReadonlyArray<ReadonlyArray<number>>): void => {
  assertEquals(found.length, expected.length);
  expected.forEach((row, c) => row.forEach((x, k) => assertAlmostEquals(found[c][k], x, 1e-14)));
};

// Fixed first, so the normal goes from it to the rod. Surfaces at ±.1: dist = gap − .2, the point halfway between them.

Deno.test("axes that cross touch once, where they cross, with a normal out of the plane", () => {
  for (const angle of [0.3, Math.PI / 2, -2, 1e-3]) {
    close(contacts(place(1, 0.25, 0, angle)), [[-0.2, 0.25, 0, 0, 0]]);
  }
});

Deno.test("an end on the other axis, and two ends in one place, count as crossing", () => {
  const half = Math.SQRT1_2;
  close(contacts(place(1, 0.3 - half, half, -Math.PI / 4)), [[-0.2, 0.3, 0, 0, 0]]); // the rod's end at (.3, 0)
  close(contacts(place(1, 1 - half, half, -Math.PI / 4)), [[-0.2, 1, 0, 0, 0]]); // at the fixed one's end
});

Deno.test("parallel axes touch at the ends of the first that have the second beside them, else at the second's", () => {
  // The rod above by .15, shifted by .5: the fixed one's end (1, 0) has (1, .15) beside it, (−1, 0) only (−.5, .15):
  // apart by √(.25 + .0225) > .22. Then the rod's ends: (1.5, .15) from (1, 0) too far, (−.5, .15) above (−.5, 0).
  close(contacts(place(1, 0.5, 0.15, 0)), [[-0.05, 1, 0.075, 0, 1], [-0.05, -0.5, 0.075, 0, 1]]);
  close(contacts(place(1, 0, 0.15, Math.PI)), [[-0.05, -1, 0.075, 0, 1], [-0.05, 1, 0.075, 0, 1]]); // turned about
  close(contacts(place(1, 2.1, 0.15, 0)), [ // one behind the other: the ends (1, 0) and (1.1, .15), found from both sides
    [Math.hypot(0.1, 0.15) - 0.2, 1.05, 0.075, 0.1 / Math.hypot(0.1, 0.15), 0.15 / Math.hypot(0.1, 0.15)],
    [Math.hypot(0.1, 0.15) - 0.2, 1.05, 0.075, 0.1 / Math.hypot(0.1, 0.15), 0.15 / Math.hypot(0.1, 0.15)],
  ]);
  assertEquals(contacts(place(1, 0.5, 0.25, 0)), []);
});

Deno.test("axes on one line push along u where they are parallel to the last bit, and out of the plane else", () => {
  close(contacts(place(1, 0.5, 0, 0)), [[-0.2, 1, 0, 1, 0], [-0.2, -0.5, 0, 1, 0]]);
  // Tilted by 1.2e-15: the ends are as much from the other axis, which is rounding, but the axes have a cross product.
  close(contacts(place(1, 0.5, 0, 1.2e-15)), [[-0.2, 1, 0, 0, 0], [-0.2, -0.5, 0, 0, 0]]);
});

Deno.test("a frictionless crossing leaves the motion alone, one with friction brakes along both axes of the plane", () => {
  for (const condim of [1, 3] as const) {
    const m = compile(rods(condim)), d = makeData(m);
    d.qpos.set([0.25, 0, Math.PI / 2]);
    d.qvel.set([0.3, -0.2, 0]);
    assertEquals(forward(m, d), Status.ok);
    if (condim === 1) {
      assertEquals([d.nefc, ...d.qacc], [1, 0, 0, 0]);
      continue;
    }
    // Edges ±μJu, ±μJv (μ 1, no turning, mass m): rows push with D(aref ∓ a), aref = ∓B v + K d .22. All four push, so
    // along u: m a = D(−B v − a)·2, a = −2DB v/(m + 2D); the same along v. J of the turn: the centre is the point: 0.
    assertEquals([d.nefc, ...d.efcActive.slice(0, 4)], [4, 1, 1, 1, 1]);
    const mass = m.bodyMass[1], weight = d.efcD[0], factor = -2 * weight * m.pair.damping[0] / (mass + 2 * weight);
    assertAlmostEquals(d.qacc[0], factor * 0.3, 1e-12);
    assertAlmostEquals(d.qacc[1], factor * -0.2, 1e-12);
    assertAlmostEquals(d.qacc[2], 0, 1e-12);
  }
});

Deno.test("hopper falls freely while its torso and leg cross, in either engine, wherever it is", () => {
  const m = compile(hopper);
  for (const stepper of [stepGeneric, stepGenerated(m)!]) {
    for (const x of [0, 1, 40, -300]) {
      const d = makeData(m);
      d.qpos.set([x, 1.9, 0, -150 * Math.PI / 180, -130 * Math.PI / 180, 0]);
      for (let i = 0; i < 4; i++) assertEquals(stepper(m, d), Status.ok);
      [0, -9.81 * 0.008, 0, 0, 0, 0].forEach((v, j) => assertAlmostEquals(d.qvel[j], v, 1e-14));
    }
  }
});

Deno.test("segments that are parallel up to rounding meet where an end is near", () => {
  // Two of half length .25, tilted by 5e-7 rad: parallel by MuJoCo's rule, sin²·.25⁴ < 1e-15. Gaps at the ends .1 ∓ 1.25e-7.
  const meet = (reach: number) => segmentsMeet(0, 0.1, 0.25, 0, 0.25, 0.25 * 5e-7, reach);
  assertEquals([meet(0.1 - 1.3e-7), meet(0.1 - 1.2e-7), meet(0.1)], [false, true, true]);
});
