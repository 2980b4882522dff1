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

/** Tasks as they have been imagined, by what their models say: code is generated for a physics once. */
const made = new WeakMap<Task, Map<string, Task>>();

const readyBy = (task: Task, model: PhysicsModel): Task => {
  const ofTask = made.get(task) ?? new Map<string, Task>(), name = JSON.stringify(Object.entries(model.physics).sort());
  made.set(task, ofTask);
  const known = ofTask.get(name);
  if (known !== undefined) return known;
  const ready = imaginedByPhysics(task, model), { at, factors } = ready.imagined.simulation!;
  at(factors); // before anybody takes the time of an estimate
  ofTask.set(name, ready);
  return ready;
};

/** (networks and batch with its states, task, model) ⇒ the same, imagined by the physics, which is ready to be stepped. */
export const withPhysics = (input: EstimatorInput, task: Task, model: PhysicsModel): EstimatorInput => {
  const { imagined } = readyBy(task, model), factors = Float64Array.from(imagined.simulation!.factors);
  return { ...input, task: imagined, model: oneFold({ factors, spread: new Float64Array(factors.length) }) };
};
