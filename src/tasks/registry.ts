/**
 * Every task by name.
 *
 * @module
 */
import { ant } from "./ant.ts";
import { halfCheetah } from "./half_cheetah.ts";
import { hopper } from "./hopper.ts";
import { humanoid } from "./humanoid.ts";
import { humanoidStandup } from "./humanoid_standup.ts";
import { invertedDoublePendulum } from "./inverted_double_pendulum.ts";
import { invertedPendulum } from "./inverted_pendulum.ts";
import { pusher } from "./pusher.ts";
import { reacher } from "./reacher.ts";
import { swimmer } from "./swimmer.ts";
import { taskName } from "./task_names.ts";
import { walker2d } from "./walker2d.ts";
import type { Task } from "./task.ts";

/** Every task under its name, in alphabetical order. */
export const tasks: Readonly<Record<string, Task>> = {
  ant,
  halfCheetah,
  hopper,
  humanoid,
  humanoidStandup,
  invertedDoublePendulum,
  invertedPendulum,
  pusher,
  reacher,
  swimmer,
  walker2d,
};

/** (name, or Gymnasium's id) ⇒ (task). Throws a RangeError for a name that no task has. */
export const getTask = (name: string): Task => {
  const known = taskName(tasks, name);
  if (known !== null) return tasks[known]!;
  throw new RangeError(
    `Cannot get a task as its name must be one of ${Object.keys(tasks).join(", ")}: current value is "${name}"`,
  );
};
