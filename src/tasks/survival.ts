/**
 * How ends of episodes are seen in observations, which imagined rollouts have alone.
 *
 * @module
 */
import { type Algebra, float64Algebra } from "../math/algebra.ts";
import type { ImaginedTask, Survival, SurvivalMargin, Task } from "./task.ts";

/** A task's episodes end, and nothing says how imagined rollouts can see it. */
export class TaskNotImagined extends Error {
  /** Discriminates typed errors. */
  readonly _tag = "TaskNotImagined";
  /** The class name, as shown in a failure. */
  override readonly name = "TaskNotImagined";
  /** Name of the task; null where it is not known. */
  readonly task: string | null;

  /** (who imagines, task or null) ⇒ (error with a message). */
  constructor(reader: string, task: string | null) {
    super(
      `Cannot run ${reader} as ${
        task === null ? "the task" : `task "${task}"`
      } must say by "imagined.survival" how its ` +
        `ends are seen in an observation: current value is "terminated" alone`,
    );
    this.task = task;
  }
}

/** Survival of a task that ends and does not say how an observation shows it. Throws TaskNotImagined. */
export const unknownSurvival: Survival = () => {
  throw new TaskNotImagined("an imagined rollout", null);
};

/** Survival of a task that never ends. */
export const endless: Survival = () => [];

/** (task) ⇒ whether imagined rollouts see its ends, or it has none. */
export const isImagined = ({ imagined }: Pick<Task, "imagined">): boolean =>
  imagined.simulation !== undefined || imagined.survival !== unknownSurvival; // a simulator sees ends in its state

/** (task, who imagines it) ⇒ its differentiable counterpart. Throws TaskNotImagined where its ends are not known there. */
export const imaginedOf = (task: Pick<Task, "name" | "imagined">, reader: string): ImaginedTask => {
  if (!isImagined(task)) throw new TaskNotImagined(reader, task.name);
  return task.imagined;
};

/** (value, range, width) ⇒ the conditions of lying between the ends of the range that are finite. */
export const rangeMargins = <T>(
  algebra: Algebra<T>,
  value: T,
  [low, high]: readonly [number, number],
  width: number,
): ReadonlyArray<SurvivalMargin<T>> => [
  ...(low === -Infinity ? [] : [{ margin: algebra.shift(value, -low), width }]),
  ...(high === Infinity ? [] : [{ margin: algebra.shift(algebra.scale(value, -1), high), width }]),
];

/** (survival, observe, obs) ⇒ (data) ⇒ whether some margin of its observation is not above 0, or not a number. */
export const terminatedBy = <D>(
  survival: Survival,
  observe: (data: D, out: Float64Array) => void,
  observationSize: number,
): (data: D) => boolean => {
  const observation = new Float64Array(observationSize);
  return (data) => {
    observe(data, observation);
    return survival(float64Algebra, Array.from(observation)).some(({ margin }) => !(margin > 0));
  };
};
