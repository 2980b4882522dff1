/**
 * Whether a definition of a task holds: its sizes, and one step of one episode.
 *
 * @module
 */
import { float64Algebra } from "../math/algebra.ts";
import type { ControlRange } from "../math/control_range.ts";
import { fold, makeKey, makeStream } from "../math/random.ts";
import { advance } from "./advance.ts";
import { unknownSurvival } from "./survival.ts";
import type { TaskFunction } from "./task_defect.ts";
import type { Task } from "./task.ts";
import type { PlainTask, SimulatedTask } from "./task_definition.ts";
import { describeThrown } from "./thrown.ts";

/** A definition of a task does not hold. */
export class TaskInvalid extends Error {
  /** Discriminates typed errors. */
  readonly _tag = "TaskInvalid";
  /** The class name, as shown in a failure. */
  override readonly name = "TaskInvalid";
  /** Name of the task, as it was given. */
  readonly task: string;

  /** (name, what is wrong: "X must be Y: current value is V", what it comes of) ⇒ (error with a message). */
  constructor(task: string, flaw: string, options?: ErrorOptions) {
    super(`Cannot define task ${JSON.stringify(task)} as ${flaw}`, options);
    this.task = task;
  }
}

const show = (value: unknown): string =>
  typeof value === "number" || value === undefined ? String(value) : JSON.stringify(value) ?? typeof value;

const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) > 0;
const isRange = (end: unknown): boolean => {
  if (!Array.isArray(end) || end.length !== 2) return false;
  return end.every((x) => Number.isFinite(Math.fround(x))) && Math.fround(end[0]) < Math.fround(end[1]);
};

/** Throws TaskInvalid where a field of a definition is missing or out of its range. */
export const checkFields = (given: PlainTask | SimulatedTask<unknown>): void => {
  const definition = given as unknown as Readonly<Record<string, unknown>>, { name } = given;
  const refuse = (field: string, limit: string, value = definition[field]) => {
    throw new TaskInvalid(
      typeof name === "string" ? name : "?",
      `${field} must be ${limit}: current value is ${show(value)}`,
    );
  };
  if (typeof name !== "string" || !/^[A-Za-z][\w-]*$/.test(name)) {
    refuse("name", "a letter, then letters, digits, _ or -");
  }
  const plain = !("simulator" in definition);
  for (const field of ["timeLimit", "observationSize", ...(plain ? ["stateSize"] : [])]) {
    if (!isCount(definition[field])) refuse(field, "a whole number above 0");
  }
  if (definition.frameSkip !== undefined && !isCount(definition.frameSkip)) {
    refuse("frameSkip", "a whole number above 0");
  }
  const simulator = "simulator" in given ? given.simulator : given;
  if (typeof simulator !== "object" || simulator === null) return refuse("simulator", "a Simulator");
  const { timestep = 1 } = simulator;
  if (!(timestep > 0 && timestep < Infinity)) refuse("timestep", "finite and above 0", timestep);
  for (const field of ["reset", "observe", "reward", ...(plain ? ["step"] : [])]) {
    if (typeof definition[field] !== "function") refuse(field, "a function");
  }
  const range: unknown = definition.controlRange;
  if (!Array.isArray(range) || range.length === 0) return refuse("controlRange", "[low, high] of every control");
  range.forEach((end, j) => {
    if (!isRange(end)) refuse(`controlRange[${j}]`, "[low, high], finite, low < high in single precision", end);
  });
  checkOptional(given, refuse);
};

const checkOptional = (
  { threshold, observationBound: bound, observationSize, laggingEntries: lagging, ...rest }:
    | PlainTask
    | SimulatedTask<unknown>,
  refuse: (field: string, limit: string, value?: unknown) => void,
): void => {
  if (threshold !== undefined && !Number.isFinite(threshold)) refuse("threshold", "finite");
  if (bound !== undefined && (bound.length !== observationSize || !bound.every((x) => x > 0))) {
    refuse("observationBound", `${observationSize} numbers above 0`);
  }
  if (lagging === undefined) return;
  if (!("simulator" in rest) || rest.simulator.stepLagging === undefined) {
    refuse("laggingEntries", "absent where the simulator has no stepLagging");
  }
  if (!lagging.every((i) => Number.isInteger(i) && i >= 0 && i < observationSize)) {
    refuse("laggingEntries", `whole numbers below ${observationSize}`);
  }
};

