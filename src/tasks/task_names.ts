/**
 * The names that a task goes by: its own, and Gymnasium's id of the environment that it follows.
 *
 * @module
 */
import type { Task } from "./task.ts";

/** Tasks by name. */
export type Tasks = Readonly<Record<string, Task>>;

/** (tasks, name or Gymnasium's id) ⇒ the name that it has here; null: no task goes by it. */
export const taskName = (tasks: Tasks, name: string): string | null => {
  if (Object.hasOwn(tasks, name)) return name;
  const found = Object.entries(tasks).find(([, { gymnasium }]) => gymnasium?.id === name);
  return found === undefined ? null : found[0];
};

/** (tasks) ⇒ every name and id that `taskName` knows. */
export const namesOfTasks = (tasks: Tasks): ReadonlyArray<string> => [
  ...Object.keys(tasks),
  ...new Set(Object.values(tasks).flatMap(({ gymnasium }) => gymnasium === undefined ? [] : [gymnasium.id])),
];

/** (name that no task goes by, tasks) ⇒ names to choose from: Gymnasium's, too, where it looks like one of those. */
export const namesLike = (said: string, tasks: Tasks): ReadonlyArray<string> =>
  /-v\d+$/.test(said) ? namesOfTasks(tasks) : Object.keys(tasks);
