/**
 * `model: physics`: an estimator of the panel whose imagined rollouts step the true task's physics in place of the learned
 * model, or that physics with other factors.
 *
 * (batch and networks, task, factors) ⇒ (the same, imagined by the physics)
 *
 * @module
 */
import { oneFold } from "../data/folds.ts";
import type { EstimatorInput } from "../estimators/estimator.ts";
import { ownFactors, simulatedBy } from "../tasks/simulation.ts";
import type { Task } from "../tasks/task.ts";

/** Physics in place of a model. */
export interface PhysicsModel {
  /** Factors by name, relative to the task's nominal figures; those that are not said are the true task's own. */
  readonly physics: Readonly<Record<string, number>>;
}

/** (model of a specification) ⇒ ", physics", ", physics mass .8": words behind an estimator's; "" for the learned one. */
export const physicsLabel = (model: PhysicsModel | undefined): string => {
  if (model === undefined) return "";
  const changes = Object.entries(model.physics).map(([name, x]) => `${name} ${String(x).replace(/^0(?=\.)/, "")}`);
  return [", physics", ...changes].join(" ");
};

/** (task, model) ⇒ the task, imagined by the physics. Throws SimulatorInvalid, and a RangeError on a factor out of range. */
export const imaginedByPhysics = (task: Task, { physics }: PhysicsModel): Task =>
  simulatedBy(task, { ...ownFactors(task), ...physics });

/** (networks and batch with its states, task, model) ⇒ the same, imagined by the physics. */
export const withPhysics = (input: EstimatorInput, task: Task, model: PhysicsModel): EstimatorInput => {
  const { imagined } = imaginedByPhysics(task, model), factors = Float64Array.from(imagined.simulation!.factors);
  return { ...input, task: imagined, model: oneFold({ factors, spread: new Float64Array(factors.length) }) };
};
