/**
 * Whether what a stage wrote has the form of its slots: names, types and sizes stay while a run trains, as checkpoints and
 * the stages that read them take for granted.
 * (slots before, slots written, task) ⇒ (the first difference, or null)
 *
 * @module
 */
import type { Batch, Envs } from "../data/batch.ts";
import type { Fold, Folds } from "../data/folds.ts";
import type { Task } from "../tasks/task.ts";

/** Where a value has another form than its slot. */
export interface Difference {
  /** Path of the value: `policy.theta`. */
  readonly quantity: string;
  /** As in "must be …". */
  readonly must: string;
  /** As in "current value is …". */
  readonly found: string;
}

/** Sizes that a task sets. */
export type TaskSizes = Pick<Task, "observationSize" | "actionSize" | "simulator">;

type Fields = Readonly<Record<string, unknown>>;

const sized = Symbol("array of a type and a length"); // stands for an array, so that none is made to compare with

interface Sized {
  readonly [sized]: { readonly type: string; readonly length: number };
}

const arrayOf = (type: "Float32Array" | "Float64Array" | "Int32Array" | "Uint8Array", length: number): Sized => ({
  [sized]: { type, length },
});

/** (value) ⇒ type and length, where it is a typed array or stands for one. */
const arrayForm = (value: unknown): Sized[typeof sized] | null => {
  if (value === null || typeof value !== "object") return null;
  if (sized in value) return (value as Sized)[sized];
  if (!ArrayBuffer.isView(value)) return null;
  const { [Symbol.toStringTag]: type, length } = value as unknown as Float32Array;
  return { type, length };
};

const show = (value: unknown): string => {
  const array = arrayForm(value);
  if (array !== null) return `a ${array.type} of ${array.length}`;
  if (Array.isArray(value)) return isFlat(value) ? JSON.stringify(value) : `a list of ${value.length}`;
  if (typeof value === "object" && value !== null) return "a record";
  return value === undefined ? "missing" : typeof value === "function" ? "a function" : String(JSON.stringify(value));
};

const isFlat = (list: ReadonlyArray<unknown>): boolean =>
  list.every((item) => item === null || typeof item !== "object");

const isRecord = (value: unknown): value is Fields =>
  value !== null && typeof value === "object" && !Array.isArray(value) && arrayForm(value) === null;

/** What a fit adds to a network, and a batch to those that begin with a reset and whose states nobody asked for. */
const mayBeAbsent = (path: string): boolean =>
  /^(value|model|critic)\.(second|(first|second)\.seen)$/.test(path) ||
  /^(batch|memory\.batches\.\d+)\.(elapsed|state)$/.test(path);

/** (path, records) ⇒ the first difference between them, name by name. */
const betweenRecords = (path: string, like: Fields, found: Fields): Difference | null => {
  for (const name of new Set([...Object.keys(like), ...Object.keys(found)])) {
    const own = `${path}.${name}`;
    if (found[name] === undefined && (like[name] === undefined || mayBeAbsent(own))) continue;
    if (like[name] === undefined) return { quantity: own, must: "absent, as before", found: show(found[name]) };
    const inner = between(own, like[name], found[name]);
    if (inner !== null) return inner;
  }
  return null;
};

/** (path, value of the right form, value) ⇒ the first difference between their forms; words and flat lists must be equal. */
const between = (path: string, like: unknown, found: unknown): Difference | null => {
  const differs = { quantity: path, must: typeof like === "number" ? "a number" : show(like), found: show(found) };
  const array = arrayForm(like);
  if (array !== null) {
    const other = arrayForm(found);
    return other?.type === array.type && other.length === array.length ? null : differs;
  }
  if (Array.isArray(like)) {
    if (!Array.isArray(found) || found.length !== like.length) return differs;
    if (isFlat(like)) return JSON.stringify(found) === JSON.stringify(like) ? null : differs;
    for (let i = 0; i < like.length; i++) {
      const inner = between(`${path}.${i}`, like[i], found[i]);
      if (inner !== null) return inner;
    }
    return null;
  }
  if (isRecord(like)) return isRecord(found) ? betweenRecords(path, like, found) : differs;
  return (typeof like === "number" ? typeof found === "number" : Object.is(like, found)) ? null : differs;
};

/** (networks before) ⇒ they, with what fits may add. */
const fitted = <P>({ first, second = first }: Folds<P>): Folds<P> => {
  const seen = (fold: Fold<P>): Fold<P> => ({ ...fold, seen: 0 });
  return { first: seen(first), second: seen(second) };
};

const numberIn = (value: unknown, name: string): number => {
  const found = isRecord(value) ? value[name] : undefined;
  return typeof found === "number" && Number.isSafeInteger(found) && found >= 0 ? found : 0;
};

