/**
 * A simulator in place of a learned model: what imagined rollouts of a task are stepped by, and by which factors its physics
 * differs.
 *
 * (task, factors) ⇒ simulatedBy ⇒ (task whose imagined rollouts step that physics)
 *
 * @module
 */
import { didYouMean } from "../options/did_you_mean.ts";
import { defaultsOf } from "../options/options.ts";
import { generateStep } from "../physics/codegen/at_run_time.ts";
import { stepGenerated } from "../physics/stepper.ts";
import { TaskInvalid } from "./check_task.ts";
import { type PlanarSimulator, planarSimulator } from "./planar_simulator.ts";
import type { Simulator } from "./simulator.ts";
import { SimulatorInvalid } from "./simulator_invalid.ts";
import type { ImaginedTask, Task } from "./task.ts";
import { type TaskChanges, type TaskOptions, withTaskOptions } from "./task_options.ts";

/** What steps imagined rollouts. */
export interface Simulation {
  /** The task that is imagined, without this. */
  readonly real: Task;
  /** The task whose physics it is, before its factors: the imagined one itself, or another of the same state. */
  readonly of: Task;
  /** Names of the factors of its physics: the entries of the task's option `physics`; none where it has no such option. */
  readonly names: ReadonlyArray<string>;
  /** [factors] in the order of `names`, relative to the task's nominal figures */
  readonly factors: ReadonlyArray<number>;
  /** ([factors]) ⇒ the task with that physics, ready to be stepped; the same one as long as the factors are. */
  readonly at: (factors: ArrayLike<number>) => Task;
  /** ([factors]) ⇒ the same, to be stepped a few times only: no code is generated for it; null where the task refuses them. */
  readonly tried: (factors: ArrayLike<number>) => Task | null;
}

type Factors = Readonly<Record<string, number>>;

const isFactors = (value: unknown): value is Factors =>
  typeof value === "object" && value !== null && Object.values(value).every((x) => typeof x === "number");

/** (task) ⇒ the factors of its option `physics` at their defaults, its nominal figures; empty where it has none. */
export const nominalFactors = ({ configuration }: Pick<Task, "configuration">): Factors => {
  const fields = configuration?.fields as Parameters<typeof defaultsOf<Record<string, unknown>>>[0] | undefined;
  if (fields === undefined || !Object.hasOwn(fields, "physics")) return {};
  const { physics } = defaultsOf(fields);
  return isFactors(physics) ? physics : {};
};

/** (task) ⇒ the factors of its physics as they are; empty where it has none. */
export const ownFactors = (task: Pick<Task, "configuration">): Factors => {
  const { physics = {} } = (task.configuration?.values ?? {}) as Readonly<Record<string, unknown>>;
  return isFactors(physics) ? physics : {};
};

/** (task, name that is no factor of it) ⇒ what is wrong with the name. */
export const unknownFactor = (task: Task, name: string): string => {
  const known = Object.keys(nominalFactors(task));
  return known.length === 0
    ? `task "${task.name}" must own the factors of its physics, an option "physics", to have "${name}": it owns none`
    : `its factors must be those of task "${task.name}": "${name}" is none, ${didYouMean(name, known)}`;
};

/** Whether a state is an array without a structure, as that of a task by plain arithmetic is. */
const isPlain = ({ parts }: Simulator): boolean => parts.length === 1;

/** (two simulators) ⇒ whether a state of one is a state of the other: the same parts, or as many numbers where one has no parts. */
const sameStates = (a: Simulator, b: Simulator): boolean =>
  isPlain(a) || isPlain(b) ? a.stateSize === b.stateSize : partsInWords(a) === partsInWords(b);

const partsInWords = ({ parts }: Simulator): string => parts.map(({ name, size }) => `${name} [${size}]`).join(", ");

/** (task, simulator's task) ⇒ what keeps them apart, as in "X must be Y: current value is V"; null: nothing. */
export const misfit = (task: Task, of: Task): string | null => {
  if (!sameStates(task.simulator, of.simulator)) {
    const [mine, other] = [task, of].map(({ simulator }) => partsInWords(simulator));
    return `its state must be that of the task, ${mine}: current value is ${other}`;
  }
  if (of.observationSize !== task.observationSize) {
    return `its observation must hold ${task.observationSize} numbers: current value is ${of.observationSize}`;
  }
  const [range, otherRange] = [task, of].map(({ controlRange }) => JSON.stringify(controlRange));
  return range === otherRange ? null : `its control range must be ${range}: current value is ${otherRange}`;
};

