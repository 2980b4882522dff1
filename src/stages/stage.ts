/**
 * The contract of a stage: an effect from the slots it reads to the slots it writes.
 *
 * @module
 */
import type * as Effect from "effect/Effect";
import * as Schema from "effect/Schema";
import type { Batch, Envs } from "../data/batch.ts";
import type { Control, GradientEstimate, Metrics } from "../data/gradient.ts";
import type { ReplayMemory } from "../data/memory.ts";
import type { CriticParams, ModelParams, Normalizer, PolicyParams, ValueParams } from "../data/parameters.ts";
import type { Key } from "../math/random.ts";
import type { Task } from "../tasks/task.ts";
import type { StageError } from "./errors.ts";
import type { Sampler } from "../rollout/sampler.ts";
import type { TensorRuntime } from "./tensor_runtime.ts";

/** All that stages read and write. */
export interface Slots {
  /** θ_μ, log σ */
  readonly policy: PolicyParams;
  /** θ_V */
  readonly value: ValueParams;
  /** θ_f */
  readonly model: ModelParams;
  /** θ_Q, of estimators with an action-value critic */
  readonly critic: CriticParams;
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

/** Name of a slot. */
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

/** What survives an iteration: exactly what a checkpoint holds. */
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

/** What a stage returns: the slots that it wrote, and its metrics. */
export type Written<Wr extends SlotName> = Pick<Slots, Wr> & { readonly metrics: Metrics };

/** One stage of a training program. */
export interface Stage<Rd extends SlotName, Wr extends SlotName, E = never, R = never> {
  /** Name, as pipeline files, metrics and errors write it. */
  readonly name: string;
  /** Slots that it takes. */
  readonly reads: ReadonlyArray<Rd>;
  /** Slots that it returns. */
  readonly writes: ReadonlyArray<Wr>;
  /** (slots, key) ⇒ (written slots, metrics). */
  readonly run: (slots: Pick<Slots, Rd>, key: Key) => Effect.Effect<Written<Wr>, E, R>;
}

/** Services that built-in stages ask for. */
export type StageServices = Sampler | TensorRuntime;

/** A stage whose slots are known only at run time, as a pipeline file gives it. */
export interface AnyStage {
  /** Name, as pipeline files, metrics and errors write it. */
  readonly name: string;
  /** Slots that it takes. */
  readonly reads: ReadonlyArray<SlotName>;
  /** Slots that it returns. */
  readonly writes: ReadonlyArray<SlotName>;
  /** (slots, key) ⇒ (written slots, metrics). */
  // deno-lint-ignore no-explicit-any
  readonly run: (slots: any, key: Key) => Effect.Effect<any, StageError, StageServices>;
}

/** Schema of a stage's options; its defaults are the only ones. */
// deno-lint-ignore no-explicit-any
export type OptionsSchema = Schema.Codec<any, any>;

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
  /** documented fields: name → meaning and unit */
  readonly metrics: Readonly<Record<string, string>>;
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
}

/** ({ name, summary, options, metrics, make }) ⇒ (definition): the one way to define a stage. */
export const defineStage = <Options extends OptionsSchema, S>(definition: {
  readonly name: string;
  readonly summary: string;
  readonly options: Options;
  readonly metrics: Readonly<Record<string, string>>;
  readonly make: (task: Task, options: Options["Type"]) => S;
}): StageDefinition<Options, S> => {
  const decode = Schema.decodeUnknownSync(definition.options as Schema.Codec<unknown, unknown>);
  const make = (task: Task, options: Options["Encoded"] = {}): S =>
    definition.make(task, decode(options, { onExcessProperty: "error" }));
  return Object.assign(make, {
    stageName: definition.name,
    summary: definition.summary,
    options: definition.options,
    metrics: definition.metrics,
  });
};
