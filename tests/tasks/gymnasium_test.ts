/**
 * Tasks against Gymnasium: 200 free-running steps from each recorded start, under the same actions.
 *
 * @module
 */
import { assertEquals, assertGreater, assertLess } from "@std/assert";
import { forward } from "../../src/physics/physics.ts";
import { tasks } from "../../src/tasks/registry.ts";
import { replay, type ReplayStep } from "../../src/tasks/replay.ts";
import { boundObservation, type Task } from "../../src/tasks/task.ts";
import { largestDifference, readFixture, type Trajectory } from "./fixture.ts";
import { dataOf, modelOf, planarTasks } from "./planar.ts";

const TIGHT = 1e-9; // bound against MuJoCo with its solver converged; 3e-11 was measured
const DEFAULT = 1e-6; // bound against MuJoCo's default solver options, which stop early; 6e-8 was measured

/**
 * Environment steps that are followed freely, where rounding grows too fast for all 200: MuJoCo started 1e-15 apart parts from
 * itself by 7e-7 in 80 steps of HalfCheetah. Each step from a recorded state is compared for all of them.
 */
const FREE: Readonly<Record<string, number>> = { halfCheetah: 20, invertedDoublePendulum: 30, invertedPendulum: 100 };

const replayed = (
  task: Task,
  start: Trajectory,
) => [...replay(task, { qpos: start.qpos, qvel: start.qvel }, start.actions.slice(0, FREE[task.name]))];

/** (one step, what Gymnasium recorded of it) ⇒ largest differences. */
const differences = (step: ReplayStep, { tight }: Trajectory, i: number) => ({
  qpos: largestDifference(step.state.qpos, tight.qpos[i]!),
  qvel: largestDifference(step.state.qvel, tight.qvel[i]!),
  obs: largestDifference(step.obs, tight.observation[i]!),
  reward: largestDifference([step.reward], [tight.reward[i]!]),
});

for (const task of Object.values(planarTasks)) {
  const fixture = readFixture(task.name);

  Deno.test(`${task.name} has Gymnasium's frame skip and time limit`, () => {
    assertEquals([task.frameSkip, task.timeLimit], [fixture.frameSkip, fixture.timeLimit]);
  });

  for (const start of fixture.trajectories) {
    Deno.test(`${task.name} from "${start.name}" observes its start as Gymnasium does`, () => {
      const data = dataOf(task);
      data.qpos.set(start.qpos);
      data.qvel.set(start.qvel);
      forward(modelOf(task.name), data); // as Gymnasium's set_state
      const out = new Float64Array(task.observationSize);
      task.observe(data, out);
      const seen = boundObservation(task, out); // Gymnasium clips as it observes
      const forced = start.tight.force === undefined ? 0 : 1e-9; // of forces up to 10 N
      assertLess(largestDifference(seen, start.observation), 1e-15 + forced); // no integrator, so no lag in Reacher either
    });

    Deno.test(`${task.name} from "${start.name}": each of 200 steps from a recorded state is Gymnasium's`, () => {
      const { actions, tight } = start;
      actions.slice(1).forEach((action, before) => {
        const from = { qpos: tight.qpos[before]!, qvel: tight.qvel[before]! }, i = before + 1;
        const [step] = [...replay(task, from, [action])];
        assertEquals(step!.terminated, tight.terminated[i]);
        const speed = Math.max(1, ...tight.qvel[i]!.map(Math.abs));
        for (const [key, x] of Object.entries(differences(step!, start, i))) {
          assertLess(x, TIGHT * speed, `${key} ${i}`);
        }
      });
    });

    Deno.test(`${task.name} from "${start.name}" follows Gymnasium for ${FREE[task.name] ?? 200} steps`, () => {
      const steps = replayed(task, start);
      assertEquals(steps.map((s) => s.terminated), [...start.tight.terminated].slice(0, steps.length));
      assertEquals(steps.map((s) => s.truncated), steps.map((_, i) => i + 1 >= fixture.timeLimit));
      const worst = { qpos: 0, qvel: 0, obs: 0, reward: 0, defaultQpos: 0, defaultReward: 0 };
      const note = (key: keyof typeof worst, a: ArrayLike<number>, b: ArrayLike<number>) =>
        worst[key] = Math.max(worst[key], largestDifference(a, b));
      steps.forEach((s, i) => {
        for (const [key, x] of Object.entries(differences(s, start, i))) note(key as keyof typeof worst, [x], [0]);
        note("defaultQpos", s.state.qpos, start.default.qpos[i]!);
        note("defaultReward", [s.reward], [start.default.reward[i]!]);
      });
      for (const key of ["qpos", "qvel", "obs", "reward"] as const) assertLess(worst[key], TIGHT, key);
      for (const key of ["defaultQpos", "defaultReward"] as const) assertLess(worst[key], DEFAULT, key);
    });
  }
}

Deno.test("velocities beyond Gymnasium's ±10 are observed as they are, and bounded where Gymnasium clips them", () => {
  for (const [name, positions] of [["hopper", 5], ["walker2d", 8]] as const) {
    const task = tasks[name], data = dataOf(task), out = new Float64Array(task.observationSize);
    data.qvel.forEach((_, i) => data.qvel[i] = (i % 2 === 0 ? 1 : -1) * (8 + i)); // 8, −9, 10, −11, 12, −13 …
    data.qpos.fill(11);
    task.observe(data, out);
    assertEquals([...out], [...data.qpos.subarray(1), ...data.qvel]);
    const clipped = Array.from(data.qvel, (v) => (Math.abs(v) < 10 ? v : 10 * Math.sign(v)));
    assertEquals([...boundObservation(task, out)], [...new Array(positions).fill(11), ...clipped]);
  }
  assertEquals([tasks.swimmer.observationBound, tasks.reacher.observationBound], [undefined, undefined]);
  assertEquals([...boundObservation(tasks.reacher, [99, -99])], [99, -99]);
});

Deno.test("recorded trajectories go beyond the bound, so that the above compares clipped entries too", () => {
  for (const name of ["hopper", "walker2d"]) {
    const most = readFixture(name).trajectories.map(({ tight }) => Math.max(...tight.qvel.flat().map(Math.abs)));
    assertGreater(Math.max(...most), 10);
  }
});
