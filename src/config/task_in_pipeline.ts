/**
 * The task of a pipeline, with its options.
 *
 * (tree, catalog) ⇒ (task)
 *
 * @module
 */
import * as Result from "effect/Result";
import type * as Schema from "effect/Schema";
import { optionsOf, type TaskOptions, taskOptionsSchema, withTaskOptions } from "../tasks/task_options.ts";
import type { Task } from "../tasks/task.ts";
import type { Catalog } from "./catalog.ts";
import { didYouMean } from "./did_you_mean.ts";
import { decodeAt, type UnknownKey } from "./issues.ts";
import { isTree, type Located, positionOf, remove, valueAt } from "./located.ts";
import { extend } from "./modules.ts";
import type { Pipeline } from "./pipeline.ts";
import type { Path, Problem } from "./problems.ts";
import { robotIn } from "./robot_in_pipeline.ts";

/** What a file says of its task. */
export interface TaskInPipeline {
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

/** (tree, task, tasks) ⇒ all options of the task as the file says them; what it does not say is as the task has it. */
const decodeTaskOptions = (
  tree: Located,
  task: Task,
  tasks: Catalog["tasks"],
): Result.Result<TaskOptions, ReadonlyArray<Problem>> => {
  const given = valueAt(tree, path), now = optionsOf(task);
  if (given === undefined) return Result.succeed(now);
  const schema = taskOptionsSchema(task) as unknown as Schema.Codec<TaskOptions, unknown>;
  return Result.map(decodeAt(schema, tree, path, unknownOption(task, tasks)), (decoded) => ({
    ...now,
    ...Object.fromEntries(Object.entries(decoded).filter(([name]) => Object.hasOwn(given as object, name))),
  }));
};

/** (tree, task of that name, tasks) ⇒ the task as the file configures it. */
const configure = (tree: Located, task: Task, tasks: Catalog["tasks"]): TaskInPipeline => {
  const options = decodeTaskOptions(tree, task, tasks);
  if (Result.isFailure(options)) return { task, problems: options.failure };
  try {
    return { task: withTaskOptions(task, options.success), problems: [] };
  } catch (error) {
    return { task, problems: [{ position: positionOf(tree, path), path, message: (error as Error).message }] };
  }
};

/** (tree, catalog with the pipeline's modules) ⇒ its task, and what is wrong with what it says of it. */
export const taskIn = (tree: Located, { tasks }: Catalog): TaskInPipeline => {
  const name = valueAt(tree, ["task"]);
  if (isTree(name)) {
    const robot = robotIn(tree);
    return robot.task === null ? robot : configure(tree, robot.task, tasks);
  }
  if (typeof name !== "string") return { task: null, problems: [] }; // the schema says so
  if (Object.hasOwn(tasks, name)) return configure(tree, tasks[name], tasks);
  const message = `unknown task "${name}", ${didYouMean(name, Object.keys(tasks))}`;
  return { task: null, problems: [{ position: positionOf(tree, ["task"]), path: ["task"], message }] };
};

/** (pipeline, catalog) ⇒ its task, with the pipeline's options. */
export const taskOf = (pipeline: Pick<Pipeline, "task" | "taskOptions" | "use">, catalog: Catalog): Task =>
  withTaskOptions(extend(catalog, pipeline.use).tasks[pipeline.task], pipeline.taskOptions);

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
  if (!Object.hasOwn(tasks, before) || !Object.hasOwn(tasks, named)) return; // its own problem
  const [old, fresh] = [before, named].map((name) => namesOf(tasks[name]));
  for (const name of Object.keys(options)) {
    if (old.includes(name) && !fresh.includes(name)) remove(tree, [...path, name]);
  }
};
