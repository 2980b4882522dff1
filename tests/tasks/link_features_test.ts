/** Kinematics in the features against the physics that they describe, which tests/parity holds against MuJoCo. */
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { float64Algebra as float64 } from "../../src/math/algebra.ts";
import { fold, makeKey, makeStream } from "../../src/math/random.ts";
import { type Data, forward } from "../../src/physics/physics.ts";
import { linkFeatures } from "../../src/tasks/link_features.ts";
import { getTask } from "../../src/tasks/registry.ts";
import { dataOf, modelOf } from "./planar.ts";

const GEOMS = ["torso", "head", "bfoot", "ffoot"]; // in the order of the links
const AT = 17 + 14; // first number of the ends in the features: after the observation and seven sines and cosines

const randomState = (label: number): Data => {
  const { normal } = makeStream(fold(makeKey(43), label)), data = dataOf(getTask("halfCheetah"));
  for (let i = 0; i < data.qpos.length; i++) data.qpos[i] = 0.6 * normal();
  for (let i = 0; i < data.qvel.length; i++) data.qvel[i] = 2 * normal();
  return data;
};

const featuresOf = (data: Data): ReadonlyArray<number> => {
  const task = getTask("halfCheetah"), observation = new Float64Array(17);
  task.observe(data, observation);
  return task.imagined.features(float64, [...observation]);
};

/** x, z of the ends of torso, head and feet, m. */
const endsOf = (data: Data): ReadonlyArray<readonly [number, number]> => {
  const model = modelOf("halfCheetah");
  forward(model, data);
  return GEOMS.flatMap((name) => {
    const g = model.geom.name.indexOf(name), { geomEnds } = data;
    return [[geomEnds[4 * g], geomEnds[4 * g + 1]], [geomEnds[4 * g + 2], geomEnds[4 * g + 3]]] as const;
  });
};

Deno.test("ends of torso, head and feet are where the physics has them, and move as they do there", () => {
  for (let label = 0; label < 5; label++) {
    const data = randomState(label), features = featuresOf(data), dt = 1e-6, later = randomState(label);
    for (let i = 0; i < later.qpos.length; i++) later.qpos[i] += dt * later.qvel[i];
    const now = endsOf(data), then = endsOf(later);
    assertEquals(now.length, 8);
    now.forEach(([x, z], end) => {
      const [height, ahead, up] = features.slice(AT + 5 * end, AT + 5 * end + 3);
      assertAlmostEquals(height, z - 0.046, 1e-12);
      // Forward differences over 1e-6 s: curvature of some m/s² leaves 1e-5 m/s.
      assertAlmostEquals(ahead, (then[end][0] - x) / dt, 2e-4);
      assertAlmostEquals(up, (then[end][1] - z) / dt, 2e-4);
    });
  }
});

Deno.test("depths in the floor are what a pencil gives", () => {
  // One link, an end .2 m below its anchor .25 m up, radius .1: .05 m deep; falling with 2 m/s it is .25 m deep .1 s later.
  const links = [{ parent: -1, stem: [0, 0.25], ends: [[0, -0.2]] }] as const;
  const state = { height: 0, velocity: [3, -2], angles: [0], rates: [0] } as const;
  const sharp = { seconds: 0.1, now: 1e-9, ahead: 1e-9 };
  const features = linkFeatures(float64, state, links, 0.1, sharp);
  [0, 1, -0.05, 3, -2, 0.25, 0.05].forEach((x, i) => assertAlmostEquals(features[i], x, 1e-12));
});

Deno.test("joints beyond their limits have depths: both ends of each of six, ahead and now", () => {
  const data = dataOf(getTask("halfCheetah")), { limit } = modelOf("halfCheetah"), first = 95 - 24;
  const still = featuresOf(data);
  for (let i = 0; i < 6; i++) {
    for (const side of [0, 1]) {
      data.qpos.fill(0);
      data.qpos[3 + i] = limit.range[2 * i + side] + (side === 1 ? 1 : -1);
      const change = featuresOf(data).slice(first).map((x, k) => x - still[first + k]);
      const at = 4 * i + (side === 1 ? 0 : 2); // the upper end comes first
      for (const k of [at, at + 1]) assertAlmostEquals(change[k], 1, 0.01); // 1 rad beyond, less the rounded corner
      assert(change.every((x, k) => k === at || k === at + 1 || Math.abs(x) < 0.01), `${change}`);
    }
  }
});
