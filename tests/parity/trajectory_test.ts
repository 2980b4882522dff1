/** Free-running trajectories against MuJoCo with the same random controls; nothing is ever synchronised. */
import { assert, assertEquals } from "@std/assert";
import { makeKey, makeStream, type Stream } from "../../src/math/random.ts";
import { type Data, makeData, type Model, Status, step } from "../../src/physics/physics.ts";
import { type Accuracy, compileWith, copyState, descriptions, makeReference, type Reference } from "./reference.ts";

const TRAJECTORIES = 10;

/** The initial noise of Gymnasium's resets: ±0.005 (hopper, walker2d) and ±0.1 (swimmer, reacher). */
const start = (m: Model, d: Data, stream: Stream): void => {
  const noise = m.npair > 0 ? 0.005 : 0.1;
  for (let j = 0; j < m.nq; j++) {
    d.qpos[j] = m.qpos0[j] + noise * (2 * stream.uniform() - 1);
    d.qvel[j] = noise * (2 * stream.uniform() - 1);
  }
};

const largestDifference = (d: Data, reference: Reference): number => {
  let largest = 0;
  const { qpos, qvel } = reference.data;
  for (let j = 0; j < d.qpos.length; j++) {
    largest = Math.max(largest, Math.abs(d.qpos[j] - qpos[j]), Math.abs(d.qvel[j] - qvel[j]));
  }
  return Number.isNaN(largest) ? Infinity : largest;
};

/** (model, marks in steps) ⇒ largest |Δ(qpos, qvel)| over all trajectories at each mark. */
const drift = (m: Model, accuracy: Accuracy, marks: ReadonlyArray<number>): ReadonlyArray<number> => {
  const reference = makeReference(m.name, accuracy, m.integrator), d = makeData(m), stream = makeStream(makeKey(7));
  const largest = marks.map(() => 0);
  for (let trajectory = 0; trajectory < TRAJECTORIES; trajectory++) {
    start(m, d, stream);
    copyState(d, reference);
    for (let i = 1; i <= marks[marks.length - 1]; i++) {
      for (let k = 0; k < m.nu; k++) d.ctrl[k] = 2.4 * stream.uniform() - 1.2; // now and then beyond the range
      reference.data.ctrl.set(d.ctrl);
      assertEquals(step(m, d), Status.ok);
      reference.step();
      const mark = marks.indexOf(i);
      if (mark >= 0) largest[mark] = Math.max(largest[mark], largestDifference(d, reference));
    }
  }
  if (Deno.env.has("MSCV_SHOW")) {
    console.log(m.name, m.integrator, accuracy, ...largest.map((x) => x.toExponential(1)));
  }
  return largest;
};

// Bars: two to three times what was measured, so close to MuJoCo's own rounding. Reacher's errors grow a thousandfold from
// step 100 on and depend on the trajectory (4e-9 to 3e-7 at step 1000): its last bar is five times what this one shows.
const BARS: Readonly<Record<string, ReadonlyArray<number>>> = {
  hopper: [2e-15, 4e-15, 2e-14, 2e-12],
  swimmer: [1e-14, 3e-14, 2e-14, 3e-11],
  reacher: [3e-15, 1e-14, 1e-13, 2e-7],
  walker2d: [5e-14, 5e-13, 2e-12, 7e-10],
  halfCheetah: [5e-15, 2e-14, 1e-12, 1e-9],
  invertedPendulum: [1e-15, 2e-15, 1e-14, 5e-8],
  invertedDoublePendulum: [3e-15, 2e-14, 2e-13, Infinity], // chaotic
};

/** Steps after which MuJoCo's default options are within 1e-6 of its tight ones; less where the motion is chaotic. */
const STEPS_BY_DEFAULT: Readonly<Record<string, number>> = {
  halfCheetah: 100,
  invertedPendulum: 100,
  invertedDoublePendulum: 100,
};

for (const description of descriptions) {
  Deno.test(`1000 RK4 steps stay with MuJoCo: ${description.name}`, () => {
    const marks = [1, 10, 100, 1000], errors = drift(compileWith(description, "rk4"), "tight", marks);
    errors.forEach((error, i) => {
      const bar = BARS[description.name][i];
      assert(error <= bar, `step ${marks[i]}: ${error} is beyond ${bar}`);
    });
  });

  // MuJoCo's own defaults differ from its tight options by up to 8e-7 after 1000 steps.
  const { [description.name]: steps = 1000 } = STEPS_BY_DEFAULT;
  Deno.test(`${steps} RK4 steps stay with MuJoCo's default options: ${description.name}`, () => {
    const [error] = drift(compileWith(description, "rk4"), "default", [steps]);
    assert(error <= 1e-6, `${error}`);
  });

  Deno.test(`Euler steps stay with MuJoCo's Euler: ${description.name}`, () => {
    const marks = [1, 10, 100], errors = drift(compileWith(description, "euler"), "tight", marks);
    errors.forEach((error, i) => assert(error <= [1e-12, 1e-11, 3e-10][i], `step ${marks[i]}: ${error}`));
  });
}
