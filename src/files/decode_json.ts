/**
 * JSON that a command reads back, by its schema: other programs, full disks and people write files too.
 * (schema, value) ⇒ (value)
 *
 * @module
 */
import * as Result from "effect/Result";
import * as Schema from "effect/Schema";
import * as SchemaIssue from "effect/SchemaIssue";
import { quote } from "./strict_json.ts";

/** A whole number from 0 on. */
export const count: Schema.Codec<number, number> = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0));

/** SHA-256 in hexadecimal. */
export const checksum: Schema.Codec<string, string> = Schema.String.check(
  Schema.isPattern(/^[0-9a-f]{64}$/, { expected: "a SHA-256 in hexadecimal" }),
);

/** JSON of another form than its schema's. */
export class WrongForm extends Error {
  /** The class name, as shown in a failure. */
  override readonly name = "WrongForm";
}

const leaves = SchemaIssue.makeFormatterStandardSchemaV1();

const show = (value: unknown): string => {
  const text = JSON.stringify(value) ?? String(value);
  return typeof value === "string" ? quote(value) : text.length > 80 ? `${text.slice(0, 80)}…` : text;
};

const valueAt = (value: unknown, path: ReadonlyArray<PropertyKey>): unknown =>
  path.reduce<unknown>((inner, name) => (inner as Readonly<Record<PropertyKey, unknown>>)[name], value);

const describe = (issue: SchemaIssue.Issue, value: unknown): string => {
  const [{ message, path = [] }] = leaves(issue).issues;
  const names = path.map((step) => (typeof step === "object" ? step.key : step));
  const what = names.length === 0 ? "it" : names.map(String).join(".");
  return message === "Missing key"
    ? `${what} must be given: it is missing`
    : `${what} must be ${message.replace(/^Expected /, "")}: current value is ${show(valueAt(value, names))}`;
};

/**
 * (schema that changes nothing) ⇒ (value ⇒ the very value, further parts of it included).
 *
 * Throws `WrongForm`, which names the first wrong part on one line.
 */
export const decoder = <A>(schema: Schema.Codec<A, A>): (value: unknown) => A => {
  const decode = Schema.decodeUnknownResult(schema);
  return (value) => {
    const result = decode(value);
    if (Result.isSuccess(result)) return value as A;
    throw new WrongForm(describe(result.failure.issue, value));
  };
};
