import { assert, assertAlmostEquals, assertEquals, assertGreater, assertLess } from "@std/assert";
import { float64Algebra as float64 } from "../../src/math/algebra.ts";
import { reacher } from "../../src/tasks/reacher.ts";
import { replay, type ReplayStep } from "../../src/tasks/replay.ts";
import { largestDifference, readFixture } from "./fixture.ts";
import { dataOf } from "./planar.ts";

const ELBOW_LIMIT = 3; // rad

Deno.test("the fingertip is where the angles put it", () => {
  const data = dataOf(reacher);
  data.qpos.set([Math.PI / 2, -Math.PI / 2, 0.05, -0.02]);
  const out = new Float64Array(10);
  reacher.observe(data, out);
  // Upper arm .1 along y, forearm .11 along x: fingertip (.11, .1); less the target (.05, −.02).
  assertLess(largestDifference(out, [0, 0, 1, -1, 0.05, -0.02, 0, 0, 0.06, 0.12]), 1e-15);
});

Deno.test("the reward is minus the distance minus the squared action", () => {
  const data = dataOf(reacher);
  data.qpos.set([0, 0, 0.18, -0.04]); // fingertip (.21, 0), so the difference is (.03, .04): distance .05
  assertAlmostEquals(reacher.reward(new Float64Array(8), Float64Array.of(0.5, -2), data), -0.05 - 0.25 - 4, 1e-15);
});

/** (replayed step) ⇒ [observation's entries of the fingertip, reward] at its (qpos, qvel), as a batch has them. */
const present = (step: ReplayStep, action: ReadonlyArray<number>) => {
  const data = dataOf(reacher), out = new Float64Array(10);
  data.qpos.set(step.state.qpos);
  data.qvel.set(step.state.qvel);
  reacher.observe(data, out);
  return { fingertip: out.slice(8), reward: reacher.reward(new Float64Array(8), Float64Array.from(action), data) };
};

Deno.test("a replayed fingertip lags by less than 1e-5 m away from the limits, by less than 2e-2 m at the elbow's", () => {
  let compared = 0, most = 0;
  for (const start of readFixture("reacher").trajectories) {
    [...replay(reacher, { qpos: start.qpos, qvel: start.qvel }, start.actions)].forEach((step, i) => {
      const { fingertip, reward } = present(step, start.actions[i]!);
      const lag = largestDifference(step.obs.subarray(8), fingertip);
      // Angular speeds stay below 41 rad/s: less than .41 rad in a physics step.
      const atLimit = Math.abs(step.state.qpos[1]!) > ELBOW_LIMIT - 0.41;
      if (!atLimit) compared++;
      most = Math.max(most, lag);
      assertLess(lag, atLimit ? 2e-2 : 1e-5, `${start.name}, step ${i}`);
      assertLess(Math.abs(step.reward - reward), atLimit ? 3e-2 : 1.5e-5, `${start.name}, step ${i}`); // √2: both coordinates
    });
  }
  assert(compared > 400, `only ${compared} steps away from the limit`);
  assertGreater(most, 1e-3); // an impact is among them
});

Deno.test("the features end with the fingertip's velocity", () => {
  const { imagined } = reacher;
  const data = dataOf(reacher);
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
