/**
 * The order of stages checked before any compute, for programs that come from a file and have no compiler.
 *
 * @module
 */
import { type SlotName, stateSlots } from "../stages/stage.ts";

/** A program in which a stage would not find what it reads. */
export class FlowInvalid extends Error {
  /** Discriminates typed errors. */
  readonly _tag = "FlowInvalid";
  /** The class name, as shown. */
  override readonly name = "FlowInvalid";
  /** Name of the stage; empty where the program has no stage at all. */
  readonly stage: string;
  /** Index of the stage in the program. */
  readonly position: number;
  /** The slot that is missing. */
  readonly slot: string;

  /** (what failed, where) ⇒ (error) with a message for the user. */
  constructor({ stage, position, slot }: { readonly stage: string; readonly position: number; readonly slot: string }) {
    super(
      stage === ""
        ? "Cannot run a program as it must hold at least one stage: it is empty"
        : `Cannot run "${stage}" as it reads "${slot}": no earlier stage writes it`,
    );
    this.stage = stage;
    this.position = position;
    this.slot = slot;
  }
}

/** What the check needs of a stage. */
export interface StageFlow {
  /** Name of the stage. */
  readonly name: string;
  /** Slots that it takes. */
  readonly reads: ReadonlyArray<SlotName>;
  /** Slots that it returns. */
  readonly writes: ReadonlyArray<SlotName>;
}

/** (stages) ⇒ (problems): every read of every stage must be a slot of `TrainState` or written earlier. */
export const checkFlow = (stages: ReadonlyArray<StageFlow>): ReadonlyArray<FlowInvalid> => {
  if (stages.length === 0) return [new FlowInvalid({ stage: "", position: 0, slot: "" })];
  const available = new Set<SlotName>(stateSlots);
  const problems: Array<FlowInvalid> = [];
  stages.forEach((stage, position) => {
    for (const slot of stage.reads) {
      if (!available.has(slot)) problems.push(new FlowInvalid({ stage: stage.name, position, slot }));
    }
    for (const slot of stage.writes) available.add(slot);
  });
  return problems;
};
