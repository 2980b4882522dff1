/**
 * The one way to define a task, for those of this package and for a user's own.
 *
 * (what a task is) ⇒ defineTask ⇒ (Task), with what follows from it, checked
 *
 * @module
 */
import { decodeOptions, textOf } from "../options/decode.ts";
import { defaultsOf, recordOf } from "../options/options.ts";
import { float64Algebra } from "../math/algebra.ts";
import { checkKeys, checkKeysWithOptions } from "./task_keys.ts";
import { checkFields, probeTask, TaskInvalid } from "./check_task.ts";
import { nothingKnown } from "./known_reward.ts";
import { plainSimulator } from "./plain_simulator.ts";
import type { Simulator } from "./simulator.ts";
import { endless, terminatedBy, unknownSurvival } from "./survival.ts";
import type { ImaginedTask, Task, TaskFeatures } from "./task.ts";
import type { PlainTask, SimulatedTask, TaskFields, TaskWithOptions } from "./task_definition.ts";
import { type ConfigurableTask, takenNames } from "./task_options.ts";
import { describeThrown } from "./thrown.ts";

/** The type of `defineTask`. */
export interface DefineTask {
  /** (task by plain arithmetic) ⇒ (task). Throws TaskInvalid. */
  (definition: PlainTask): Task<Float64Array>;
  /** (task on a simulator) ⇒ (task). Throws TaskInvalid. */
  <D>(definition: SimulatedTask<D>): Task<D>;
  /** (task by plain arithmetic that owns options) ⇒ (task at their defaults). Throws TaskInvalid. */
  <Options>(definition: TaskWithOptions<Options, PlainTask>): ConfigurableTask<Options, Float64Array>;
  /** (task on a simulator that owns options) ⇒ (task at their defaults). Throws TaskInvalid. */
  <Options, D>(definition: TaskWithOptions<Options, SimulatedTask<D>>): ConfigurableTask<Options, D>;
}

type AnyDefinition = PlainTask | SimulatedTask<unknown>;

const mark = Symbol.for("@mscv/mscv/task"); // the same in every copy of the package

const asObserved: TaskFeatures = (_algebra, observation) => observation;

/** (name, features, obs) ⇒ how many columns they are. Throws TaskInvalid where they throw. */
const widthOf = (name: string, features: TaskFeatures, observationSize: number): number => {
  try {
    return features(float64Algebra, new Array<number>(observationSize).fill(0)).length;
  } catch (error) {
    const { reason, place } = describeThrown(error);
    throw new TaskInvalid(name, `imagined.features must not throw: ${reason}${place === null ? "" : ` (at ${place})`}`);
  }
};

const imaginedPart = <D>(
  { name, imagined = {}, terminated, observationSize, controlRange }: TaskFields<D>,
): ImaginedTask => {
  const { features = asObserved, knownReward = nothingKnown, rewardResidual = "learned" } = imagined;
  const { survival = terminated === undefined ? endless : unknownSurvival } = imagined;
  const featureSize = widthOf(name, features, observationSize);
  return { features, featureSize, knownReward, rewardResidual, survival, controlRange };
};

const simulatorOf = (definition: AnyDefinition): Simulator => {
  if ("simulator" in definition) return definition.simulator;
  const { stateSize, timestep = 1 } = definition;
  return plainSimulator({ stateSize, timestep, step: (state, control) => definition.step(state, control) });
};

/** (definition) ⇒ (task): what is absent is derived, nothing is tried yet. */
const complete = (definition: AnyDefinition): Task => {
  const fields = definition as TaskFields<unknown>, { name, timeLimit, observationSize, controlRange } = fields;
  const { frameSkip = 1, threshold, gymnasium, observationBound, laggingEntries, scene } = fields;
  const imagined = imaginedPart(fields), observe = (data: unknown, out: Float64Array) => fields.observe(data, out);
  const ends = fields.terminated === undefined
    ? imagined.survival === endless ? () => false : terminatedBy(imagined.survival, observe, observationSize)
    : (data: unknown) => fields.terminated!(data);
  return {
    name,
    simulator: simulatorOf(definition),
    frameSkip,
    timeLimit,
    observationSize,
    actionSize: controlRange.length,
    controlRange,
    ...(threshold === undefined ? {} : { threshold }),
    ...(gymnasium === undefined ? {} : { gymnasium }),
    ...(observationBound === undefined ? {} : { observationBound }),
    ...(laggingEntries === undefined ? {} : { laggingEntries }),
    ...(scene === undefined ? {} : { scene }),
    reset: (stream, data) => fields.reset(stream, data),
    observe,
    reward: (before, action, after) => fields.reward(before, action, after),
    terminated: ends,
    imagined,
  };
};

