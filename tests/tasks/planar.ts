/** The planar mechanisms behind the built-in tasks, for tests that set their states one by one. */
import { compile, type Data, type Model, models } from "../../src/physics/physics.ts";
import { needsPreparation } from "../../src/tasks/prepare.ts";
import { tasks } from "../../src/tasks/registry.ts";
import type { Task } from "../../src/tasks/task.ts";

/** The built-in tasks on our own physics. */
export const planarTasks: Readonly<Record<string, Task>> = Object.fromEntries(
  Object.entries(tasks).filter(([, task]) => !needsPreparation(task)),
);

/** (name of a built-in task) ⇒ its compiled model. */
export const modelOf = (name: string): Model => compile(models[name]);

/** (built-in task) ⇒ fresh scratch of its physics. */
export const dataOf = (task: Task): Data => task.simulator.make() as Data;

/** (task, data) ⇒ (state [stateSize]). */
export const stateOf = (task: Task, data: unknown): Float64Array => {
  const state = new Float64Array(task.simulator.stateSize);
  task.simulator.read(data, state);
  return state;
};
