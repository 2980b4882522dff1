/**
 * Problems of a pipeline file, each with its place.
 *
 * @module
 */
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
export class ConfigInvalid extends Error {
  /** Discriminates typed errors. */
  readonly _tag = "ConfigInvalid";
  /** The class name, as shown. */
  override readonly name = "ConfigInvalid";
  /** The file, as seen from the working directory. */
  readonly file: string;
  /** What it was read as. */
  readonly kind: "a pipeline" | "an ablation";
  /** One a line: where, what, and what it must be. */
  readonly problems: ReadonlyArray<string>;

  /** (file, what it was read as, problems) ⇒ (error) with a message for the user: all problems, one a line. */
  constructor({ file, kind, problems }: Pick<ConfigInvalid, "file" | "kind" | "problems">) {
    const count = `${problems.length} problem(s)`;
    super([`Cannot use ${file} as ${kind} as it must be valid: ${count}`, ...problems].join("\n  "));
    this.file = file;
    this.kind = kind;
    this.problems = problems;
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

/** (problems) ⇒ each of them once, as a line, in reading order. */
export const told = (problems: ReadonlyArray<Problem>): ReadonlyArray<string> => [
  ...new Set(inReadingOrder(problems).map(formatProblem)),
];

/** (file, kind, problems) ⇒ the error that tells each of them once, in reading order. */
export const configInvalid = (
  file: string,
  kind: ConfigInvalid["kind"],
  problems: ReadonlyArray<Problem>,
): ConfigInvalid =>
  new ConfigInvalid({
    file: relative(".", file) || file,
    kind,
    problems: told(problems),
  });