const defined = (definition: AnyDefinition): Task => {
  checkKeys(definition);
  checkFields(definition);
  const task = Object.assign(complete(definition), { [mark]: true });
  if (task.simulator.prepare === undefined) probeTask(task);
  return task;
};

/** Whether a definition is meant as that of a task with options, sound or not. */
const isConfigurable = (definition: object): definition is TaskWithOptions<unknown, AnyDefinition> =>
  "make" in definition || "options" in definition;

/**
 * (name, what makes the task with other options) ⇒ (task). Throws a RangeError where an option is out of its range, TaskInvalid
 * where nothing that holds can be made with them, whoever says so: a physics engine of the figures that they give.
 */
const holding = (name: string, make: () => Task): Task => {
  try {
    return make();
  } catch (cause) {
    if (cause instanceof RangeError || cause instanceof TaskInvalid) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new TaskInvalid(name, `it must hold with these options: ${reason}`, { cause });
  }
};

/** (definition with options) ⇒ (task at their defaults), from which the task at others is made, each once. */
const configurable = (definition: TaskWithOptions<unknown, AnyDefinition>): Task => {
  checkKeysWithOptions(definition);
  const { name, options: fields, check = () => null, make: define } = definition;
  const taken = takenNames.find((each) => Object.hasOwn(fields, each));
  if (taken !== undefined) {
    throw new TaskInvalid(name, `no option may be called "${taken}", which every task has: one is`);
  }
  // By configurations, which copies of a task share: a task is the same as long as somebody has it or a copy of it.
  const made = new Map<string, WeakRef<object>>(), tasks = new WeakMap<object, Task>();
  const schema = recordOf(fields, check);
  const forgotten = new FinalizationRegistry<string>((key) => made.get(key)?.deref() === undefined && made.delete(key));
  const build = (given: unknown): Task => {
    const values = decodeOptions(`task "${name}"`, schema, given), key = textOf(values);
    const known = made.get(key)?.deref();
    if (known !== undefined) return tasks.get(known)!;
    const task = defined({ ...define(values), name } as AnyDefinition);
    const configuration = { fields, check, values, make }, configured = Object.assign(task, { configuration });
    tasks.set(configuration, configured);
    made.set(key, new WeakRef(configuration));
    forgotten.register(configuration, key);
    return configured;
  };
  const make = (given: unknown): Task => holding(name, () => build(given));
  return build(defaultsOf(fields));
};

/**
 * (what a task is) ⇒ (task). What follows from the rest is derived: the width of an action from the control range, that of
 * features by calling them once, the end of an episode from `imagined.survival`. One step of one episode is tried at once, so
 * that a wrong size, a number that is not finite or an exception is told where the task is defined; not so where the simulator
 * has to be prepared first (`Simulator.prepare`).
 *
 * Throws TaskInvalid, which names what is wrong.
 *
 * @example
 * ```ts
 * import { defineTask } from "./define_task.ts";
 *
 * // A cart of 1 kg, pushed by up to 2 N for .1 s a step; the reward is minus its distance from 0.
 * export const cart = defineTask({
 *   name: "cart",
 *   stateSize: 2, // m, m/s
 *   timestep: 0.1,
 *   timeLimit: 100,
 *   observationSize: 2,
 *   controlRange: [[-2, 2]], // N
 *   reset: (stream, state) => state.set([2 * stream.uniform() - 1, 0]),
 *   step: (state, [force]) => {
 *     state[1] += 0.1 * force;
 *     state[0] += 0.1 * state[1];
 *   },
 *   observe: (state, out) => out.set(state),
 *   reward: (_before, _action, [position]) => -Math.abs(position),
 * });
 * if (cart.actionSize !== 1 || cart.imagined.featureSize !== 2) throw new Error("one control, two features");
 * ```
 */
export const defineTask =
  ((definition: AnyDefinition | TaskWithOptions<unknown, AnyDefinition>): Task =>
    isConfigurable(definition) ? configurable(definition) : defined(definition)) as DefineTask;

/** (anything) ⇒ whether `defineTask` made it, here or in another copy of the package. */
export const isTask = (value: unknown): value is Task =>
  typeof value === "object" && value !== null && (value as { readonly [mark]?: unknown })[mark] === true;
