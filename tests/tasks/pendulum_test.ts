/** Pendulum-v1 by plain arithmetic, against numbers that its equations give by hand. */
import { assertAlmostEquals, assertEquals } from "@std/assert";
import { makeKey, makeStream } from "../../src/math/random.ts";
import { isTask } from "../../src/tasks/define_task.ts";
import { replay } from "../../src/tasks/replay.ts";
import { pendulum, wrapped } from "./pendulum.ts";

const HALF = Math.PI / 2; // rad: level, where sin θ = 1

/** (state, torques) ⇒ what follows each of them. */
const after = (state: ReadonlyArray<number>, ...torques: number[]) => [
  ...replay(pendulum, { state }, torques.map((torque) => [torque])),
];

Deno.test("a level pendulum falls by 3g/(2l) = 15 rad/s², and a torque of 1 N·m adds 3 rad/s²", () => {
  const [{ state, reward, obs, terminated, truncated }] = after([HALF, 0], 1);
  assertAlmostEquals(state.state[1], 18 * 0.05, 1e-14);
  assertAlmostEquals(state.state[0], HALF + 0.9 * 0.05, 1e-14);
  assertAlmostEquals(reward, -(HALF ** 2 + 0.001), 1e-14); // of the state before: no rate yet
  assertEquals([...obs], [Math.cos(state.state[0]), Math.sin(state.state[0]), state.state[1]]);
  assertEquals([terminated, truncated], [false, false]);
});

Deno.test("its rate stays within ±8 rad/s, and the reward counts it as it was", () => {
  const [first, second] = after([HALF, 7.9], -2, 0); // 7.9 + (15 − 6)·.05 = 8.35
  assertEquals(first.state.state[1], 8);
  assertAlmostEquals(first.state.state[0], HALF + 0.4, 1e-14);
  assertAlmostEquals(first.reward, -(HALF ** 2 + 0.1 * 7.9 ** 2 + 0.004), 1e-13);
  assertAlmostEquals(second.reward, -((HALF + 0.4) ** 2 + 0.1 * 64), 1e-12);
});

Deno.test("the reward knows the angle from upright, however often it has turned", () => {
  assertAlmostEquals(wrapped(1.5 * Math.PI), -HALF, 1e-14);
  assertAlmostEquals(wrapped(-1.5 * Math.PI), HALF, 1e-14);
  assertAlmostEquals(after([0.1 + 6 * Math.PI, 0], 0)[0].reward, -0.01, 1e-13);
});

Deno.test("it hangs still upside down, and 200 steps are an episode", () => {
  const steps = after([Math.PI, 0], ...Array(201).fill(0));
  assertAlmostEquals(steps[199].state.state[0], Math.PI, 1e-9); // sin π is 1.2e-16, not 0
  assertEquals(steps.map(({ truncated }) => truncated).indexOf(true), 199);
});

Deno.test("resets are uniform within ±π and ±1", () => {
  const stream = makeStream(makeKey(5)), state = new Float64Array(2);
  const draws = Array.from({ length: 2000 }, () => (pendulum.reset(stream, state), [...state]));
  for (const [i, most] of [Math.PI, 1].entries()) {
    const values = draws.map((draw) => draw[i]);
    // 2000 uniform numbers miss an end by more than 1% of the range with probability 2e-9
    assertAlmostEquals(Math.min(...values), -most, 0.02 * most);
    assertAlmostEquals(Math.max(...values), most, 0.02 * most);
    assertEquals(values.every((x) => Math.abs(x) <= most), true);
  }
});

Deno.test("what it does not say follows: features are the observation, the model learns the reward, it never ends", () => {
  const { imagined, actionSize, frameSkip, simulator, threshold } = pendulum;
  assertEquals([imagined.featureSize, imagined.rewardResidual, actionSize, frameSkip], [3, "learned", 1, 1]);
  assertEquals([simulator.stateSize, simulator.timestep, threshold], [2, 0.05, undefined]);
  assertEquals(pendulum.terminated(Float64Array.of(9, 9)), false);
  assertEquals([isTask(pendulum), isTask({ ...pendulum }), isTask({ name: "pendulum" }), isTask(null)], [
    true,
    true,
    false,
    false,
  ]);
});
