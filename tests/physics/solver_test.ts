import { assert, assertEquals, assertGreater } from "@std/assert";
import { makeKey, makeStream, type Stream } from "../../src/math/random.ts";
import {
  compile,
  type Data,
  forward,
  hopper,
  makeData,
  type Model,
  Status,
  walker2d,
} from "../../src/physics/physics.ts";
import { objectiveGradient, searchAcceleration } from "../../src/physics/linesearch.ts";

/** Far beyond what a simulation meets: deep in the floor, all limits passed, up to 300 rad/s. */
const extremeState = (m: Model, d: Data, stream: Stream): void => {
  const speed = 10 ** (2 * stream.uniform());
  for (let j = 0; j < m.nq; j++) {
    d.qpos[j] = m.qpos0[j] + 3 * (2 * stream.uniform() - 1);
    d.qvel[j] = 3 * speed * stream.normal();
  }
  d.qpos[1] = 1.2 * stream.uniform();
  for (let i = 0; i < m.nu; i++) d.ctrl[i] = 2 * stream.uniform() - 1;
};

/** States in which the active set alone cycles, found by search among two hundred and fifty thousand. */
const CYCLING: ReadonlyArray<{ readonly qpos: ReadonlyArray<number>; readonly qvel: ReadonlyArray<number> }> = [
  {
    qpos: [0, 0.301, 0.005, -0.609, 1.075, -2.311, -2.882, 2.299, -2.76],
    qvel: [94.1, 91.2, 70.6, -2.6, -25.6, 35.6, 97.8, -48.5, 181.9],
  },
  {
    qpos: [0, 0.159, 0.417, -2.117, -2.615, -2.918, 1.269, -0.469, -1.227],
    qvel: [-13.8, 33.5, -24.8, -45.3, 33.5, -7.6, 46, 65.6, -17.8],
  },
  {
    qpos: [0, 0.016, -1.731, 0.81, -2.434, -1.194, 0.639, -1.274, 1.685],
    qvel: [-38.1, -265, 295.7, 314.5, 37.8, 294.5, -44.3, -277.1, -43.7],
  },
];

for (const description of [hopper, walker2d]) {
  Deno.test(`the optimum satisfies its conditions on extreme states: ${description.name}`, () => {
    const m = compile(description), d = makeData(m), stream = makeStream(makeKey(11));
    let rows = 0, pushing = 0;
    for (let i = 0; i < 5000; i++) {
      extremeState(m, d, stream);
      assertEquals(forward(m, d), Status.ok);
      objectiveGradient(m, d);
      // Stationary: M a − τ = Jᵀ f, to rounding of the forces that cancel.
      let size = 1;
      for (let k = 0; k < m.nv; k++) size = Math.max(size, Math.abs(d.linkSmooth[k]));
      for (let r = 0; r < d.nefc; r++) {
        for (let k = 0; k < m.nv; k++) size = Math.max(size, Math.abs(d.efcD[r] * d.efcAref[r] * d.efcJ[r * m.nv + k]));
      }
      d.gradient.forEach((value) => assert(Math.abs(value) <= 1e-11 * size, `gradient ${value} of ${size}`));
      // Complementary: a row pushes exactly where J a < aref, and never pulls.
      for (let r = 0; r < d.nefc; r++, rows++) {
        assertEquals(d.efcActive[r] === 1, d.efcResidual[r] < 0);
        assert(d.efcForce[r] >= 0);
        pushing += d.efcActive[r];
      }
    }
    assertGreater(pushing, 1000);
    assertGreater(rows - pushing, 1000);
  });

  Deno.test(`line search and active set reach the same optimum: ${description.name}`, () => {
    const m = compile(description), d = makeData(m), stream = makeStream(makeKey(12));
    for (let i = 0; i < 3000; i++) {
      extremeState(m, d, stream);
      forward(m, d);
      const expected = d.linkAcc.slice();
      assertEquals(searchAcceleration(m, d), Status.ok);
      const size = expected.reduce((largest, x) => Math.max(largest, Math.abs(x)), 1);
      d.linkAcc.forEach((value, k) => assert(Math.abs(value - expected[k]) <= 1e-11 * size, `${value} ${expected[k]}`));
    }
  });
}

Deno.test("states that make the active set cycle are solved by the line search", () => {
  const m = compile(walker2d);
  for (const { qpos, qvel } of CYCLING) {
    const d = makeData(m);
    d.qpos.set(qpos);
    d.qvel.set(qvel);
    assertEquals(forward(m, d), Status.ok);
    assertEquals(d.solverFallbacks, 1);
    objectiveGradient(m, d);
    for (let r = 0; r < d.nefc; r++) assertEquals(d.efcActive[r] === 1, d.efcResidual[r] < 0);
    const force = d.qfrcConstraint.reduce((largest, x) => Math.max(largest, Math.abs(x)), 1);
    d.gradient.forEach((value) => assert(Math.abs(value) <= 1e-9 * force, `gradient ${value} of ${force}`));
  }
});
