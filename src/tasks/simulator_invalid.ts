/**
 * The error of a simulator that cannot stand in the place of a task's model.
 *
 * @module
 */

/** A simulator that cannot stand for a task's model. */
export class SimulatorInvalid extends Error {
  /** Discriminates typed errors. */
  readonly _tag = "SimulatorInvalid";
  /** The class name, as shown in a failure. */
  override readonly name = "SimulatorInvalid";
  /** Name of the task. */
  readonly task: string;

  /** (task, what is wrong: "X must be Y: current value is V") ⇒ (error with a message). */
  constructor(task: string, readonly flaw: string) {
    super(`Cannot imagine task "${task}" by a simulator as ${flaw}`);
    this.task = task;
  }
}
