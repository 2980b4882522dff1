/**
 * Problems of a pipeline file, each with its place.
 *
 * @module
 */
import * as Schema from "effect/Schema";
import { relative } from "node:path";

/** Where something stands; line and column count from 1, and are 0 for a command-line override or a whole file. */
export interface Position {
  /** A file, or `--set a.b=c`. */
  readonly source: string;
  readonly line: number;
  readonly column: number;
}

/** Keys and indices from the root of a pipeline. */
export type Path = ReadonlyArray<string | number>;

/** One problem. */
export interface Problem {
  readonly position: Position;
  readonly path: Path;
  readonly message: string;
}

/** (text with parts of a file) ⇒ the same on one line: what would move a terminal's cursor or colour it is spelt out. */
const legible = (text: string): string =>
  // deno-lint-ignore no-control-regex
  text.replace(/[\u0000-\u001f\u007f-\u009f]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);

/** (problem) ⇒ `file:line:column path: message`. */
export const formatProblem = ({ position: { source, line, column }, path, message }: Problem): string => {
  const place = line === 0 ? source : `${source}:${line}:${column}`;
  return legible(path.length === 0 ? `${place}: ${message}` : `${place} ${path.join(".")}: ${message}`);
};

/** A file that cannot be used, with every problem that was found. */
export class ConfigInvalid extends Schema.TaggedError<ConfigInvalid>()("ConfigInvalid", {
  file: Schema.String,
  kind: Schema.Literals(["a pipeline", "an ablation"]), // what it was read as
  problems: Schema.Array(Schema.String), // as `formatProblem` writes them
}) {
  /** All problems, one a line. */
  override get message(): string {
    return [
      `Cannot use ${this.file} as ${this.kind} as it must be valid: ${this.problems.length} problem(s)`,
      ...this.problems,
    ]
      .join("\n  ");
  }
}

/** (problems) ⇒ the same, source by source in the order they came, each from its top to its end. */
export const inReadingOrder = (problems: ReadonlyArray<Problem>): ReadonlyArray<Problem> => {
  const sources = [...new Set(problems.map(({ position }) => position.source))];
  return sources.flatMap((source) =>
    problems.filter(({ position }) => position.source === source)
      .sort(({ position: a }, { position: b }) => a.line - b.line || a.column - b.column)
  );
};

/** (file, kind, problems) ⇒ the error that tells each of them once, in reading order. */
export const configInvalid = (
  file: string,
  kind: ConfigInvalid["kind"],
  problems: ReadonlyArray<Problem>,
): ConfigInvalid =>
  new ConfigInvalid({
    file: relative(".", file) || file,
    kind,
    problems: [...new Set(inReadingOrder(problems).map(formatProblem))],
  });
