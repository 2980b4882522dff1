/**
 * The player that is looked at, held against collection: the same states, actions and rewards, bit for bit.
 *
 * @module
 */
import { assertAlmostEquals, assertEquals, assertGreater } from "@std/assert";
import { makePlayer } from "../../src/episode/player.ts";
import { recordEpisode, returnOf } from "../../src/episode/recording.ts";
import { fold, makeKey } from "../../src/math/random.ts";
import { policyThatActs } from "../../src/rollout/actions.ts";
import { environmentState, makeEnvs } from "../../src/rollout/envs.ts";
import { runEnvironment } from "../../src/rollout/environment.ts";
import { makeStateRecord } from "../../src/rollout/state_record.ts";
import { POSE } from "../../src/scene/scene.ts";
import { tasks } from "../../src/tasks/registry.ts";
import type { Task } from "../../src/tasks/task.ts";
import { withTaskOptions } from "../../src/tasks/task_options.ts";
import { networksFor } from "./trained.ts";

const key = fold(makeKey(3), "eval");

/** (task, actions, steps, environment) ⇒ what a collection does in that environment. */
const collected = (task: Task, actions: "mean" | "sampled", steps: number, index: number) => {
  const { policy, normalizer } = networksFor(task), states = makeStateRecord(task, steps);
  const start = environmentState(task, makeEnvs(task, index + 1), index);
  const acting = policyThatActs(policy, task.actionSize, actions);
  return { ...runEnvironment(task, acting, normalizer, start, steps, key, states), states };
};

for (
  const [name, index, actions] of [["hopper", 0, "sampled"], ["walker2d", 2, "mean"], [
    "reacher",
    1,
    "sampled",
  ]] as const
) {
  Deno.test(`${name}: environment ${index} of an evaluation, ${actions} actions, through several resets`, () => {
    const task = tasks[name], steps = 120, expected = collected(task, actions, steps, index);
    const player = makePlayer(task, networksFor(task), { key, index, actions });
    let resets = 0;
    for (let t = 0; t < steps; t++) {
      assertEquals([...player.state], [...expected.states.state(t)], `state ${t}`);
      const observation = [...player.observation].map(Math.fround), { observationSize: no, actionSize: na } = task;
      assertEquals(observation, [...expected.observation.slice(t * no, (t + 1) * no)]);
      const { action, reward, terminated, truncated } = player.step();
      const [low, high] = [0, 1].map((end) => task.controlRange.map((range) => range[end]));
      const clipped = [...expected.action.slice(t * na, (t + 1) * na)].map((a, i) =>
        Math.min(high[i], Math.max(low[i], a))
      );
      assertEquals([...action], clipped);
      assertEquals(Math.fround(reward), expected.reward[t]);
      assertEquals([terminated, truncated], [expected.terminated[t] === 1, expected.truncated[t] === 1]);
      if (!terminated && !truncated) continue;
      player.reset();
      resets++;
    }
    assertEquals(resets, expected.episodes.length);
    if (name === "reacher") assertEquals(resets, 2); // 50 steps an episode
  });
}

Deno.test("process noise disturbs the player as it disturbs a collection", () => {
  const task = withTaskOptions(tasks.swimmer, { processNoise: 0.3 }), expected = collected(task, "mean", 30, 0);
  const player = makePlayer(task, networksFor(task), { key, actions: "mean" });
  for (let t = 0; t < 30; t++) player.step();
  assertEquals([...player.state], [...expected.state.state]);
});

Deno.test("the value beside the agent: V of two layers, by hand on weights of zero and a bias of 7", () => {
  const task = tasks.reacher, networks = networksFor(task), theta = new Float32Array(networks.value.theta.length);
  theta[theta.length - 1] = 7; // the output's bias is the last parameter
  const value = { shape: networks.value.shape, theta };
  assertEquals(makePlayer(task, { ...networks, value }, { key, actions: "mean" }).value(), 7);
  assertEquals(makePlayer(task, { ...networks, value: null }, { key, actions: "mean" }).value(), null);
});

Deno.test("an episode is recorded from its reset to its end: poses of every state, rewards that add up to its return", () => {
  const task = tasks.reacher, player = makePlayer(task, networksFor(task), { key, index: 1, actions: "sampled" });
  const recording = recordEpisode(task, player, task.timeLimit), expected = collected(task, "sampled", 50, 1);
  assertEquals([recording.moments.length, recording.end, recording.seconds], [51, "truncated", 0.02]);
  assertAlmostEquals(returnOf(recording), expected.episodes[0].return, 1e-9);
  assertEquals(recording.moments.at(-1)!.action, null);
  // the fingertip's centre is where Reacher observes it: target + (fingertip − target)
  for (const { poses, observation } of recording.moments) {
    const tip = recording.scene!.solids.findIndex((solid) => solid.name === "fingertip_geom");
    assertAlmostEquals(poses[tip * POSE], observation[4] + observation[8], 1e-12);
    assertAlmostEquals(poses[tip * POSE + 1], observation[5] + observation[9], 1e-12);
  }
  const short = recordEpisode(task, makePlayer(task, networksFor(task), { key, actions: "mean" }), 7);
  assertEquals([short.moments.length, short.end], [8, "stopped"]);
});

Deno.test("a state that is entered is where the player goes on; its arrays follow", () => {
  const task = tasks.hopper, player = makePlayer(task, networksFor(task), { key, actions: "mean" });
  for (let t = 0; t < 5; t++) player.step();
  const pushed = Float64Array.from(player.state);
  task.scene!.push!(pushed, [1, 0, 2]);
  player.enter(pushed);
  assertEquals([...player.state], [...pushed]);
  assertEquals(player.observation[5], pushed[6]); // ẋ is the sixth entry of Hopper's observation
  const torso = task.scene!.follows! * POSE, before = player.poses[torso];
  player.step();
  assertGreater(player.poses[torso], before); // 1 m/s forward
});
