/** The inverted pendulums: rewards and ends by hand, and the force that a state carries. */
import { assert, assertAlmostEquals, assertEquals, assertGreater } from "@std/assert";
import { float64Algebra as float64 } from "../../src/math/algebra.ts";
import { makeKey, makeStream } from "../../src/math/random.ts";
import { advance } from "../../src/tasks/advance.ts";
import { getTask } from "../../src/tasks/registry.ts";
import { withTaskOptions } from "../../src/tasks/task_options.ts";
import { replay } from "../../src/tasks/replay.ts";
import { readFixture } from "./fixture.ts";
import { dataOf, stateOf } from "./planar.ts";

const double = getTask("invertedDoublePendulum"), single = getTask("invertedPendulum");

Deno.test("the tip's reward is what a pencil gives", () => {
  const data = dataOf(double);
  // The lower pole level to the right, the upper one upright: tip at (.2 + .6, .6).
  data.qpos.set([0.2, Math.PI / 2, -Math.PI / 2]);
  data.qvel.set([9, 2, -3]);
  const price = 0.01 * 0.8 ** 2 + 1.4 ** 2 + 1e-3 * 4 + 5e-3 * 9;
  assertAlmostEquals(double.reward(stateOf(double, data), Float64Array.of(1), data), -price, 1e-13);
  assertEquals(double.terminated(data), true);
  const next = [0.2, 1, -1, 0, 0, 9, 2, -3, 0];
  assertAlmostEquals(double.imagined.knownReward(float64, [], [1], next), 10 - price, 1e-13);
  const modest = withTaskOptions(double, { healthyReward: 3 });
  assertAlmostEquals(modest.imagined.knownReward(float64, [], [1], next), 3 - price, 1e-13);
  assertAlmostEquals(double.imagined.survival(float64, next)[0].margin, -0.4, 1e-13);
  // Both upright: 1.2 m high, alive.
  data.qpos.set([0, 0, 0]);
  data.qvel.fill(0);
  assertAlmostEquals(double.reward(stateOf(double, data), Float64Array.of(0), data), 10 - 0.64, 1e-13);
  assertEquals(double.terminated(data), false);
});

Deno.test("features of the pendulums are what a pencil gives", () => {
  // Joint angles 30° and 60°: the upper pole is level. The cart is .2 m/s · .05 s beyond .99 m one step ahead.
  const [s1, c1] = [0.5, Math.sqrt(3) / 2],
    features = double.imagined.features(
      float64,
      [0.99, s1, c1, c1, s1, 0.2, 3, 4, -7],
    );
  const expected = [0.99, s1, c1, c1, s1, 0.2, 3, 4, 1, 0];
  expected.forEach((x, i) => assertAlmostEquals(features[i], x, 1e-15));
  assertAlmostEquals(features[11], 0.0025, 1e-12); // at the margin: half the rounding of .005 m
  const rail = single.imagined.features(float64, [1.5, Math.PI / 6, 2, 5]);
  [1.5, Math.PI / 6, 2, 5, 0.5, Math.sqrt(3) / 2].forEach((x, i) => assertAlmostEquals(rail[i], x, 1e-15));
  assertAlmostEquals(rail[6], 0.58, 1e-4); // .5 m beyond, and .08 m in a step of .04 s
});

Deno.test("InvertedPendulum lives up to .2 rad, and on it", () => {
  const data = dataOf(single),
    at = (angle: number) => {
      data.qpos[1] = angle;
      return [single.reward(new Float64Array(4), Float64Array.of(0), data), single.terminated(data)];
    };
  assertEquals([at(0.2), at(-0.2), at(0.2000001), at(-1)], [[1, false], [1, false], [0, true], [0, true]]);
});

Deno.test("the force at the rail is part of the state: what is written observes what was read, to the bit", () => {
  const data = dataOf(double), copy = dataOf(double), stream = makeStream(makeKey(5));
  const observe = (from: unknown) => {
    const out = new Float64Array(9);
    double.observe(from, out);
    return out;
  };
  double.reset(stream, data);
  assertEquals(double.simulator.stateSize, 9);
  assertEquals(double.simulator.parts.map(({ name }) => name), ["qpos", "qvel", "qfrcConstraint"]);
  let pushed = 0;
  for (let i = 0; i < 60; i++) {
    assertEquals(advance(double, data, Float64Array.of(1)), null); // to the right end, and against it
    double.simulator.write(copy, stateOf(double, data));
    assertEquals(observe(copy), observe(data));
    pushed += observe(data)[8] < 0 ? 1 : 0;
  }
  assertGreater(pushed, 10);
  double.reset(stream, data);
  assertEquals(observe(data)[8], 0);
});

Deno.test("the force does not steer the motion, and may be left out of a state", () => {
  const [start] = readFixture("invertedDoublePendulum").trajectories, { qpos, qvel } = start;
  const [without] = [...replay(double, { qpos, qvel }, [[0.5]])];
  const [other] = [...replay(double, { qpos, qvel, qfrcConstraint: [1, 2, 3] }, [[0.5]])];
  assertEquals(other, without);
});

Deno.test("a replay ends where the lagging tip does, as in Gymnasium, not where that of the state does", () => {
  const after = (angle: number) => [...replay(double, { qpos: [0, angle, 0], qvel: [0, 4, 0] }, [[0.3]])][0]!;
  let [alive, ended] = [0, 0.6]; // rad; 1.2 m · cos .6 is .99 m
  assertEquals([after(alive).terminated, after(ended).terminated], [false, true]);
  for (let i = 0; i < 60; i++) {
    const middle = (alive + ended) / 2;
    if (after(middle).terminated) ended = middle;
    else alive = middle;
  }
  const { obs: [, s1, s2, c1, c2] } = after(alive), height = 0.6 * (c1 + c1 * c2 - s1 * s2);
  assertGreater(Math.abs(height - 1), 1e-8); // 60 halvings leave 1e-16 of the tip that decides
  assertAlmostEquals(height, 1, 1e-3);
});

Deno.test("recorded forces are clipped, in between, and none", () => {
  const { trajectories } = readFixture("invertedDoublePendulum");
  const forces = trajectories.flatMap(({ tight }) => tight.force!.map(([f]) => f));
  for (const kind of [(f: number) => Math.abs(f) > 10, (f: number) => f === 0]) {
    assertGreater(forces.filter(kind).length, 20);
  }
  assert(trajectories.some(({ observation: { 8: f } }) => f !== 0 && Math.abs(f) < 10)); // of a start
});