/** (task) ⇒ the same, stepped by code that is generated for its physics where our engine has none; nobody else's bits change. */
const hastened = (task: Task): Task => {
  const { planarModel } = task.simulator as Partial<PlanarSimulator>;
  if (planarModel === undefined || stepGenerated(planarModel) !== null) return task;
  const model = { ...planarModel };
  generateStep(model);
  return { ...task, simulator: planarSimulator(model) };
};

const sameNumbers = (a: ArrayLike<number>, b: ArrayLike<number>): boolean => Array.from(a).every((x, i) => x === b[i]);

/** (simulator's task, names, task that it stands for) ⇒ the task by its factors, made anew when they change. */
const makeAt = (of: Task, names: ReadonlyArray<string>, real: Task): Simulation["at"] => {
  let last: { readonly factors: Float64Array; readonly task: Task } | null = null;
  return (factors) => {
    if (last !== null && sameNumbers(factors, last.factors)) return last.task;
    const made = withFactors(of, names, factors), task = made === real ? real : hastened(made);
    if (last !== null && last.task !== real) last.task.simulator.release?.();
    last = { factors: Float64Array.from(factors), task };
    return task;
  };
};

/** (task, names of factors, factors) ⇒ the task with them, as its definition makes it. Throws as withTaskOptions does. */
export const withFactors = (of: Task, names: ReadonlyArray<string>, factors: ArrayLike<number>): Task =>
  names.length === 0
    ? of
    : withTaskOptions(of, { physics: Object.fromEntries(names.map((name, i) => [name, factors[i]])) } as TaskChanges<
      TaskOptions
    >);

/** (what it tries) ⇒ what that returns; (why) ⇒ where the task refuses the options that it is given. */
const unlessRefused = <A, B>(attempt: () => A, refused: (reason: string) => B): A | B => {
  try {
    return attempt();
  } catch (error) {
    if (!(error instanceof RangeError) && !(error instanceof TaskInvalid)) throw error;
    return refused(error.message);
  }
};

/** A task whose imagined rollouts step a simulator. */
export interface TaskImaginedBySimulator extends Task {
  /** With the simulator. */
  readonly imagined: ImaginedTask & { readonly simulation: Simulation };
}

/** (task) ⇒ the same without what steps its imagined rollouts. */
const unimagined = (task: Task): Task => task.imagined.simulation?.real ?? task;

/**
 * (task, factors, simulator's task) ⇒ (task) whose imagined rollouts step a simulator in place of a learned model: the
 * physics of the task itself, or of another one with the same state, observation and control range. The state of a task by
 * plain arithmetic is the same where it holds as many numbers, in the simulator's order.
 *
 * Factors multiply the task's nominal figures, whatever its own option `physics` says: of a task with `physics: { mass: 1.2 }`
 * a simulator without factors is 1.2 times too light. Those that are not given are the nominal ones. Rewards and ends are
 * those of the simulator's task, exact and hard.
 *
 * Throws SimulatorInvalid where state, observation or control range are others, a factor is none of the task's or out of its
 * range, or the task does not hold with its factors.
 *
 * @example
 * ```ts
 * import { getTask } from "./registry.ts";
 * import { simulatedBy } from "./simulation.ts";
 *
 * const hopper = simulatedBy(getTask("hopper"), { mass: 0.9 });
 * const { names, factors } = hopper.imagined.simulation!;
 * if (factors[names.indexOf("mass")] !== 0.9) throw new Error("a simulator that is a tenth too light");
 * ```
 */
export const simulatedBy = (task: Task, physics: Factors = {}, of: Task = task): TaskImaginedBySimulator => {
  const real = unimagined(task), own = unimagined(of), nominal = nominalFactors(own), names = Object.keys(nominal);
  const flaw = misfit(real, own);
  if (flaw !== null) throw new SimulatorInvalid(task.name, flaw);
  const stranger = Object.keys(physics).find((name) => !names.includes(name));
  if (stranger !== undefined) throw new SimulatorInvalid(task.name, unknownFactor(own, stranger));
  const factors = names.map((name) => physics[name] ?? nominal[name]);
  unlessRefused(() => withFactors(own, names, factors), (reason) => {
    throw new SimulatorInvalid(task.name, `the task must hold with its factors: ${reason}`);
  });
  const tried = (given: ArrayLike<number>) => unlessRefused(() => withFactors(own, names, given), () => null);
  const simulation: Simulation = { real, of: own, names, factors, at: makeAt(own, names, real), tried };
  return { ...real, imagined: { ...real.imagined, simulation } };
};
