/**
 * The error of a task whose own code threw.
 *
 * @module
 */
import { nameStep, type SimulationPlace } from "./physics_diverged.ts";

/** The functions of a task that a rollout calls. */
export type TaskFunction = "reset" | "step" | "reward" | "observe" | "terminated";

/** What a task's code did. */
export interface ThrownByTask {
  /** Where. */
  readonly during: TaskFunction;
  /** What it did, as words. */
  readonly reason: string;
  /** `file:line:column`, null where it is not known. */
  readonly place: string | null;
}

/** A function of a task threw: a fault of its code. */
export class TaskDefect extends Error {
  /** Discriminates typed errors. */
  readonly _tag = "TaskDefect";
  /** The class name, as shown in a failure. */
  override readonly name = "TaskDefect";
  /** Name of the task. */
  readonly task: string;
  /** Environment step, counted from 0, during which it threw. */
  readonly step: number;
  /** Index of the environment; null where there is one. */
  readonly environment: number | null;
  /** Which of its functions. */
  readonly during: TaskFunction;
  /** `file:line:column` of the user's code, null where it is not known. */
  readonly place: string | null;

  /** (where it happened, what the code did) ⇒ (error) with a message of one line. */
  constructor(at: SimulationPlace, { during, reason, place }: ThrownByTask) {
    const where = place === null ? "" : ` (at ${place})`;
    super(`Cannot simulate ${at.task} in ${nameStep(at)} as "${during}" must not throw: ${reason}${where}`);
    this.task = at.task;
    this.step = at.step;
    this.environment = at.environment ?? null;
    this.during = during;
    this.place = place;
  }
}
