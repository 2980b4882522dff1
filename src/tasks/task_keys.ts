/**
 * Which keys the definition of a task has: a mistyped `terminated` would be an episode that never ends.
 *
 * @module
 */
import { type KeysOf, unknownKeyIn } from "../options/known_keys.ts";
import { TaskInvalid } from "./check_task.ts";
import type { ImaginedDefinition, PlainTask, SimulatedTask, TaskWithOptions } from "./task_definition.ts";

const both: KeysOf<PlainTask> & KeysOf<SimulatedTask<unknown>> = {
  name: true,
  timeLimit: true,
  observationSize: true,
  controlRange: true,
  frameSkip: true,
  threshold: true,
  gymnasium: true,
  observationBound: true,
  laggingEntries: true,
  reset: true,
  observe: true,
  reward: true,
  terminated: true,
  scene: true,
  imagined: true,
  stateSize: true,
  timestep: true,
  step: true,
  simulator: true,
};

const ofImagination: KeysOf<ImaginedDefinition> = {
  features: true,
  knownReward: true,
  rewardResidual: true,
  survival: true,
};

const withOptions: KeysOf<TaskWithOptions<unknown, unknown>> = { name: true, options: true, check: true, make: true };

const refuse = (name: string, flaw: string | null): void => {
  if (flaw !== null) throw new TaskInvalid(name, flaw);
};

const all = { ...both, ...withOptions };

/** Throws TaskInvalid on a key that no task has, or that one without options does not. */
export const checkKeys = (definition: PlainTask | SimulatedTask<unknown>): void => {
  const { name, imagined = {} } = definition;
  refuse(name, unknownKeyIn(definition, all) ?? unknownKeyIn(imagined, ofImagination));
  const ofOptions = Object.keys(definition).find((key) => !Object.hasOwn(both, key));
  refuse(name, ofOptions === undefined ? null : `"${ofOptions}" must stand with options and make: it stands without`);
};

/** Throws TaskInvalid on a key that no task with options has, or where the task itself is missing. */
export const checkKeysWithOptions = (definition: TaskWithOptions<unknown, unknown>): void => {
  const { name, make } = definition, found = make === undefined ? "missing" : String(make);
  refuse(name, unknownKeyIn(definition, withOptions));
  refuse(name, typeof make === "function" ? null : `make must be a function: current value is ${found}`);
};
