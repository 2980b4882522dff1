/**
 * The contract of a stage: an effect from the slots it reads to the slots it writes.
 *
 * @module
 */
import type * as Effect from "effect/Effect";
import * as Schema from "effect/Schema";
import type { Batch, Envs } from "../data/batch.ts";
import type { Folds, Model } from "../data/folds.ts";
import type { Control, Metrics } from "../data/gradient.ts";
import type { GradientEstimate } from "../estimators/estimate.ts";
import type { ReplayMemory } from "../data/memory.ts";
import type { CriticParams, Normalizer, PolicyParams, ValueParams } from "../data/parameters.ts";
import type { Key } from "../math/random.ts";
import { decodeOptions } from "../options/decode.ts";
import { type KeysOf, unknownKeyIn } from "../options/known_keys.ts";
import type { Task } from "../tasks/task.ts";
import type { StageError } from "./errors.ts";
import type { Sampler } from "../rollout/sampler.ts";
import type { SlotDefinition } from "./slot.ts";
import type { TensorRuntime } from "./tensor_runtime.ts";

/** All that stages read and write. */
export interface Slots {
  /** θ_μ, log σ */
  readonly policy: PolicyParams;
  /** θ_V */
  readonly value: Folds<ValueParams>;
  /** θ_f, or the factors of the simulator that stands in its place */
  readonly model: Folds<Model>;
  /** θ_Q, of estimators with an action-value critic */
  readonly critic: Folds<CriticParams>;
  /** k and w as the last batch decides them */
  readonly control: Control;
  /** of observations, frozen within an iteration */
  readonly normalizer: Normalizer;
  /** M */
  readonly memory: ReplayMemory;
  /** S */
  readonly envs: Envs;
  /** B, lives for one iteration */
  readonly batch: Batch;
  /** lives for one iteration */
  readonly gradient: GradientEstimate;
}

/** Name of a built-in slot. */
export type SlotName = keyof Slots;

/** Slots that end with the iteration. */
export type IterationSlot = "batch" | "gradient";

/** Slots whose content cost simulation: a stage reads it before it is written anew, or ends with the iteration. */
export type CollectedSlot = "batch";

/** Names of those slots. */
export const collectedSlots: ReadonlyArray<CollectedSlot> = ["batch"];

/** Networks: one that a stage reads has to be fitted by some stage of the program. */
export type NetworkSlot = "policy" | "value" | "model" | "critic";

/** Names of those slots. */
export const networkSlots: ReadonlyArray<NetworkSlot> = ["policy", "value", "model", "critic"];

/** Slots that a run begins without content: one of them is read after a stage has written to it. */
export type FilledSlot = "memory";

/** Names of those slots. */
export const filledSlots: ReadonlyArray<FilledSlot> = ["memory"];

/** What survives an iteration: exactly what a checkpoint holds, beside the slots of one's own. */
export type TrainState = Omit<Slots, IterationSlot>;

/** Names of the slots of `TrainState`. */
export const stateSlots: ReadonlyArray<Exclude<SlotName, IterationSlot>> = [
  "policy",
  "value",
  "model",
  "critic",
  "control",
  "normalizer",
  "memory",
  "envs",
];

/** Names of the slots that end with the iteration. */
export const iterationSlots: ReadonlyArray<IterationSlot> = ["batch", "gradient"];

/** Names of all built-in slots. */
export const slotNames: ReadonlyArray<SlotName> = [...stateSlots, ...iterationSlots];

/** (names, slots of one's own) ⇒ what the slots of these names hold. */
export type Held<Names extends string, Own extends object = object> = {
  readonly [N in Names]: N extends SlotName ? Slots[N] : N extends keyof Own ? Own[N] : never;
};

/** What a stage returns: the slots that it wrote, and its metrics. */
export type Written<Wr extends string, Own extends object = object> = Held<Wr, Own> & { readonly metrics: Metrics };

/** What a stage was made from. */
export interface StageOrigin {
  /** Of the stage. */
  readonly definition: AnyStageDefinition;
  /** What it acts in. */
  readonly task: Task;
  /** Every option, written out as a pipeline file writes it. */
  readonly options: Readonly<Record<string, unknown>>;
}

/** One stage of a training program. `Own` holds the slots of one's own that it reads and writes (`OwnSlots`). */
export interface Stage<Rd extends string, Wr extends string, E = never, R = never, Own extends object = object> {
  /** Name, as pipeline files, metrics and errors write it. */
  readonly name: string;
  /** Slots that it takes. */
  readonly reads: ReadonlyArray<Rd>;
  /** Slots that it returns. */
  readonly writes: ReadonlyArray<Wr>;
  /** (slots, key) ⇒ (written slots, metrics). */
  readonly run: (slots: Held<Rd, Own>, key: Key) => Effect.Effect<Written<Wr, Own>, E, R>;
  /** What it was made from; absent where it was made by hand. */
  readonly origin?: StageOrigin;
}

/** Services that built-in stages ask for. */
export type StageServices = Sampler | TensorRuntime;

/** A stage whose slots are known only at run time, as a pipeline file gives it. */
export interface AnyStage {
  /** Name, as pipeline files, metrics and errors write it. */
  readonly name: string;
  /** Slots that it takes. */
  readonly reads: ReadonlyArray<string>;
  /** Slots that it returns. */
  readonly writes: ReadonlyArray<string>;
  /** (slots, key) ⇒ (written slots, metrics). */
  // deno-lint-ignore no-explicit-any
  readonly run: (slots: any, key: Key) => Effect.Effect<any, StageError, StageServices>;
  /** What it was made from; absent where it was made by hand. */
  readonly origin?: StageOrigin;
}