/** (environments before, as written, task) ⇒ their form: any number of them, each with a state of the task's size. */
const formOfEnvs = ({ count: n, state }: Envs, found: unknown, task: TaskSizes | undefined): Fields => {
  const count = numberIn(found, "count"), written = arrayForm(isRecord(found) ? found.state : null)?.length ?? 0;
  const before = n > 0 ? state.length / n : count > 0 ? Math.floor(written / count) : 0;
  return {
    count,
    state: arrayOf("Float64Array", count * (task?.simulator.stateSize ?? before)),
    elapsed: arrayOf("Int32Array", count),
    episodeReturn: arrayOf("Float64Array", count),
    resets: arrayOf("Int32Array", count),
  };
};

/** (batch as written, task) ⇒ its form: any number of steps, environments and episodes. */
const formOfBatch = (found: unknown, task: TaskSizes | undefined): { readonly [F in keyof Batch]-?: unknown } => {
  const [steps, environments] = [numberIn(found, "steps"), numberIn(found, "environments")],
    cells = steps * environments;
  const { observationSize, actionSize } = task ??
    { observationSize: numberIn(found, "observationSize"), actionSize: numberIn(found, "actionSize") };
  const episodes = arrayForm(isRecord(found) ? found.episodeReturns : null)?.length ?? 0;
  const written = arrayForm(isRecord(found) ? found.state : null)?.length ?? 0;
  const stateSize = task?.simulator.stateSize ?? Math.floor(written / Math.max(1, cells));
  const perCell = (width: number) => arrayOf("Float32Array", cells * width), flags = arrayOf("Uint8Array", cells);
  return {
    steps,
    environments,
    observationSize,
    actionSize,
    observation: perCell(observationSize),
    nextObservation: perCell(observationSize),
    action: perCell(actionSize),
    noise: perCell(actionSize),
    logProb: perCell(1),
    reward: perCell(1),
    terminated: flags,
    truncated: flags,
    state: arrayOf("Float64Array", cells * stateSize),
    elapsed: arrayOf("Int32Array", environments),
    episodeReturns: arrayOf("Float64Array", episodes),
    episodeLengths: arrayOf("Int32Array", episodes),
  };
};

const listOf = (memory: unknown): ReadonlyArray<unknown> =>
  isRecord(memory) && Array.isArray(memory.batches) ? memory.batches : [];

/** (memory before, as written, task) ⇒ its form: any number of batches, of which those from before stay as they are. */
const formOfMemory = (before: unknown, found: unknown, task: TaskSizes | undefined): Fields => {
  const kept = new Set(listOf(before));
  return { batches: listOf(found).map((batch) => (kept.has(batch) ? batch : formOfBatch(batch, task))) };
};

/** (slots before, name, as written, task) ⇒ what the slot must be like; undefined: anything. */
const formOf = (slots: Fields, name: string, found: unknown, task: TaskSizes | undefined): unknown => {
  const before = slots[name];
  switch (name) {
    case "value":
    case "model":
    case "critic":
      return fitted(before as Folds<unknown>);
    case "envs":
      return formOfEnvs(before as Envs, found, task);
    case "memory":
      return formOfMemory(before, found, task);
    case "batch":
      return formOfBatch(found, task);
    default:
      return before;
  }
};

/** (policy before, gradient as written) ⇒ the first of the gradient's arrays that is not one number a parameter. */
const betweenGradients = (policy: unknown, found: unknown): Difference | null => {
  const theta = arrayForm(isRecord(policy) ? policy.theta : null);
  if (theta === null || !isRecord(found)) return null;
  const like = arrayOf("Float32Array", theta.length), terms = isRecord(found.terms) ? Object.entries(found.terms) : [];
  for (const [name, term] of [["gradient", found.gradient], ...terms.map(([each, term]) => [`terms.${each}`, term])]) {
    const difference = between(`gradient.${name}`, like, term);
    if (difference !== null) return difference;
  }
  return null;
};

/**
 * (slots before the stage, slots that it wrote, task) ⇒ the first difference of form between them, or null.
 *
 * @param task of the stage; undefined where it is not known: then the sizes before count
 */
export const differenceOfForm = (
  slots: Fields,
  written: Fields,
  task: TaskSizes | undefined,
): Difference | null => {
  for (const [name, found] of Object.entries(written)) {
    const like = formOf(slots, name, found, task);
    const difference = name === "gradient"
      ? betweenGradients(slots.policy, found)
      : like === undefined
      ? null
      : between(name, like, found);
    if (difference !== null) return difference;
  }
  return null;
};
