/** Options of the tasks on MuJoCo's own engine, and factors of its model: each case as Gymnasium recorded it. */
import { assert, assertEquals, assertLess } from "@std/assert";
import { float64Algebra } from "../../src/math/algebra.ts";
import type { OwnMujocoSimulator } from "../../src/tasks/mujoco_simulator.ts";
import { getTask } from "../../src/tasks/registry.ts";
import { replay } from "../../src/tasks/replay.ts";
import type { Task } from "../../src/tasks/task.ts";
import { optionsOf, withTaskOptions } from "../../src/tasks/task_options.ts";
import { largestDifference } from "./fixture.ts";
import { checkResets, type SpatialCase, spatialCases } from "./options_cases.ts";

/** (case) ⇒ its task, MuJoCo's solver as the case has it. */
const prepared = async ({ task: name, taskOptions, options }: SpatialCase): Promise<Task> => {
  const task = withTaskOptions(getTask(name), taskOptions), simulator = task.simulator as OwnMujocoSimulator;
  await simulator.prepare!();
  Object.assign(simulator.model().opt, options);
  return task;
};

for (const each of spatialCases) {
  const task = await prepared(each), byDefault = getTask(each.task);
  await byDefault.simulator.prepare!();

  Deno.test(`${each.name}: as Gymnasium with the same options`, () => {
    const steps = [...replay(task, { qpos: each.qpos, qvel: each.qvel }, each.actions)];
    assertEquals(steps.map(({ terminated }) => terminated), [...each.terminated]);
    each.observed.forEach((step, row) => {
      assertLess(largestDifference(steps[step].obs, each.observation[row]), 1e-8, `step ${step}`);
    });
    steps.forEach(({ reward }, i) => assertLess(Math.abs(reward - each.reward[i]), 1e-9, `step ${i}`));
  });

  Deno.test(`${each.name}: other numbers than by default`, () => {
    const read = (of: Task) => [...replay(of, { qpos: each.qpos, qvel: each.qvel }, each.actions)];
    assert(JSON.stringify(read(task)) !== JSON.stringify(read(byDefault)));
  });

  Deno.test(`${each.name}: resets fill Gymnasium's range, and stay within it`, () => {
    checkResets(task, each.resetBounds, 0.05); // few cylinders of Pusher start at the ends
  });

  Deno.test(`${each.name}: imagination ends episodes as the task does, and knows what it says it knows`, () => {
    const { survival, knownReward, rewardResidual } = task.imagined, o = optionsOf(task) as Record<string, number>;
    [...replay(task, { qpos: each.qpos, qvel: each.qvel }, each.actions)].forEach(({ obs, reward, terminated }, i) => {
      const next = [...obs], known = knownReward(float64Algebra, next, each.actions[i], next);
      const dead = survival(float64Algebra, next).some(({ margin }) => !(margin > 0));
      assertEquals(dead, terminated, `step ${i}`);
      if (rewardResidual === "zero") assertLess(Math.abs(reward - known), 3e-6);
      if (each.task === "humanoidStandup") { // the cost of impacts is learned
        const [least, most] = o.impactCostRange as unknown as [number, number];
        assert(known - reward > Math.max(0, least) - 1e-9 && known - reward < most + 1e-9, `step ${i}`);
      }
      if (each.task === "ant" || each.task === "humanoid") {
        const cost = o.ctrlCostWeight * each.actions[i].reduce((sum, a) => sum + a * a, 0);
        assertLess(Math.abs(known - (o.healthyReward - cost)), 1e-12, `step ${i}`);
      }
    });
  });
}
