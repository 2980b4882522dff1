/**
 * The order of stages checked before any compute, for programs that come from a file and have no compiler.
 *
 * @module
 */
import { collectedSlots, filledSlots, networkSlots, slotNames, stateSlots } from "../stages/stage.ts";
import type { SlotDefinition } from "../stages/slot.ts";

/** A program that cannot do what it says. */
export class FlowInvalid extends Error {
  /** Discriminates typed errors. */
  readonly _tag = "FlowInvalid";
  /** The class name, as shown. */
  override readonly name = "FlowInvalid";
  /** Name of the stage; empty where the fault is the whole program's. */
  readonly stage: string;
  /** Index of the stage in the program. */
  readonly position: number;
  /** The slot that it is about; empty where it is about none. */
  readonly slot: string;

  /** (what failed, where, message for the user) ⇒ (error). */
  constructor(
    { stage, position, slot }: { readonly stage: string; readonly position: number; readonly slot: string },
    message: string,
  ) {
    super(message);
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
  readonly reads: ReadonlyArray<string>;
  /** Slots that it returns. */
  readonly writes: ReadonlyArray<string>;
  /** What it was made from: its definition says which slots of one's own it uses. */
  readonly origin?: {
    readonly definition: { readonly slots: ReadonlyArray<SlotDefinition> };
    /** What it acts in: whether a simulator imagines it, so that no stage has to fit a model. */
    readonly task?: { readonly imagined?: { readonly simulation?: unknown } };
  };
}

type Stages = ReadonlyArray<StageFlow>;

const isOneOf = (names: ReadonlyArray<string>) => (slot: string): boolean => names.includes(slot);

/** (stage) ⇒ the slots of one's own that it uses. */
const ownOf = ({ origin }: StageFlow): ReadonlyArray<SlotDefinition> => origin?.definition.slots ?? [];

/** (stages) ⇒ the slots of one's own that a run of them begins with, each once. */
export const ownSlots = (stages: Stages): ReadonlyArray<SlotDefinition> => [...new Set(stages.flatMap(ownOf))];

const ofProgram = (slot: string, message: string): FlowInvalid =>
  new FlowInvalid({ stage: "", position: 0, slot }, `Cannot run a program as ${message}`);

const ofStage = ({ name }: StageFlow, position: number, slot: string, message: string): FlowInvalid =>
  new FlowInvalid({ stage: name, position, slot }, `Cannot run "${name}" as ${message}`);

/** Every slot that is read was written by an earlier stage, unless a run begins with it. */
const readsBeforeWritten = (stages: Stages): ReadonlyArray<FlowInvalid> => {
  const begun = stateSlots.filter((slot) => !isOneOf(filledSlots)(slot));
  const available = new Set<string>([...begun, ...ownSlots(stages).map(({ name }) => name)]);
  return stages.flatMap((stage, position) => {
    const begins = stage.writes.filter(isOneOf(filledSlots)); // who fills a slot may find it empty
    const missing = stage.reads.filter((slot) =>
      !available.has(slot) && !begins.includes(slot) && isOneOf(slotNames)(slot)
    );
    if (stage.writes.includes("batch")) available.delete("gradient"); // which is another batch's
    for (const slot of stage.writes) available.add(slot);
    return missing.map((slot) => ofStage(stage, position, slot, `it reads "${slot}": no earlier stage writes it`));
  });
};

/** Whether a simulator stands in the place of a model that a stage reads. */
const isSimulated = ({ origin }: StageFlow): boolean => origin?.task?.imagined?.simulation !== undefined;

/** Every network that is read is fitted by some stage. */
const readsUnfitted = (stages: Stages): ReadonlyArray<FlowInvalid> => {
  const fitted = new Set(stages.flatMap(({ writes }) => writes));
  const networks = networkSlots.filter((slot) => slot !== "policy"); // which has its own sentence
  return stages.flatMap((stage, position) =>
    stage.reads.filter((slot) =>
      isOneOf(networks)(slot) && !fitted.has(slot) && !(slot === "model" && isSimulated(stage))
    )
      .map((slot) => ofStage(stage, position, slot, `it reads "${slot}": no stage of the program fits it`))
  );
};

/** What was collected is read before it is written anew, or ends with the iteration. */
const writesUnread = (stages: Stages): ReadonlyArray<FlowInvalid> =>
  stages.flatMap((stage, position) =>
    stage.writes.filter(isOneOf(collectedSlots)).flatMap((slot) => {
      const later = stages.slice(position + 1);
      const next = later.find(({ reads, writes }) => reads.includes(slot) || writes.includes(slot));
      if (next?.reads.includes(slot)) return [];
      const end = next === undefined ? "the iteration ends" : `"${next.name}" overwrites it`;
      return [ofStage(stage, position, slot, `its "${slot}" must be read by a later stage: none does before ${end}`)];
    })
  );

/** Every slot is a built-in one, or one of those that the stage's definition names; no two of those share a name. */
const unknownSlots = (stages: Stages): ReadonlyArray<FlowInvalid> => {
  const all = ownSlots(stages);
  return stages.flatMap((stage, position) => {
    const own = ownOf(stage).map(({ name }) => name);
    const unknown = [...new Set([...stage.reads, ...stage.writes])].filter((slot) => !isOneOf(slotNames)(slot))
      .filter((slot) => !own.includes(slot))
      .map((slot) =>
        ofStage(stage, position, slot, `its definition must name the slot "${slot}" among its slots: it does not`)
      );
    const twice = ownOf(stage).filter((slot) => all.find(({ name }) => name === slot.name) !== slot)
      .map(({ name }) =>
        ofStage(
          stage,
          position,
          name,
          `its slot "${name}" must be the only one of that name: another stage defines one as well`,
        )
      );
    return [...unknown, ...twice];
  });
};

/** (stages) ⇒ (problems): every one of the program, in the order of its stages. */
export const checkFlow = (stages: Stages): ReadonlyArray<FlowInvalid> => {
  if (stages.length === 0) return [ofProgram("", "it must hold at least one stage: it is empty")];
  const early = readsBeforeWritten(stages), misplaced = new Set(early.map(({ slot }) => slot));
  const lost = writesUnread(stages).filter(({ slot }) => !misplaced.has(slot)); // else its reader stands too early
  const learns = stages.some(({ writes }) => writes.includes("policy"));
  return [
    ...(learns ? [] : [ofProgram("policy", "it must update the policy: no stage writes it")]),
    ...[...unknownSlots(stages), ...early, ...readsUnfitted(stages), ...lost].sort((a, b) => a.position - b.position),
  ];
};
