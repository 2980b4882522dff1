/**
 * A task in a message: functions cannot be sent, so that a worker is told the name and the options, and makes it anew.
 *
 * @module
 */
import { getTask } from "./registry.ts";
import { type Task, type TaskOptions, withTaskOptions } from "./task.ts";

/** What determines a configured task. */
export interface TaskReference {
  /** Name in the registry. */
  readonly name: string;
  /** All of its options. */
  readonly options: TaskOptions;
}

/** (task) ⇒ (reference), from which `taskAt` makes the same task. */
export const referenceOf = ({ name, processNoise = 0 }: Task): TaskReference => ({ name, options: { processNoise } });

/** (reference) ⇒ (task). Throws a RangeError for a name that no task has. */
export const taskAt = ({ name, options }: TaskReference): Task => withTaskOptions(getTask(name), options);
