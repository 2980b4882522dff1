/**
 * A task in a message: functions cannot be sent, so that a worker is told the name, the options and where the definition
 * stands, and makes the task anew.
 *
 * @module
 */
import { textOf } from "../options/decode.ts";
import { loadMujoco } from "../mujoco/engine.ts";
import { isTask } from "./define_task.ts";
import { prepareTask } from "./prepare.ts";
import type { Robot } from "./robot/robot.ts";
import { robotTask } from "./robot/robot_task.ts";
import { getTask, tasks } from "./registry.ts";
import { describeThrown } from "./thrown.ts";
import { simulatedBy } from "./simulation.ts";
import { type Task, withModules } from "./task.ts";
import { optionsOf, type TaskOptions, withTaskOptions, writtenOver } from "./task_options.ts";

/** What determines a configured task. */
export interface TaskReference {
  /** Name in the registry, or among the exports of the modules. */
  readonly name: string;
  /** All of its options. */
  readonly options: TaskOptions;
  /** Addresses of the modules that export definitions; none for a task of this package. */
  readonly modules: ReadonlyArray<string>;
  /** Of a robot of one's own: its model and its definition. */
  readonly robot?: Robot;
  /** What steps its imagined rollouts in place of a model; absent: nothing does. */
  readonly simulation?: SimulationReference;
}

/** What determines a simulator in place of a model. */
export interface SimulationReference {
  /** The task whose physics it is; absent: the imagined one. */
  readonly of?: TaskReference;
  /** Its factors by name. */
  readonly physics: Readonly<Record<string, number>>;
}

/** A task that cannot be made anew in a worker. */
export class TaskUnreachable extends Error {
  /** Discriminates typed errors. */
  readonly _tag = "TaskUnreachable";
  /** The class name, as shown in a failure. */
  override readonly name = "TaskUnreachable";
  /** Name of the task. */
  readonly task: string;

  /** (task, why no module gives it) ⇒ (error with a message). */
  constructor(task: string, readonly reason: string) {
    super(`Cannot send task "${task}" to a worker as a module must export it: ${reason}`);
    this.task = task;
  }
}

/** (what `taskAt` threw) ⇒ the reason of a TaskUnreachable, as a worker can send it. */
export const unreachableReason = (thrown: unknown): string => {
  if (thrown instanceof TaskUnreachable) return thrown.reason;
  const { reason, place } = describeThrown(thrown);
  return place === null ? reason : `${reason} (at ${place})`;
};

const instead = '"use: [./my_task.ts]", or train without workers)';

/** (task) ⇒ why a worker would make another one by its name; null: it would not. */
const otherThan = (task: Task): string | null => {
  const { name, modules = [], exported } = task, whose = modules.length === 0 ? "this package's" : "its module's";
  if (modules.length === 0 && !Object.hasOwn(tasks, name)) {
    return `it says none, and this package has no task of that name (name its file in the pipeline, ${instead}`;
  }
  const definition = modules.length === 0 ? tasks[name] : exported;
  if (definition === undefined) return null;
  const other = writtenOver(definition, task).filter((key) => key !== "modules" && key !== "exported");
  if (other.length === 0) return null;
  return `${other.join(", ")} ${other.length === 1 ? "is" : "are"} not as ${whose} "${name}" has it ` +
    `(export it under another name from a module of its own, ${instead}`;
};

/** (task) ⇒ (reference), from which `taskAt` makes the same task. Throws TaskUnreachable where it is no module's. */
export const referenceOf = (task: Task): TaskReference => {
  const { simulation } = task.imagined, bare = bareReferenceOf(task);
  if (simulation === undefined) return bare;
  const { of, names, factors } = simulation, physics = Object.fromEntries(names.map((name, i) => [name, factors[i]]));
  const same = of.name === task.name && textOf(optionsOf(of)) === textOf(optionsOf(task));
  return { ...bare, simulation: same ? { physics } : { of: bareReferenceOf(of), physics } };
};

const bareReferenceOf = (task: Task): TaskReference => {
  const { name, modules = [], robot } = task;
  if (robot !== undefined) return { name, options: optionsOf(task), modules: [], robot };
  const reason = otherThan(task);
  if (reason !== null) throw new TaskUnreachable(name, reason);
  return { name, options: optionsOf(task), modules };
};

/** (task) ⇒ whether a worker can make it anew. */
export const isReachable = (task: Task): boolean => {
  const { robot, imagined: { simulation } } = task;
  if (simulation !== undefined && simulation.of !== simulation.real && !isReachable(simulation.of)) return false;
  return robot !== undefined || otherThan(task) === null;
};

/** (task) ⇒ (task), once its simulator has what it needs. */
const prepared = async (task: Task): Promise<Task> => {
  await prepareTask(task);
  return task;
};

/**
 * (reference) ⇒ (task) with what steps its imagined rollouts. Fails: TaskUnreachable where no module exports it,
 * TaskUnprepared.
 */
export const taskAt = async ({ simulation, ...bare }: TaskReference): Promise<Task> => {
  const task = await bareTaskAt(bare);
  if (simulation === undefined) return task;
  return simulatedBy(task, simulation.physics, simulation.of === undefined ? task : await bareTaskAt(simulation.of));
};

/**
 * (reference) ⇒ (task), imported where it is a module's, and ready to be simulated. Fails: TaskUnreachable where no module
 * exports it, TaskUnprepared.
 */
const bareTaskAt = async ({ name, options, modules, robot }: TaskReference): Promise<Task> => {
  if (robot !== undefined) {
    await loadMujoco();
    return withTaskOptions<Task>(robotTask(robot), options);
  }
  if (modules.length === 0) return prepared(withTaskOptions(getTask(name), options));
  for (const address of modules) {
    const exports = Object.values(await import(address) as Record<string, unknown>);
    const task = exports.filter(isTask).find((each) => each.name === name);
    if (task !== undefined) return prepared(withTaskOptions(withModules(task, modules), options));
  }
  throw new TaskUnreachable(name, `none of ${modules.join(", ")} does`);
};
