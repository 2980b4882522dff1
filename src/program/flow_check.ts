/**
 * The order of stages checked before any compute, for programs that come from a file and have no compiler.
 *
 * @module
 */
import * as Schema from "effect/Schema";
import { type SlotName, stateSlots } from "../stages/stage.ts";

/** A program in which a stage would not find what it reads. */
export class FlowInvalid extends Schema.TaggedError<FlowInvalid>()("FlowInvalid", {
  stage: Schema.String, // empty where the program has no stage at all
  position: Schema.Number, // index of the stage in the program
  slot: Schema.String, // the slot that is missing
}) {
  /** What is wrong, where. */
  override get message(): string {
    return this.stage === ""
      ? "Cannot run a program as it must hold at least one stage: it is empty"
      : `Cannot run "${this.stage}" as it reads "${this.slot}": no earlier stage writes it`;
  }
}

/** What the check needs of a stage. */
export interface StageFlow {
  readonly name: string;
  readonly reads: ReadonlyArray<SlotName>;
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
