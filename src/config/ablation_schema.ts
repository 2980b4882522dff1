/**
 * What an ablation file says.
 *
 * @module
 */
import * as Schema from "effect/Schema";
import { nameSchema } from "./names.ts";
import { type Pipeline, useSchema } from "./pipeline.ts";
import type { Path } from "./problems.ts";

const path = Schema.NonEmptyString;

const baseSchema = Schema.Union([path, Schema.Record(Schema.String, path)]).annotate({
  description: "Path of a pipeline, for every task; or task: path, where each task has a pipeline of its own",
});

const setSchema = Schema.Record(Schema.String, Schema.Unknown).annotate({
  description: "Changes to options of stages, or to top-level keys",
});

/** Most cells of one ablation: a few zeros too many are refused before they fill the memory. */
export const mostCells = 10_000;

const seedSchema = Schema.Number.check(Schema.isInt(), Schema.isGreaterThanOrEqualTo(0));

const seedsSchema = Schema.Union([
  Schema.Array(seedSchema).check(Schema.isMinLength(1)),
  Schema.Struct({
    from: seedSchema.check(Schema.isLessThanOrEqualTo(Number.MAX_SAFE_INTEGER - mostCells)),
    count: Schema.Number.check(Schema.isInt(), Schema.isBetween({ minimum: 1, maximum: mostCells })),
  }),
]).annotate({ description: "Seeds: a list, or { from: 0, count: 10 }; fewer than five carry no interval" });

const variantSchema = Schema.Struct({
  base: Schema.optionalKey(baseSchema),
  set: Schema.optionalKey(setSchema),
});

/** Schemas of the axes: of `task`, of `seed`, and of every other, which names what it changes. */
export const axisSchemas = {
  task: Schema.Array(Schema.String).check(Schema.isMinLength(1))
    .annotate({ description: "Tasks; default: every task of base" }),
  seed: seedsSchema,
  variants: Schema.Record(Schema.String, variantSchema).annotate({ description: "Name of a variant: what it changes" }),
};

/** Seeds as an ablation gives them. */
export type Seeds = typeof seedsSchema.Type;

const pairSchema = Schema.Struct({
  of: Schema.String.annotate({ description: "Variant" }),
  with: Schema.String.annotate({ description: "Variant that it is compared with" }),
});

/** Keys of a pipeline that an ablation may give for all of its cells. */
export const sharedKeys = ["iterations", "threshold", "networks", "checkpoint", "evaluation"] as const;

/** Keys of an ablation file; what `set` and the shared keys hold is decoded with each pipeline. */
export const ablationSchema = Schema.Struct({
  name: Schema.optionalKey(
    nameSchema.annotate({ description: "Default: the file's name" }),
  ),
  use: Schema.optionalKey(useSchema),
  base: Schema.optionalKey(baseSchema),
  axes: Schema.Record(Schema.String, Schema.Unknown), // see axes.ts
  iterations: Schema.optionalKey(Schema.Unknown),
  threshold: Schema.optionalKey(Schema.Unknown),
  networks: Schema.optionalKey(Schema.Unknown),
  checkpoint: Schema.optionalKey(Schema.Unknown),
  evaluation: Schema.optionalKey(Schema.Unknown),
  set: Schema.optionalKey(setSchema),
  compare: Schema.optionalKey(
    Schema.Union([pairSchema, Schema.Array(pairSchema)]).annotate({ description: "Pairs of variants to compare" }),
  ),
});

/** An ablation file as decoded. */
export type AblationFile = typeof ablationSchema.Type;

/** Pipelines by task, or one for every task. */
export type Base = typeof baseSchema.Type;

/** One axis that changes the pipeline: by name, what each of its variants changes. */
export interface VariantAxis {
  readonly axis: string;
  readonly choices: Readonly<Record<string, typeof variantSchema.Type>>;
}

/** What a variant changes along one axis. */
export interface Change {
  readonly axis: string;
  readonly name: string;
  readonly base?: Base;
  readonly set?: unknown;
  /** Where the file says it. */
  readonly path: Path;
}

/** One value of every axis that changes the pipeline. */
export interface Variant {
  /** Those of its changes, joined by "-". */
  readonly name: string;
  readonly changes: ReadonlyArray<Change>;
  /** Where its problems stand. */
  readonly at: Path;
}

/** The axes of an ablation. */
export interface Axes {
  /** Absent: every task of the bases. */
  readonly task?: ReadonlyArray<string>;
  readonly variants: ReadonlyArray<Variant>;
  readonly seeds: ReadonlyArray<number>;
}

/** Two variants that a report compares. */
export interface Comparison {
  /** Variant. */
  readonly of: string;
  /** Variant that it is compared with. */
  readonly with: string;
}

/** One training run of an ablation. */
export interface AblationCell {
  /** Name of its task. */
  readonly task: string;
  /** Name of its variant. */
  readonly variant: string;
  /** What it changes along each axis, by the axis' name. */
  readonly axes: Readonly<Record<string, string>>;
  /** Root of its randomness. */
  readonly seed: number;
  /** Resolved; its seed is the cell's. */
  readonly pipeline: Pipeline;
}

/** A resolved ablation: every cell with its pipeline. */
export interface Ablation {
  /** Of its sweep. */
  readonly name: string;
  /** Pairs of variants that the report sets against each other. */
  readonly compare: ReadonlyArray<Comparison>;
  /** Seed by seed, so that every variant has its first seed before any has its second. */
  readonly cells: ReadonlyArray<AblationCell>;
  /** Options of bases that variants leave out, as what they choose does not have them: place and words, one each. */
  readonly leftOut: ReadonlyArray<string>;
}
