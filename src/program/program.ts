/**
 * Typed composition: a program is a list of stages in which every stage finds what it reads.
 *
 * @module
 */
import type * as Effect from "effect/Effect";
import type { Key } from "../math/random.ts";
import type { IterationSlot, SlotName, Stage } from "../stages/stage.ts";

/** A stage as the training loop sees it: its slots are known only at run time. */
export interface ProgramStage<E, R> {
  /** Name, as metrics and errors show it. */
  readonly name: string;
  /** Slots that it takes. */
  readonly reads: ReadonlyArray<SlotName>;
  /** Slots that it returns. */
  readonly writes: ReadonlyArray<SlotName>;
  /** (slots, key) ⇒ (written slots, metrics). */
  // deno-lint-ignore no-explicit-any
  readonly run: (slots: any, key: Key) => Effect.Effect<any, E, R>;
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

// deno-lint-ignore no-explicit-any
type SomeStage = Stage<any, any, any, any>;

/** (stages, slots available) ⇒ the same stages, each misordered one replaced by `ReadsBeforeWritten`. */
export type InOrder<Stages extends ReadonlyArray<unknown>, Available extends SlotName> = Stages extends
  readonly [infer Head, ...infer Tail] ? Head extends Stage<infer Rd, infer Wr, infer _E, infer _R> ? [
      [Exclude<Rd, Available>] extends [never] ? Head : ReadsBeforeWritten<Exclude<Rd, Available>>,
      ...InOrder<Tail, Available | Wr>,
    ]
  : never
  : [];

type ErrorOf<S> = S extends Stage<infer _Rd, infer _Wr, infer E, infer _R> ? E : never;
type ServicesOf<S> = S extends Stage<infer _Rd, infer _Wr, infer _E, infer R> ? R : never;

/**
 * (stage, stage, …) ⇒ (program): a misordered or empty program does not compile.
 *
 * An iteration starts with the slots of `TrainState`; `batch` and `gradient` have to be written before they are read.
 */
export const program = <const Stages extends readonly [SomeStage, ...ReadonlyArray<SomeStage>]>(
  ...stages: Stages & InOrder<Stages, Exclude<SlotName, IterationSlot>>
): Program<ErrorOf<Stages[number]>, ServicesOf<Stages[number]>> => ({
  stages: stages as unknown as ReadonlyArray<ProgramStage<ErrorOf<Stages[number]>, ServicesOf<Stages[number]>>>,
});
