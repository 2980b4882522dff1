/**
 * Schema issues ⇒ problems in the project's words.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import * as Result from "effect/Result";
import * as Schema from "effect/Schema";
import type * as SchemaAST from "effect/SchemaAST";
import * as SchemaIssue from "effect/SchemaIssue";
import { didYouMean } from "../options/did_you_mean.ts";
import { type Located, positionOf, showAt, valueAt } from "./located.ts";
import type { Path, Problem } from "./problems.ts";
import { keysOf } from "./tagged_options.ts";

const leaves = SchemaIssue.makeFormatterStandardSchemaV1();

/** (name, known names) ⇒ words for a key that is none of them. */
export type UnknownKey = (name: string, known: ReadonlyArray<string>) => string;

const unknownKey: UnknownKey = (name, known) => `unknown key "${name}", ${didYouMean(name, known)}`;

const wordsOf = (ast: SchemaAST.AST): ReadonlyArray<string> =>
  ast._tag === "Union"
    ? ast.types.flatMap(wordsOf)
    : ast._tag === "Literal" && typeof ast.literal === "string"
    ? [ast.literal]
    : [];

/** "Expected an integer" ⇒ "must be an integer: current value is 1.5". */
const describe = (issue: SchemaIssue.Issue, shown: string): ReadonlyArray<string> =>
  leaves(issue).issues.map(({ message }) => `must be ${message.replace(/^Expected /, "")}: current value is ${shown}`);

const hint = (issue: SchemaIssue.Issue, value: unknown): string => {
  if (issue._tag !== "AnyOf" || typeof value !== "string") return "";
  const words = wordsOf(issue.ast);
  const suggestion = words.length === 0 ? "" : didYouMean(value, words);
  return suggestion.startsWith("did") ? ` (${suggestion})` : "";
};

const toProblems = (
  issue: SchemaIssue.Issue,
  tree: Located,
  path: Path,
  unknown: UnknownKey,
): ReadonlyArray<Problem> => {
  const problem = (message: string, part: "key" | "value" = "value"): Problem => ({
    position: positionOf(tree, path, part),
    path,
    message,
  });
  switch (issue._tag) {
    case "Pointer":
      return toProblems(issue.issue, tree, [
        ...path,
        ...issue.path.map((step) => (typeof step === "number" ? step : String(step))),
      ], unknown);
    case "Composite":
      return issue.issues.flatMap((inner) => toProblems(inner, tree, path, unknown));
    case "Encoding":
      return toProblems(issue.issue, tree, path, unknown);
    case "UnexpectedKey": {
      const name = String(path.at(-1));
      return [problem(unknown(name, keysOf(issue.ast)), "key")];
    }
    case "MissingKey":
      return [problem("must be given: it is missing")];
    default: {
      if (issue._tag === "AnyOf" && issue.issues.length > 0) {
        return toProblems(issue.issues[0], tree, path, unknown);
      }
      if (issue._tag === "Filter" && issue.issue._tag === "Pointer") {
        return toProblems(issue.issue, tree, path, unknown);
      }
      const value = valueAt(tree, path);
      return describe(issue, showAt(tree, path)).map((message) => problem(message + hint(issue, value)));
    }
  }
};

/**
 * (schema, tree, path) ⇒ the decoded value, or every problem with it.
 *
 * @param unknown  words for a key that the schema does not have
 */
export const decodeAt = <A>(
  schema: Schema.Codec<A, unknown>,
  tree: Located,
  path: Path,
  unknown: UnknownKey = unknownKey,
): Result.Result<A, ReadonlyArray<Problem>> => {
  const decode = Schema.decodeUnknownEffect(schema)(valueAt(tree, path), { errors: "all", onExcessProperty: "error" });
  const result = Effect.runSync(Effect.result(decode));
  return Result.mapError(result, ({ issue }) => toProblems(issue, tree, path, unknown));
};
