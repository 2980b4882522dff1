/**
 * What a task says about one imagined step, recorded as programs.
 *
 * @module
 */
import type { ReturnForm } from "../data/gradient.ts";
import type { ImaginedTask } from "../tasks/task.ts";
import { type Program, record } from "../nn/passes/column_program.ts";
import { featuresOf } from "./model_reward.ts";

/** The programs of a task. */
export interface StepPrograms {
  /** s [obs] ⇒ features */
  readonly features: Program;
  /** (s [obs], a [act] clipped, s′ [obs]) ⇒ (known reward, survival) */
  readonly outcome: Program;
}

/** (features) ⇒ how many of the first features are the first observations, as they are and in their order. */
export const leadingObservations = ({ inputs, outputs }: Program): number => {
  const end = outputs.findIndex((v, j) => v !== j || v >= inputs);
  return end === -1 ? outputs.length : end;
};

/** (task, obs, act, termination) ⇒ (programs); survival is the product over its margins, 1 without any. */
export const stepPrograms = (
  task: ImaginedTask,
  observationSize: number,
  actionSize: number,
  termination: ReturnForm["termination"],
): StepPrograms => ({
  features: featuresOf(task).program(observationSize),
  outcome: record(2 * observationSize + actionSize, (algebra, values) => {
    const s = values.slice(0, observationSize), next = values.slice(observationSize + actionSize);
    const reward = task.knownReward(algebra, s, values.slice(observationSize, observationSize + actionSize), next);
    const alive = task.survival(algebra, next).map(({ margin, width }) =>
      termination === "soft" ? algebra.sigmoid(algebra.scale(margin, 1 / width)) : algebra.indicator(margin)
    );
    const survival = alive.length === 0 ? algebra.constant(1) : alive.reduce((p, q) => algebra.multiply(p, q));
    return [reward, survival];
  }),
});
