import { assert, assertAlmostEquals, assertEquals, assertLess } from "@std/assert";
import { type Data, forward, makeData, step } from "../../src/physics/physics.ts";
import { float64Algebra as float64 } from "../../src/math/algebra.ts";
import { reacher } from "../../src/tasks/reacher.ts";
import { replay } from "../../src/tasks/replay.ts";
import { largestDifference, readFixture } from "./fixture.ts";

const ELBOW_LIMIT = 3; // rad

Deno.test("the fingertip is where the angles put it", () => {
  const data = makeData(reacher.model);
  data.qpos.set([Math.PI / 2, -Math.PI / 2, 0.05, -0.02]);
  const out = new Float64Array(10);
  reacher.observe(data, out);
  // Upper arm .1 along y, forearm .11 along x: fingertip (.11, .1); less the target (.05, −.02).
  assertLess(largestDifference(out, [0, 0, 1, -1, 0.05, -0.02, 0, 0, 0.06, 0.12]), 1e-15);
});

Deno.test("the reward is minus the distance minus the squared action", () => {
  const data = makeData(reacher.model);
  data.qpos.set([0, 0, 0.18, -0.04]); // fingertip (.21, 0), so the difference is (.03, .04): distance .05
  assertAlmostEquals(reacher.reward(data, 0, Float64Array.of(0.5, -2)), -0.05 - 0.25 - 4, 1e-15);
});

Deno.test("Gymnasium's fingertip lags by less than 1e-5 m away from the elbow's limit, and by less than 1e-2 m at it", () => {
  let compared = 0;
  for (const start of readFixture("reacher").trajectories) {
    [...replay(reacher, start, start.actions)].forEach((step, i) => {
      const lag = largestDifference(step.obs.subarray(8), start.tight.observation[i]!.slice(8));
      const rewardLag = Math.abs(step.reward - start.tight.reward[i]!);
      // Angular speeds stay below 41 rad/s: less than .41 rad in a physics step.
      const atLimit = Math.abs(step.qpos[1]!) > ELBOW_LIMIT - 0.41;
      if (!atLimit) compared++;
      assertLess(lag, atLimit ? 1e-2 : 1e-5, `${start.name}, step ${i}`);
      assertLess(rewardLag, atLimit ? 1.5e-2 : 1.5e-5, `${start.name}, step ${i}`); // √2 for both coordinates
    });
  }
  assert(compared > 400, `only ${compared} steps away from the limit`);
});

/** (state) ⇒ (qpos at which the fourth stage of the next Runge–Kutta step is evaluated): q + h (v + h/2 a₂). */
const fourthStage = (data: Data): Float64Array => {
  const h = reacher.model.timestep;
  const [q, v] = [data.qpos.slice(), data.qvel.slice()];
  forward(reacher.model, data);
  data.qpos.forEach((_, j) => {
    data.qpos[j] = q[j]! + (h / 2) * v[j]!;
    data.qvel[j] = v[j]! + (h / 2) * data.qacc[j]!;
  });
  forward(reacher.model, data);
  return q.map((_, j) => q[j]! + h * (v[j]! + (h / 2) * data.qacc[j]!));
};

Deno.test("with the poses of the fourth stage, fingertip and reward are Gymnasium's to 1e-9, at the limit as well", () => {
  const data = makeData(reacher.model);
  const out = new Float64Array(10);
  for (const start of readFixture("reacher").trajectories) {
    start.actions.forEach((action, i) => {
      const before = i === 0 ? start : { qpos: start.tight.qpos[i - 1]!, qvel: start.tight.qvel[i - 1]! };
      data.qpos.set(before.qpos);
      data.qvel.set(before.qvel);
      data.ctrl.set(action);
      step(reacher.model, data); // the first of the two physics steps
      data.qpos.set(fourthStage(data));
      reacher.observe(data, out);
      assertLess(largestDifference(out.slice(8), start.tight.observation[i]!.slice(8)), 1e-9);
      assertAlmostEquals(reacher.reward(data, 0, Float64Array.from(action)), start.tight.reward[i]!, 1e-9);
    });
  }
});

Deno.test("the features end with the fingertip's velocity", () => {
  const { imagined } = reacher;
  const data = makeData(reacher.model);
  const [before, after] = [new Float64Array(10), new Float64Array(10)];
  const h = 1e-6; // s
  data.qpos.set([0.3, -0.8, 0.1, 0.1]);
  data.qvel.set([2, -3, 0, 0]);
  reacher.observe(data, before);
  data.qpos[0]! += 2 * h;
  data.qpos[1]! += -3 * h;
  reacher.observe(data, after);
  const features = imagined.features(float64, [...before]);
  assertEquals(features.length, imagined.featureSize);
  // Forward difference; its error is h · (a few m/s²).
  assertLess(
    largestDifference(features.slice(10), [(after[8]! - before[8]!) / h, (after[9]! - before[9]!) / h]),
    1e-5,
  );
});