/** Schema of a stage's options; its defaults are the only ones. */
// deno-lint-ignore no-explicit-any
export type OptionsSchema = Schema.Codec<any, any>;

/** Options of which one, the tag, decides which others there are. */
export interface TaggedOptions {
  /** Name of the option that decides: `estimator`. It is a word, and has a default. */
  readonly tag: string;
  /** Its value where none is given. */
  readonly byDefault: string;
  /** Value of the tag ⇒ schema of all options that go with it, the tag among them. */
  readonly variants: Readonly<Record<string, OptionsSchema>>;
  /** Value of the tag ⇒ one line about it. */
  readonly summaries: Readonly<Record<string, string>>;
  /** Value of the tag ⇒ names that people look for among its options in vain, each with the option that does it. */
  readonly instead: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** A stage before its task and options are known; calling it makes the stage. */
export interface StageDefinition<Options extends OptionsSchema, S> {
  /** (task, options) ⇒ (stage); missing options take the schema's defaults. Throws on an option out of range. */
  (task: Task, options?: Options["Encoded"]): S;
  /** Name, as pipeline files write it. */
  readonly stageName: string;
  /** One line for `mscv stages`. */
  readonly summary: string;
  /** Schema of the options, with their defaults and descriptions. */
  readonly options: Options;
  /** Documented fields: name → meaning and unit. */
  readonly metrics: Readonly<Record<string, string>>;
  /** The slots of one's own that it uses. */
  readonly slots: ReadonlyArray<SlotDefinition>;
  /** Where an option decides which others there are. */
  readonly tagged?: TaggedOptions;
}

/** A definition whose options are known only at run time, as the registry lists it. */
export interface AnyStageDefinition {
  // deno-lint-ignore no-explicit-any
  (task: Task, options?: any): AnyStage;
  /** Name, as pipeline files write it. */
  readonly stageName: string;
  /** One line for `mscv stages`. */
  readonly summary: string;
  /** Schema of the options, with their defaults and descriptions. */
  readonly options: OptionsSchema;
  /** Documented fields: name → meaning and unit. */
  readonly metrics: Readonly<Record<string, string>>;
  /** The slots of one's own that it uses. */
  readonly slots: ReadonlyArray<SlotDefinition>;
  /** Where an option decides which others there are. */
  readonly tagged?: TaggedOptions;
}

/** (tagged options, options as given) ⇒ the value of their tag, known or not. */
export const tagOf = ({ tag, byDefault }: TaggedOptions, given: unknown): unknown =>
  given !== null && typeof given === "object" && Object.hasOwn(given, tag)
    ? (given as Readonly<Record<string, unknown>>)[tag]
    : byDefault;

/** (definition, options as given) ⇒ the schema that holds for them; of an unknown tag, the schema of all that there are. */
export const optionsFor = (
  { options, tagged }: { readonly options: OptionsSchema; readonly tagged?: TaggedOptions },
  given: unknown,
): OptionsSchema => {
  const tag = tagged === undefined ? undefined : tagOf(tagged, given);
  return typeof tag === "string" && Object.hasOwn(tagged!.variants, tag) ? tagged!.variants[tag] : options;
};

/** Marks definitions of stages, also those that another copy of this package made. */
const mark = Symbol.for("mscv/stage");

/** (value) ⇒ whether it is a definition of a stage. */
export const isStageDefinition = (value: unknown): value is AnyStageDefinition =>
  typeof value === "function" && mark in value;

/** What is said of a stage to define it. */
export interface StageParts<Options extends OptionsSchema, S> {
  /** Name, as pipeline files write it. */
  readonly name: string;
  /** One line for `mscv stages`. */
  readonly summary: string;
  /** Schema of the options, with their defaults and descriptions. */
  readonly options: Options;
  /** Every metric that it reports: name ⇒ meaning and unit. */
  readonly metrics: Readonly<Record<string, string>>;
  /** Slots of one's own that it uses, by `defineSlot`; none where absent. */
  readonly slots?: ReadonlyArray<SlotDefinition>;
  /** Where an option decides which others there are. */
  readonly tagged?: TaggedOptions;
  /** (task, options) ⇒ (stage). */
  readonly make: (task: Task, options: Options["Type"]) => S;
}

const keys: KeysOf<StageParts<OptionsSchema, object>> = {
  name: true,
  summary: true,
  options: true,
  metrics: true,
  slots: true,
  tagged: true,
  make: true,
};

/**
 * ({ name, summary, options, metrics, slots, make }) ⇒ (definition): the one way to define a stage.
 * Throws a RangeError on an unknown key.
 */
export const defineStage = <Options extends OptionsSchema, S extends object>(
  definition: StageParts<Options, S>,
): StageDefinition<Options, S> => {
  const unknown = unknownKeyIn(definition, keys);
  if (unknown !== null) throw new RangeError(`Cannot define stage "${definition.name}" as ${unknown}`);
  const { name, summary, metrics, slots = [], tagged } = definition;
  const make = (task: Task, given: Options["Encoded"] = {}): S => {
    const schema = optionsFor(definition, given) as Schema.Codec<unknown, unknown>;
    const options = decodeOptions(`stage "${name}"`, schema, given) as Options["Type"];
    const origin: StageOrigin = {
      definition: made,
      task,
      options: Schema.encodeSync(schema)(options) as StageOrigin["options"],
    };
    return { ...definition.make(task, options), origin };
  };
  const made = Object.assign(make, {
    stageName: name,
    summary,
    options: definition.options,
    metrics,
    slots,
    ...(tagged === undefined ? {} : { tagged }),
    [mark]: true,
  }) as StageDefinition<Options, S> & AnyStageDefinition;
  return made;
};
