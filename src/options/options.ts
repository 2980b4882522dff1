/**
 * The vocabulary of options: a schema with its default and its description. Stages and estimators speak it.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import * as Schema from "effect/Schema";

/** A schema whose key may be absent. */
export type Optional<T> = Schema.withDecodingDefaultKey<Schema.Codec<T, T>>;

/** Options by name, each with its default: what an estimator owns. */
export type OptionFields<T> = { readonly [K in keyof T]: Optional<T[K]> };

/** Schema of an options record: every key may be absent. */
export type OptionsOf<T> = Schema.Struct<OptionFields<T>>;

/** (schema, default, description) ⇒ the same schema, with the key optional. */
export const option = <T>(schema: Schema.Codec<T, T>, byDefault: NoInfer<T>, description: string): Optional<T> =>
  schema.annotate({ description, default: byDefault }).pipe(
    Schema.withDecodingDefaultKey(Effect.succeed(byDefault)),
  ) as Optional<T>;

/** Integer ≥ 1. */
export const count: Schema.Codec<number, number> = Schema.Int.check(Schema.isGreaterThan(0));

/** (least, most) ⇒ integer within them. */
export const whole = (least: number, most: number): Schema.Codec<number, number> =>
  Schema.Int.check(Schema.isBetween({ minimum: least, maximum: most }));

/** Number > 0. */
export const positive: Schema.Codec<number, number> = Schema.Finite.check(Schema.isGreaterThan(0));

/** Number ≥ 0. */
export const nonNegative: Schema.Codec<number, number> = Schema.Finite.check(Schema.isGreaterThanOrEqualTo(0));

/** Number in [0, 1]. */
export const fraction: Schema.Codec<number, number> = Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1 }));

/** Of a check that JSON Schema cannot say: what is said beside it, such as a description, stays. */
const silent = { toJsonSchema: () => ({}) };

/** Number, finite. */
export const number: Schema.Codec<number, number> = Schema.Finite;

/** true or false, where a field's own vocabulary has such an option. */
export const yesOrNo: Schema.Codec<boolean, boolean> = Schema.Boolean;

/** Lower and upper end, of which either may be infinite: `[0.7, .inf]`. */
export const between: Schema.Codec<readonly [number, number], readonly [number, number]> = Schema.Tuple([
  Schema.Number,
  Schema.Number,
]).check(Schema.makeFilter(([low, high]) => low < high ? undefined : "two numbers, the lower first", silent));

/** One of the names. */
export const oneOf = <const L extends ReadonlyArray<string>>(...names: L): Schema.Codec<L[number], L[number]> =>
  Schema.Literals(names) as unknown as Schema.Codec<L[number], L[number]>;

/** What the one schema takes, or the other. */
export const either = <A, B>(one: Schema.Codec<A, A>, other: Schema.Codec<B, B>): Schema.Codec<A | B, A | B> =>
  Schema.Union([one, other]) as unknown as Schema.Codec<A | B, A | B>;

/** Some of the names, one at least, each once. */
export const someOf = <const L extends ReadonlyArray<string>>(
  ...names: L
): Schema.Codec<ReadonlyArray<L[number]>, ReadonlyArray<L[number]>> =>
  Schema.Array(oneOf(...names)).check(Schema.isMinLength(1), Schema.isUnique()) as unknown as Schema.Codec<
    ReadonlyArray<L[number]>,
    ReadonlyArray<L[number]>
  >;

/** What does not go together, said of the option to change: "Cannot run as `option` must be …". */
export interface OptionFault<T> {
  /** Name of the option. */
  readonly option: keyof T & string;
  /** What follows "must be", as in "at least 1 with kStep advantages". */
  readonly must: string;
}

/** (options by name, what does not go together) ⇒ schema of the record. */
export const recordOf = <T>(
  fields: OptionFields<T>,
  check: (options: T) => OptionFault<T> | null = () => null,
): OptionsOf<T> =>
  Schema.Struct(fields as OptionFields<Record<string, unknown>>).check(Schema.makeFilter((options) => {
    const fault = check(options as T);
    return fault === null ? undefined : { path: [fault.option], issue: `Expected ${fault.must}` };
  }, silent)) as unknown as OptionsOf<T>;

/** (options by name, description) ⇒ an option that holds them all: whoever changes one of them leaves the others. */
export const record = <T>(fields: OptionFields<T>, description: string): Optional<T> =>
  option(recordOf(fields) as unknown as Schema.Codec<T, T>, defaultsOf(fields) as NoInfer<T>, description);

/** (options by name) ⇒ the default of each. */
export const defaultsOf = <T>(fields: OptionFields<T>): T =>
  Schema.decodeUnknownSync(recordOf(fields) as unknown as Schema.Codec<T, unknown>)({});

/** (option, value) ⇒ whether it takes that value. */
export const takes = (schema: Optional<unknown>, value: unknown): boolean =>
  Schema.decodeUnknownResult(Schema.Struct({ value: schema }) as unknown as Schema.Codec<unknown, unknown>)({ value })
    ._tag === "Success";
