/**
 * What the checkpoints of a run must be like, by the state that its pipeline begins with.
 *
 * What changes while a run trains: numbers within tensors; the updates done, the observations seen and the control
 * variate; the environments, none before the first iteration and then as many as the program collects with; the memory,
 * whose batches are compared one by one; and what a network that is fitted says of the samples behind it.
 *
 * @module
 */
import type { Envs } from "../data/batch.ts";
import type { Fold, Folds } from "../data/folds.ts";
import type { TrainState } from "../stages/stage.ts";
import { pack, type Packed, stateShape, type Structure } from "./checkpoint_tensors.ts";
import { formOf, type Free, isRecord, type Range, refuseOtherForm, refuseOutOfRange } from "./forms.ts";

/** Widths of what a task's environments and batches hold. */
export interface Widths {
  readonly observation: number;
  readonly action: number;
  /** numbers of an environment's state */
  readonly state: number;
}

/** What the checkpoints of a run must be like. */
export interface Expected {
  /** Before the first iteration. */
  readonly state: TrainState;
  readonly seed: number;
  /** Null: that of another pipeline will do, as to evaluate a run that an earlier version trained. */
  readonly pipelineHash: string | null;
  /** How many environments there may be, besides as many as in `state`; null: any number. */
  readonly environments: ReadonlyArray<number> | null;
  readonly widths: Widths;
  /** Slots of one's own among those of `state`. */
  readonly ownSlots: ReadonlyArray<string>;
}

const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;

const deepest = 20; // imagined steps

/** The numbers of a state that do not stay what they are. */
const free: Free = [
  { path: /\.seen$/, holds: (x) => isCount(x) && x < 2 ** 32, words: "a whole number below 2^32" },
  { path: /\.adam\.step$|^normalizer\.count$/, holds: isCount, words: "a whole number from 0 on" },
  {
    path: /^control\.horizon$/,
    holds: (x) => isCount(x) && x <= deepest,
    words: `a whole number from 0 to ${deepest}`,
  },
  { path: /^control\./, holds: (x) => Math.abs(x) <= 1, words: "within ± 1" },
];

const notNegative = (x: number): boolean => x >= 0 && x < Infinity;

/** What training keeps to, whatever it learns. */
const ranges: ReadonlyArray<Range> = [
  { path: /^normalizer\.bound$/, holds: (x) => x > 0, words: "above 0" }, // infinite where there is none
  { path: /\.output(?:Scale|Deviation)$/, holds: notNegative, words: "finite and not below 0" }, // 0 of what never changes
  { path: /[sS]cale$/, holds: (x) => x > 0 && x < Infinity, words: "finite and above 0" },
  { path: /\.adam\.second$|\.runningSquares$/, holds: notNegative, words: "finite and not below 0" },
  { path: /^envs\.(elapsed|resets)$/, holds: notNegative, words: "not below 0" },
  { path: /^/, holds: Number.isFinite, words: "finite" },
];

const envsOf = (count: number, { state }: Widths): Envs => ({
  count,
  state: new Float64Array(count * state),
  elapsed: new Int32Array(count),
  episodeReturn: new Float64Array(count),
  resets: new Int32Array(count),
});

/** (networks as they begin, structure of those that were read) ⇒ they, with what fits may have added to those. */
const fitted = <P>({ first }: Folds<P>, found: Structure | undefined): Folds<P> => {
  const like = (inner: Structure | undefined): Fold<P> =>
    isRecord(inner) && Object.hasOwn(inner, "seen") ? { ...first, seen: 0 } : first;
  const folds = isRecord(found) ? found : {};
  const second = Object.hasOwn(folds, "second") ? { second: like(folds.second) } : {};
  return { first: like(folds.first), ...second };
};

/** How many environments a state that was read holds. Throws where that is not one of the expected numbers. */
const environmentsIn = ({ state, environments }: Expected, { structure, tensors }: Packed): number => {
  const envs = isRecord(structure) ? structure.envs : undefined;
  const count = isRecord(envs) ? envs.count : undefined;
  const any = tensors.get("envs.elapsed")?.data.length ?? 0;
  const allowed = [...new Set([state.envs.count, ...environments ?? [any]])];
  if (typeof count === "number" && allowed.includes(count)) return count;
  throw new Error(`envs.count must be ${allowed.join(" or ")}: it is ${JSON.stringify(count) ?? "missing"}`);
};

/** (names of slots of one's own) ⇒ that their numbers may be any finite ones: nothing else is known of them. */
const ofOwn = (names: ReadonlyArray<string>): Free =>
  names.length === 0
    ? []
    : [{ path: new RegExp(`^(?:${names.join("|")})(?:\\.|$)`), holds: Number.isFinite, words: "finite" }];

/** Throws where a state without its memory's batches, as it was read, cannot be one of the expected run. */
export const refuseOtherState = (expected: Expected, found: Packed): void => {
  const { state, widths } = expected, slots = isRecord(found.structure) ? found.structure : {};
  const count = environmentsIn(expected, found);
  const { batches: _, ...memory } = state.memory;
  const like = {
    ...state,
    memory,
    envs: envsOf(count, widths),
    value: fitted(state.value, slots.value),
    critic: fitted(state.critic, slots.critic),
    model: fitted(state.model, slots.model),
  };
  const own = ofOwn(expected.ownSlots);
  refuseOtherForm(formOf(pack(like, "", stateShape(count))), found, [...own, ...free]);
  refuseOutOfRange(found.tensors, [...own, ...ranges]);
};
