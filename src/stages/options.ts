/**
 * The vocabulary of stage options: a schema with its default and its description.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import * as Schema from "effect/Schema";
import type { TargetNormalization } from "../nn/training/target_units.ts";

/** A schema whose key may be absent. */
export type Optional<T> = Schema.withDecodingDefaultKey<Schema.Codec<T, T>>;

/** Schema of an options record: every key may be absent. */
export type OptionsOf<T> = Schema.Struct<{ readonly [K in keyof T]: Optional<T[K]> }>;

/** (schema, default, description) ⇒ the same schema, with the key optional. */
export const option = <T>(schema: Schema.Codec<T, T>, byDefault: NoInfer<T>, description: string): Optional<T> =>
  schema.annotate({ description, default: byDefault }).pipe(
    Schema.withDecodingDefaultKey(Effect.succeed(byDefault)),
  ) as Optional<T>;

/** Integer ≥ 1. */
export const count: Schema.Codec<number, number> = Schema.Int.check(Schema.isGreaterThan(0));

/** Number > 0. */
export const positive: Schema.Codec<number, number> = Schema.Finite.check(Schema.isGreaterThan(0));

/** Number ≥ 0. */
export const nonNegative: Schema.Codec<number, number> = Schema.Finite.check(Schema.isGreaterThanOrEqualTo(0));

/** Number in [0, 1]. */
export const fraction: Schema.Codec<number, number> = Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1 }));

/** One of the names. */
export const oneOf = <const L extends ReadonlyArray<string>>(...names: L): Schema.Codec<L[number], L[number]> =>
  Schema.Literals(names) as unknown as Schema.Codec<L[number], L[number]>;

/** How `fitValue` and `fitCritic` scale what they regress on. */
export const targetNormalization: Optional<TargetNormalization> = option(
  oneOf("standardize", "none"),
  "standardize",
  "standardize: fits (y − μ)/σ with μ and σ of its targets, the last layer rescaled (PopArt); none: fits y as it is",
);
