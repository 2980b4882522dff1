/** Features of contacts against the physics that they describe, which tests/parity holds against MuJoCo. */
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { float64Algebra as float64 } from "../../src/math/algebra.ts";
import { fold, makeKey, makeStream } from "../../src/math/random.ts";
import { type Data, forward, type Model } from "../../src/physics/physics.ts";
import { legPose, type LegState, limitFeatures, walkersLeg } from "../../src/tasks/contact_features.ts";
import { getTask } from "../../src/tasks/registry.ts";
import type { Task } from "../../src/tasks/task.ts";
import { dataOf, modelOf } from "./planar.ts";

const STEP = 0.008; // s

/** A state of every coordinate, with angles and velocities that no symmetry hides. */
const randomState = (task: Task, label: number): Data => {
  const { normal } = makeStream(fold(makeKey(41), label));
  const data = dataOf(task);
  for (let i = 0; i < data.qpos.length; i++) data.qpos[i] = i === 1 ? 1.2 : 0.6 * normal();
  for (let i = 0; i < data.qvel.length; i++) data.qvel[i] = 2 * normal();
  return data;
};

/** x, z of both ends of a geom's axis, m. */
const endsOf = (model: Model, data: Data, geom: string): number[] => {
  forward(model, data);
  const i = model.geom.name.indexOf(geom);
  assert(i >= 0, geom);
  return [...data.geomEnds.slice(4 * i, 4 * i + 4)];
};

const stateOf = ({ qpos, qvel }: Data, joint: number): LegState<number> => ({
  height: qpos[1],
  velocity: [qvel[0], qvel[1]],
  angles: [qpos[2], ...qpos.slice(joint, joint + 3)],
  rates: [qvel[2], ...qvel.slice(joint, joint + 3)],
});

for (
  const { name, geom, joint, ends } of [
    { name: "hopper", geom: "foot_geom", joint: 3, ends: [-0.13, 0.26] }, // MuJoCo's order: heel, then toe
    { name: "walker2d", geom: "foot_geom", joint: 3, ends: [0, 0.2] },
    { name: "walker2d", geom: "foot_left_geom", joint: 6, ends: [0, 0.2] },
  ]
) {
  Deno.test(`${name}: both ends of ${geom} are where the physics has them, and move as they do there`, () => {
    const task = getTask(name), model = modelOf(name), leg = walkersLeg(ends, STEP);
    for (let label = 0; label < 5; label++) {
      const data = randomState(task, label), dt = 1e-6;
      const pose = legPose(float64, stateOf(data, joint), leg);
      const now = endsOf(model, data, geom);
      const later = randomState(task, label);
      for (let i = 0; i < later.qpos.length; i++) later.qpos[i] += dt * later.qvel[i];
      const then = endsOf(model, later, geom);
      pose.ends.forEach(({ height, forward, upward }, end) => {
        assertAlmostEquals(height, now[2 * end + 1] - 0.06, 1e-12);
        // Forward differences over 1e-6 s: curvature of a few m/s² leaves 1e-5 m/s.
        assertAlmostEquals(forward, (then[2 * end] - now[2 * end]) / dt, 1e-4);
        assertAlmostEquals(upward, (then[2 * end + 1] - now[2 * end + 1]) / dt, 1e-4);
      });
    }
  });
}

Deno.test("depths beyond a limit are what a pencil gives", () => {
  const corners = { seconds: 0.1, now: 1e-9, ahead: 1e-9 };
  const near = (angle: number, rate: number, expected: number[]) =>
    limitFeatures(float64, angle, rate, [{ side: 1, angle: 0.5 }, { side: -1, angle: -0.5 }], corners)
      .forEach((depth, i) => assertAlmostEquals(depth, expected[i], 1e-9));
  near(0.4, 3, [0.2, 0, 0, 0]); // .4 + .1·3 = .7
  near(0.6, -3, [0, 0.1, 0, 0]);
  near(-0.7, -1, [0, 0, 0.3, 0.2]);
});

Deno.test("the limits in the features are the ends of the compiled models' ranges that a motion meets", () => {
  const degrees = Math.PI / 180;
  for (const name of ["hopper", "walker2d"]) {
    const { limit } = modelOf(name), leg = walkersLeg([0], STEP);
    const ranges = Array.from({ length: 3 }, (_, i) => [...limit.range.slice(2 * i, 2 * i + 2)]);
    leg.limits.forEach((ends, i) =>
      ends.forEach(({ side, angle }) => assertAlmostEquals(angle, ranges[i][side > 0 ? 1 : 0], 1e-12))
    );
    assertEquals(leg.limits.map((ends) => ends.length), [1, 1, 2]);
  }
  const { limit } = modelOf("swimmer");
  // Joint 1 at 100°, at rest: its depth now is half the rounding of .01 rad, that of one step ahead half of .03.
  const features = getTask("swimmer").imagined.features(float64, [0, limit.range[1], 0, 0, 0, 0, 0, 0]);
  assertAlmostEquals(limit.range[1], 100 * degrees, 1e-12);
  assertAlmostEquals(features[15], 0.015, 1e-12);
  assertAlmostEquals(features[16], 0.005, 1e-12);
});
