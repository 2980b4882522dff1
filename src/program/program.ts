/**
 * Typed composition: a program is a list of stages in which every stage finds what it reads.
 *
 * @module
 */
import type * as Effect from "effect/Effect";
import type { Key } from "../math/random.ts";
import type {
  CollectedSlot,
  FilledSlot,
  IterationSlot,
  NetworkSlot,
  SlotName,
  Stage,
  StageOrigin,
} from "../stages/stage.ts";

/** A stage as the training loop sees it: its slots are known only at run time. */
export interface ProgramStage<E, R> {
  /** Name, as metrics and errors show it. */
  readonly name: string;
  /** Slots that it takes. */
  readonly reads: ReadonlyArray<string>;
  /** Slots that it returns. */
  readonly writes: ReadonlyArray<string>;
  /** (slots, key) ⇒ (written slots, metrics). */
  // deno-lint-ignore no-explicit-any
  readonly run: (slots: any, key: Key) => Effect.Effect<any, E, R>;
  /** What it was made from; absent where it was made by hand. */
  readonly origin?: StageOrigin;
}

/** The stages of one iteration, in order. */
export interface Program<E, R> {
  /** In order of execution. */
  readonly stages: ReadonlyArray<ProgramStage<E, R>>;
}

/** What the compiler shows in place of a stage that reads slots which no earlier stage writes. */
export interface ReadsBeforeWritten<Slot extends SlotName> {
  /** The missing slot. */
  readonly "Cannot run this stage here as no earlier stage writes": Slot;
}

/** What the compiler shows in place of a stage that reads networks which no stage fits. */
export interface ReadsUnfitted<Slot extends SlotName> {
  /** The network. */
  readonly "Cannot run this stage as no stage of the program fits": Slot;
}

/** What the compiler shows in place of a stage whose batch is overwritten, or ends with the iteration, before it is read. */
export interface WritesUnread<Slot extends SlotName> {
  /** The slot. */
  readonly "Cannot run this stage here as no later stage reads its": Slot;
}

/** What the compiler shows where no stage updates the policy. */
export interface NeverLearns {
  /** What is missing. */
  readonly "Cannot run this program as no stage writes": "policy";
}

// deno-lint-ignore no-explicit-any
type SomeStage = Stage<any, any, any, any, any>;

/** (stage) ⇒ built-in slots that it reads; a run begins with all others. */
export type ReadBy<S> = S extends { readonly reads: ReadonlyArray<infer Rd> } ? Extract<Rd, SlotName> : never;

/** (stages) ⇒ built-in slots that they write. */
export type WrittenBy<S> = S extends { readonly writes: ReadonlyArray<infer Wr> } ? Extract<Wr, SlotName> : never;

/** (later stages, slot) ⇒ whether one of them reads it before one writes it. */
export type IsRead<Later extends ReadonlyArray<unknown>, Slot extends SlotName> = Later extends
  readonly [infer Head, ...infer Tail]
  ? Slot extends ReadBy<Head> ? true : Slot extends WrittenBy<Head> ? false : IsRead<Tail, Slot>
  : false;

/** (slots, later stages) ⇒ those of the slots that none of the stages reads in time. */
export type Unread<Slot extends SlotName, Later extends ReadonlyArray<unknown>> = Slot extends SlotName
  ? IsRead<Later, Slot> extends true ? never : Slot
  : never;

/** (stage, slots available) ⇒ slots that it reads and nobody has written. */
export type Missing<S, Available extends SlotName> = Exclude<ReadBy<S>, Available | Extract<WrittenBy<S>, FilledSlot>>;

/** (stage, slots that the program writes) ⇒ networks that it reads and nobody fits. */
export type Unfitted<S, Fitted> = Exclude<Extract<ReadBy<S>, NetworkSlot>, Fitted>;

/** (stage, slots available, later stages, slots that the program writes) ⇒ the stage, or what keeps it from running. */
export type InPlace<S, Available extends SlotName, Later extends ReadonlyArray<unknown>, Fitted> =
  [Missing<S, Available>] extends [never]
    ? [Unfitted<S, Fitted>] extends [never] ? [Unread<Extract<WrittenBy<S>, CollectedSlot>, Later>] extends [never] ? S
      : WritesUnread<Unread<Extract<WrittenBy<S>, CollectedSlot>, Later>>
    : ReadsUnfitted<Unfitted<S, Fitted>>
    : ReadsBeforeWritten<Missing<S, Available>>;

/** (slots available, slots written) ⇒ slots available then: a gradient is that of its batch, and gone with it. */
export type After<Available extends SlotName, Written extends SlotName> =
  | Exclude<Available, "batch" extends Written ? "gradient" : never>
  | Written;

/** (stages, slots available, slots that the program writes) ⇒ the same stages, each that cannot run replaced by why. */
export type InOrder<Stages extends ReadonlyArray<unknown>, Available extends SlotName, Fitted> = Stages extends
  readonly [infer Head, ...infer Tail]
  ? [InPlace<Head, Available, Tail, Fitted>, ...InOrder<Tail, After<Available, WrittenBy<Head>>, Fitted>]
  : [];

/** (stages) ⇒ nothing to say, where one of them updates the policy. */
export type Learns<Stages extends ReadonlyArray<unknown>> = "policy" extends WrittenBy<Stages[number]> ? unknown
  : NeverLearns;

type RunOf<S> = S extends { readonly run: (slots: never, key: Key) => infer Run } ? Run : never;
type ErrorOf<S> = RunOf<S> extends Effect.Effect<infer _A, infer E, infer _R> ? E : never;
type ServicesOf<S> = RunOf<S> extends Effect.Effect<infer _A, infer _E, infer R> ? R : never;

/**
 * (stage, stage, …) ⇒ (program): what `checkFlow` refuses of a file does not compile.
 *
 * An iteration starts with the slots of `TrainState`, of which the memory is empty at first; `batch` and `gradient` have to
 * be written before they are read, and a batch is read before it is overwritten. Every network that is read is fitted by some
 * stage, and one stage updates the policy.
 */
export const program = <const Stages extends readonly [SomeStage, ...ReadonlyArray<SomeStage>]>(
  ...stages:
    & Stages
    & InOrder<Stages, Exclude<SlotName, IterationSlot | FilledSlot>, WrittenBy<Stages[number]>>
    & Learns<Stages>
): Program<ErrorOf<Stages[number]>, ServicesOf<Stages[number]>> => ({
  stages: stages as unknown as ReadonlyArray<ProgramStage<ErrorOf<Stages[number]>, ServicesOf<Stages[number]>>>,
});
