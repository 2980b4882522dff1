/**
 * What can be changed about a task: options that it owns, as an estimator owns its own, beside one that every task has.
 *
 * (task, changes) ⇒ withTaskOptions ⇒ (task)
 *
 * @module
 */
import { decodeOptions, textOf } from "../options/decode.ts";
import {
  defaultsOf,
  nonNegative,
  option,
  type OptionFault,
  type OptionFields,
  type OptionsOf,
  recordOf,
} from "../options/options.ts";
import type { Task } from "./task.ts";

/** The option of every task, built in or not. */
export interface ControlOptions {
  /** Standard deviation of the disturbance of every control, in halves of its range; 0: none. */
  readonly processNoise: number;
}

/** All options of a task that is known only at run time. */
export interface TaskOptions extends ControlOptions {
  /** Its own, by name. */
  readonly [name: string]: unknown;
}

/** The options that a task owns, their values, and how the task is made with others. */
export interface TaskConfiguration<Options> {
  /** Each with its schema, default and description. */
  readonly fields: OptionFields<Options>;
  /** (options) ⇒ what does not go together, or null. */
  readonly check: (options: Options) => OptionFault<Options> | null;
  /** What the task was made with: all of them. */
  readonly values: Options;
  /** (options) ⇒ (task): for equal options the same one. Throws TaskInvalid where it does not hold with them. */
  readonly make: (options: Options) => Task;
}

/** A task that owns options. */
export interface ConfigurableTask<Options, D = unknown> extends Task<D> {
  /** They, their values, and how it is made with others. */
  readonly configuration: TaskConfiguration<Options>;
}

/** All options of a task: its own, and that of every task. */
export type OptionsOfTask<T extends Task> = T extends ConfigurableTask<infer Options> ? Options & ControlOptions
  : TaskOptions;

/** Changes to options: of those that are maps, to parts of them. */
export type TaskChanges<Options> = {
  readonly [K in keyof Options]?: Options[K] extends ReadonlyArray<unknown> ? Options[K]
    : Options[K] extends object ? Partial<Options[K]>
    : Options[K];
};

/** The option of every task, with its default. */
const controlOptions: OptionFields<ControlOptions> = {
  processNoise: option(
    nonNegative,
    0,
    "Standard deviation of a Gaussian disturbance of every control, in halves of its range; 0: none",
  ),
};

/** Names that no task may give to an option of its own. */
export const takenNames: ReadonlyArray<string> = Object.keys(controlOptions);

/** What is known of options at run time. */
type Values = Readonly<Record<string, unknown>>;

/** (task) ⇒ schema of all options of its kind, whatever its own are; their defaults are those of the definition. */
export const taskOptionsSchema = ({ configuration }: Task): OptionsOf<Values> =>
  recordOf<Values>(
    { ...controlOptions, ...configuration?.fields } as unknown as OptionFields<Values>,
    ({ processNoise: _, ...own }) => configuration?.check(own) ?? null,
  );

/** (task) ⇒ all of its options as they are: what a pipeline changes, where it changes something. */
export const optionsOf = (
  { configuration, processNoise = 0 }: Pick<Task, "configuration" | "processNoise">,
): TaskOptions => ({
  processNoise,
  ...configuration?.values as Values | undefined,
});

/** (task) ⇒ the same task with the options of its definition. */
export const withoutOptions = (task: Task): Task =>
  withTaskOptions(task, {
    processNoise: 0,
    ...(task.configuration === undefined ? {} : defaultsOf(task.configuration.fields) as Values),
  });

const isMap = (value: unknown): value is Values => typeof value === "object" && value !== null && !Array.isArray(value);

/** (options, changes) ⇒ changes, in which a map that changes some of an option's parts holds the others as they are. */
const mapsOver = (now: Values, changes: Values): Values =>
  Object.fromEntries(
    Object.entries(changes).map(([name, value]) => {
      const before = now[name];
      return [name, isMap(value) && isMap(before) ? { ...before, ...value } : value];
    }),
  );

const equal = (a: unknown, b: unknown): boolean => textOf(a) === textOf(b);

/** (options, others) ⇒ those that are not as in the others, by name. */
export const changedFrom = (options: Values, others: Values): Values =>
  Object.fromEntries(
    Object.entries(options).filter(([name, value]) => !equal(value, others[name])).sort(([a], [b]) => (a < b ? -1 : 1)),
  );

/** (task) ⇒ what was written over the task that its definition makes: whoever spreads a task changes this copy alone. */
const overridesOf = (task: Task): Partial<Task> => {
  const { configuration, processNoise: _, ...fields } = task;
  if (configuration === undefined) return fields;
  const made = configuration.make(configuration.values);
  return Object.fromEntries(
    Object.entries(fields).filter(([name, value]) => !Object.is(value, made[name as keyof Task])),
  );
};

/**
 * (definition, task) ⇒ names of what the task has otherwise than the definition gives with the task's options, sorted: nothing
 * where they are the same task, whatever imagines it. `options` where the definition does not take them.
 */
export const writtenOver = (definition: Task, task: Task): ReadonlyArray<string> => {
  let made: Task;
  try {
    made = withTaskOptions(definition, optionsOf(task));
  } catch {
    return ["options"];
  }
  const imagined = task.imagined?.simulation?.real.imagined ?? task.imagined, found = { ...task, imagined };
  const names = new Set([...Object.keys(made), ...Object.keys(found)]) as Set<keyof Task>;
  return [...names].filter((name) => !Object.is(made[name], found[name])).sort();
};

/**
 * (task, changes to its options) ⇒ (task): the same one where nothing changes. Options that are not given stay as they are.
 *
 * Throws a RangeError on an option that the task does not have or that is out of its range, with the names of those that
 * there are; TaskInvalid where the task does not hold with them.
 *
 * @example
 * ```ts
 * import { option, positive } from "../options/options.ts";
 * import { defineTask } from "./define_task.ts";
 * import { withTaskOptions } from "./task_options.ts";
 *
 * // A point that is pushed towards 0; how heavy it is can be chosen.
 * const point = defineTask({
 *   name: "point",
 *   options: { mass: option(positive, 1, "kg") },
 *   make: ({ mass }) => ({
 *     stateSize: 1,
 *     timeLimit: 10,
 *     observationSize: 1,
 *     controlRange: [[-1, 1]],
 *     reset: (_stream, state) => state.fill(1),
 *     step: (state, [force]) => state[0] += force / mass,
 *     observe: (state, out) => out.set(state),
 *     reward: (_before, _action, [x]) => -x * x,
 *   }),
 * });
 * const heavy = withTaskOptions(point, { mass: 4 }), state = Float64Array.of(1);
 * heavy.simulator.step(state, Float64Array.of(-1));
 * if (state[0] !== 0.75) throw new Error("a force of 1 moves 4 kg by 1/4");
 * ```
 */
export const withTaskOptions = <T extends Task>(task: T, changes: TaskChanges<OptionsOfTask<T>>): T => {
  const now = optionsOf(task), wanted = { ...now, ...mapsOver(now, changes as Values) };
  const options = decodeOptions(`task "${task.name}"`, taskOptionsSchema(task), wanted) as TaskOptions;
  if (Object.keys(changedFrom(options, now)).length === 0) return task;
  const { processNoise, ...own } = options, { processNoise: _, ...bare } = task;
  const made = task.configuration === undefined ? bare : { ...task.configuration.make(own), ...overridesOf(task) };
  return (processNoise === 0 ? made : { ...made, processNoise }) as T;
};
