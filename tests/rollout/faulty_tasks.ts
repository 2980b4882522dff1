/** Tasks whose code breaks in the middle of an episode, in a module that workers import. */
import { defineTask } from "../../src/tasks/define_task.ts";
import type { TaskFunction } from "../../src/tasks/task_defect.ts";

/** Steps after which the clock of such a task is at its end. */
export const SOUND_STEPS = 4;

const breaks = (): never => {
  throw new TypeError("the clock ran out");
};

/** A clock that counts steps; `during` breaks when it has counted some, or `value` takes the place of a number. */
const clock = (name: string, broken: TaskFunction | "rewardValue" | "stateValue" | "observationValue") => {
  let episodes = 0;
  const at = (what: typeof broken, count: number) => what === broken && count > SOUND_STEPS;
  return defineTask({
    name,
    stateSize: 1,
    timeLimit: broken === "reset" ? SOUND_STEPS + 1 : 100,
    observationSize: 2,
    controlRange: [[-1, 1]],
    reset: (_stream, state) => {
      if (broken === "reset" && ++episodes > 2) breaks(); // once where it is defined
      state[0] = 0;
    },
    step: (state) => {
      if (at("step", state[0] + 1)) breaks();
      state[0] = at("stateValue", state[0] + 1) ? Infinity : state[0] + 1;
    },
    observe: ([count], out) => {
      if (at("observe", count)) breaks();
      out[0] = count;
      if (!at("observationValue", count)) out[1] = 1;
    },
    reward: (_before, _action, [count]) => at("reward", count) ? breaks() : at("rewardValue", count) ? NaN : 1,
    terminated: ([count]) => at("terminated", count) ? breaks() : false,
  });
};

export const breaksInReset = clock("breaks-in-reset", "reset");
export const breaksInStep = clock("breaks-in-step", "step");
export const breaksInObserve = clock("breaks-in-observe", "observe");
export const breaksInReward = clock("breaks-in-reward", "reward");
export const breaksInTerminated = clock("breaks-in-terminated", "terminated");
export const rewardsNothing = clock("rewards-nothing", "rewardValue");
export const leavesNumbers = clock("leaves-numbers", "stateValue");
export const observesTooLittle = clock("observes-too-little", "observationValue");
