/**
 * What a task's simulator has to load before it simulates.
 *
 * @module
 */
import type { Task } from "./task.ts";

/** The engine of a task cannot be loaded, or does not take its model. */
export class TaskUnprepared extends Error {
  /** Discriminates typed errors. */
  readonly _tag = "TaskUnprepared";
  /** The class name, as shown in a failure. */
  override readonly name = "TaskUnprepared";
  /** Name of the task. */
  readonly task: string;

  /** (task, why it cannot be simulated) ⇒ (error with a message). */
  constructor(task: string, readonly reason: string) {
    super(`Cannot simulate ${task} as its engine must be there: ${reason}`);
    this.task = task;
  }
}

/** (task) ⇒ whether it has to be prepared before its simulator makes anything. */
export const needsPreparation = ({ simulator }: Pick<Task, "simulator">): boolean => simulator.prepare !== undefined;

/** (task) ⇒ nothing, once its simulator has what it needs on this thread. Fails: TaskUnprepared. */
export const prepareTask = async ({ name, simulator }: Pick<Task, "name" | "simulator">): Promise<void> => {
  try {
    await simulator.prepare?.();
  } catch (error) {
    throw new TaskUnprepared(name, error instanceof Error ? error.message : String(error));
  }
};