/** (size) ⇒ an array of that length to all appearance, which keeps what is written beyond its end. */
const wideArray = (size: number): Float64Array => {
  const wide = new Float64Array(size + 64).fill(NaN), seen = wide.subarray(0, size);
  const fill = (...given: Parameters<Float64Array["fill"]>) => (seen.fill(...given), wide);
  return Object.defineProperties(wide, { length: { value: size }, fill: { value: fill } });
};

/** What a probe has to say. */
type Refuse = (flaw: string) => never;

const checkObservation = (task: Task, data: unknown, refuse: Refuse): Float64Array => {
  const { observationSize: size } = task, out = new Float64Array(size).fill(NaN), wide = wideArray(size);
  task.observe(data, wide); // first, as an exact array would throw what `set` says of it
  const beyond = Object.keys(wide).filter((i) => Number(i) >= size && !Number.isNaN(wide[Number(i)]));
  if (beyond.length > 0) {
    refuse(`observe must fill observationSize, ${size} numbers: it writes entry ${beyond.at(-1)} too`);
  }
  task.observe(data, out);
  const bad = out.findIndex((x) => !Number.isFinite(x));
  if (bad >= 0) {
    const found = Number.isNaN(out[bad]) ? "NaN, or was not written" : String(out[bad]);
    refuse(`observe must give ${size} finite numbers: observation[${bad}] is ${found}`);
  }
  return out;
};

const checkImagined = (
  { imagined }: Task,
  before: number[],
  action: number[],
  after: number[],
  refuse: Refuse,
): void => {
  if (imagined.featureSize < 1) refuse("imagined.features must return at least one column: it returns none");
  const known = imagined.knownReward(float64Algebra, before, action, after);
  if (!Number.isFinite(known)) refuse(`imagined.knownReward must be finite: current value is ${show(known)}`);
  if (imagined.survival === unknownSurvival) return;
  const margins = imagined.survival(float64Algebra, after);
  const bad = margins.find(({ margin, width }) => typeof margin !== "number" || !(width > 0));
  if (bad !== undefined) {
    refuse(`imagined.survival must give numbers as margins, widths above 0: one is ${JSON.stringify(bad)}`);
  }
};

const middle = (range: ControlRange): Float64Array => Float64Array.from(range, ([low, high]) => (low + high) / 2);

/** Throws TaskInvalid where the first step of an episode of its own kind shows that a task does not hold. */
export const probeTask = (task: Task): void => {
  const refuse: Refuse = (flaw) => {
    throw new TaskInvalid(task.name, flaw);
  };
  let during: TaskFunction | "imagined" = "reset";
  try {
    const { simulator } = task, data = simulator.make(), before = new Float64Array(simulator.stateSize);
    task.reset(makeStream(fold(makeKey(0), "probe")), data);
    simulator.read(data, before);
    const bad = before.findIndex((x) => !Number.isFinite(x));
    if (bad >= 0) refuse(`reset must give a finite state: entry ${bad} is ${before[bad]}`);
    during = "observe";
    const first = checkObservation(task, data, refuse), action = middle(task.controlRange);
    during = "step";
    const divergence = advance(task, data, action);
    if (divergence !== null) {
      const { quantity, limit, value } = divergence;
      refuse(`step must leave ${quantity} ${limit}: current value is ${value}`);
    }
    during = "reward";
    const reward: unknown = task.reward(before, action, data);
    if (!Number.isFinite(reward)) refuse(`reward must be finite: current value is ${show(reward)}`);
    during = "observe";
    const second = checkObservation(task, data, refuse);
    during = "terminated";
    const ended: unknown = task.terminated(data);
    if (typeof ended !== "boolean") refuse(`terminated must give true or false: current value is ${show(ended)}`);
    during = "imagined";
    checkImagined(task, [...first], [...action], [...second], refuse);
  } catch (error) {
    if (error instanceof TaskInvalid) throw error;
    const { reason, place } = describeThrown(error);
    refuse(`"${during}" must not throw: ${reason}${place === null ? "" : ` (at ${place})`}`);
  }
};
