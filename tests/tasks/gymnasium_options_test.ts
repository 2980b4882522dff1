/** Options of Gymnasium's tasks, and factors of the physics: each case as Gymnasium recorded it, step by step. */
import { assert, assertEquals, assertLess } from "@std/assert";
import { float64Algebra } from "../../src/math/algebra.ts";
import { getTask, tasks } from "../../src/tasks/registry.ts";
import { replay } from "../../src/tasks/replay.ts";
import type { StateByParts } from "../../src/tasks/simulator.ts";
import type { Task } from "../../src/tasks/task.ts";
import { optionsOf, withTaskOptions } from "../../src/tasks/task_options.ts";
import { largestDifference } from "./fixture.ts";
import { checkResets, planarCases as cases, spatialCases } from "./options_cases.ts";

for (const each of cases) {
  const task = withTaskOptions(getTask(each.task), each.taskOptions);

  Deno.test(`${each.name}: as Gymnasium with the same options`, () => {
    const steps = [...replay(task, { qpos: each.qpos, qvel: each.qvel }, each.actions)];
    const worst = (of: (step: (typeof steps)[number], i: number) => number) => Math.max(...steps.map(of));
    assertEquals(steps.map(({ terminated }) => terminated), [...each.terminated]);
    assertLess(worst(({ obs }, i) => largestDifference(obs, each.observation[i])), 1e-9);
    assertLess(worst(({ reward }, i) => Math.abs(reward - each.reward[i])), 1e-9);
  });

  Deno.test(`${each.name}: other numbers than by default`, () => {
    const start = { qpos: each.qpos, qvel: each.qvel },
      read = (of: typeof task) => [...replay(of, start, each.actions)];
    assert(JSON.stringify(read(task)) !== JSON.stringify(read(getTask(each.task))));
  });

  Deno.test(`${each.name}: resets fill Gymnasium's range, and stay within it`, () => {
    // Both are the ends of 2000 uniform draws, each a thousandth from the range's end or so.
    checkResets(task, each.resetBounds, 0.01);
  });
}

/** (task, state) ⇒ what it observes there, without Gymnasium's clip. */
const observed = (task: Task, { qpos, qvel }: StateByParts): number[] => {
  const data = task.simulator.make(), out = new Float64Array(task.observationSize);
  task.simulator.write(data, [...qpos, ...qvel]);
  task.observe(data, out);
  return Array.from(out);
};

const forward = cases.filter(({ task }) => "forwardRewardWeight" in getTask(task).configuration!.fields);
for (const each of forward) {
  Deno.test(`${each.name}: imagination ends episodes and knows rewards as the task does, but for the displacement`, () => {
    const task = withTaskOptions(getTask(each.task), each.taskOptions), { survival, knownReward } = task.imagined;
    const { forwardRewardWeight, healthyReward = 0 } = optionsOf(task) as unknown as Record<string, number>;
    const seconds = task.frameSkip * task.simulator.timestep;
    let before: StateByParts = { qpos: Float64Array.from(each.qpos), qvel: Float64Array.from(each.qvel) };
    [...replay(task, before, each.actions)].forEach(({ state, reward, terminated }, i) => {
      const next = observed(task, state);
      const dead = survival(float64Algebra, next).some(({ margin }) => !(margin > 0));
      assertEquals(dead, terminated, `step ${i}`);
      const known = knownReward(float64Algebra, observed(task, before), each.actions[i], next);
      const forward = forwardRewardWeight * (state.qpos[0] - before.qpos[0]) / seconds;
      if (!terminated && each.name.endsWith("goes on") === false) assertLess(Math.abs(reward - known - forward), 1e-9);
      else assertLess(Math.min(...[0, healthyReward].map((lost) => Math.abs(reward - known - forward + lost))), 1e-9);
      before = state;
    });
  });
}

Deno.test("every option of the tasks has a case", () => {
  const all = [...cases, ...spatialCases];
  for (const name of Object.keys(tasks)) {
    const said = new Set(all.filter(({ task }) => task === name).flatMap((each) => Object.keys(each.taskOptions)));
    assertEquals(Object.keys(getTask(name).configuration!.fields).filter((each) => !said.has(each)), []);
  }
  const factors = new Set(all.flatMap(({ taskOptions }) => Object.keys(taskOptions.physics ?? {})));
  const { physics } = getTask("hopper").configuration!.values;
  assertEquals(Object.keys(physics).filter((each) => !factors.has(each)), []);
});
