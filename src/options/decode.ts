/**
 * Options as somebody gives them, checked; and by what equal ones are known.
 *
 * @module
 */
import * as Schema from "effect/Schema";

/**
 * (what is made of them, schema, options as given) ⇒ options, none missing. Throws a RangeError that names what there is.
 *
 * @param what  as in `stage "collect"`
 */
export const decodeOptions = <T>(what: string, schema: Schema.Codec<T, unknown>, given: unknown): T => {
  try {
    return Schema.decodeUnknownSync(schema)(given, { onExcessProperty: "error" });
  } catch (error) {
    const { ast } = schema, reason = (error as Error).message.replaceAll(/\s*\n\s*/g, " ");
    const known = ast._tag === "Objects"
      ? `; its options are ${ast.propertySignatures.map((p) => String(p.name)).join(", ")}`
      : "";
    throw new RangeError(`Cannot make ${what} as its options must be valid: ${reason}${known}`);
  }
};

/** (options or one value) ⇒ JSON by which equal ones are known: infinite numbers, which JSON lacks, stand in it as YAML writes them. */
export const textOf = (value: unknown): string =>
  JSON.stringify(value, (_, each) => each === Infinity ? ".inf" : each === -Infinity ? "-.inf" : each);

/** (what `textOf` gave) ⇒ the value. */
export const fromText = (text: string): unknown =>
  JSON.parse(text, (_, each) => each === ".inf" ? Infinity : each === "-.inf" ? -Infinity : each);
