/**
 * The task of a pipeline, with its options.
 *
 * (tree, catalog) ⇒ (task)
 *
 * @module
 */
import * as Result from "effect/Result";
import type * as Schema from "effect/Schema";
import {
  optionsOf,
  type TaskChanges,
  type TaskOptions,
  taskOptionsSchema,
  withTaskOptions,
} from "../tasks/task_options.ts";
import { namesLike, taskName } from "../tasks/task_names.ts";
import type { Task } from "../tasks/task.ts";
import type { Catalog } from "./catalog.ts";
import { didYouMean, unknownName } from "../options/did_you_mean.ts";
import { decodeAt, type UnknownKey } from "./issues.ts";
import { isTree, type Located, positionOf, remove, valueAt } from "./located.ts";
import { extend } from "./modules.ts";
import type { Pipeline } from "./pipeline.ts";
import type { Path, Problem } from "./problems.ts";
import { robotIn } from "./robot_in_pipeline.ts";
import { simulatedAs } from "./simulator_in_pipeline.ts";

/** What a file says of its task. */
export interface TaskInPipeline {
  /** As the catalog has it, also where the file says Gymnasium's id; null: there is no such task. */
  readonly name: string | null;
  /** With the options that the file says, where they hold, else without; null: there is no such task. */
  readonly task: Task | null;
  /** What is wrong with it. */
  readonly problems: ReadonlyArray<Problem>;
}

const namesOf = (task: Task): ReadonlyArray<string> => Object.keys(taskOptionsSchema(task).fields);

/** (task, tasks) ⇒ (name, known names) ⇒ words for an option that it does not have. */
const unknownOption = (task: Task, tasks: Catalog["tasks"]): UnknownKey => (name, known) => {
  const having = Object.values(tasks).filter((each) => namesOf(each).includes(name)).map((each) => each.name);
  const others = having.length === 0 ? "" : `: ${having.join(", ")} ${having.length === 1 ? "has" : "have"} it`;
  return `unknown option "${name}" of task ${task.name}${others}, ${didYouMean(name, known)}`;
};

const path: Path = ["taskOptions"];

/** (tree, task of that name, tasks) ⇒ the task as the file configures it; what the file does not say is as the task has it. */
const configure = (tree: Located, task: Task, tasks: Catalog["tasks"]): Omit<TaskInPipeline, "name"> => {
  const given = valueAt(tree, path);
  if (given === undefined) return { task, problems: [] };
  const schema = taskOptionsSchema(task) as unknown as Schema.Codec<TaskOptions, unknown>;
  const decoded = decodeAt(schema, tree, path, unknownOption(task, tasks));
  if (Result.isFailure(decoded)) return { task, problems: decoded.failure };
  try {
    return { task: withTaskOptions(task, given as TaskChanges<TaskOptions>), problems: [] };
  } catch (error) {
    return { task, problems: [{ position: positionOf(tree, path), path, message: (error as Error).message }] };
  }
};

/** (tree, catalog with the pipeline's modules) ⇒ its task, and what is wrong with what it says of it. */
export const taskIn = (tree: Located, { tasks }: Catalog): TaskInPipeline => {
  const said = valueAt(tree, ["task"]);
  if (isTree(said)) {
    const robot = robotIn(tree), { task } = robot;
    return task === null ? { ...robot, name: null } : { name: task.name, ...configure(tree, task, tasks) };
  }
  if (typeof said !== "string") return { name: null, task: null, problems: [] }; // the schema says so
  const name = taskName(tasks, said);
  if (name !== null) return { name, ...configure(tree, tasks[name], tasks) };
  const message = unknownName("task", said, namesLike(said, tasks));
  return { name: null, task: null, problems: [{ position: positionOf(tree, ["task"]), path: ["task"], message }] };
};

/** (pipeline, catalog) ⇒ its task, with the pipeline's options and what imagines it. */
export const taskOf = (
  { task: name, taskOptions, use, networks: { model } }: Pick<Pipeline, "task" | "taskOptions" | "use" | "networks">,
  catalog: Catalog,
): Task => {
  const { tasks } = extend(catalog, use), task = withTaskOptions(tasks[name], taskOptions);
  return model.kind === "simulator" ? simulatedAs(task, model, tasks) : task;
};

/** (pipeline, catalog) ⇒ all options of its task where a file says none. */
export const unsaidOptions = ({ task, use }: Pick<Pipeline, "task" | "use">, catalog: Catalog): TaskOptions => {
  const { tasks } = extend(catalog, use);
  return optionsOf(Object.hasOwn(tasks, task) ? tasks[task] : {});
};

/**
 * Leaves out of the task's options those that the task that is named now does not have, and the one until now had: whoever
 * names another task over a file takes over those that both have.
 */
export const leaveForeignOptions = (tree: Located, named: unknown, { tasks }: Catalog): void => {
  const before = valueAt(tree, ["task"]), options = valueAt(tree, path);
  if (!isTree(options) || typeof before !== "string" || typeof named !== "string") return;
  const [from, to] = [before, named].map((name) => taskName(tasks, name));
  if (from === null || to === null) return; // its own problem
  const [old, fresh] = [from, to].map((name) => namesOf(tasks[name]));
  for (const name of Object.keys(options)) {
    if (old.includes(name) && !fresh.includes(name)) remove(tree, [...path, name]);
  }
};
