/**
 * A growing list of statements in which each value is computed once and what nobody reads is left out.
 *
 * @module
 */
import { atom, type Expression } from "./expression.ts";

interface Line {
  readonly text: string;
  readonly defines: string | null; // name; null: the line stays in any case
}

/** Statements of one function. */
export interface Block {
  /** (hint, expression) ⇒ a name for its value: a new constant, or the one that holds the same expression already. */
  readonly define: (hint: string, e: Expression) => Expression;
  /** (hint, expression) ⇒ a new constant for the value that the expression has here: for what changes, as arrays do. */
  readonly read: (hint: string, e: Expression) => Expression;
  /** Adds a line as it is. */
  readonly line: (text: string) => void;
  /** Adds `head {`, what `body` adds, and `}`. Names of the body are unknown after it. */
  readonly nest: (head: string, body: () => void) => void;
  /** The lines without unread constants. */
  readonly render: () => string;
}

const NAME = /[A-Za-z_]\w*/g;

/** (lines) ⇒ those that have an effect, or define what such a line reads. */
const withoutUnread = (lines: ReadonlyArray<Line>): ReadonlyArray<Line> => {
  const read = new Set<string>(), kept: Line[] = [];
  for (const line of [...lines].reverse()) {
    if (line.defines !== null && !read.has(line.defines)) continue;
    for (const [name] of line.text.matchAll(NAME)) read.add(name);
    kept.push(line);
  }
  return kept.reverse();
};

const WIDTH = 120; // columns

/** (line) ⇒ the same broken after operators where it is too long. */
const wrap = (text: string, margin: string): string => {
  const rows: string[] = [];
  let rest = text;
  while (rest.length > WIDTH) {
    const end = Math.max(
      ...[" && ", " || ", " + ", " - ", " * "].map((x) => rest.lastIndexOf(x, WIDTH - 3) + x.length),
    );
    if (end <= margin.length + 8) break;
    rows.push(rest.slice(0, end - 1));
    rest = `${margin}  ${rest.slice(end)}`;
  }
  return [...rows, rest].join("\n");
};

/** (indentation) ⇒ (empty block). */
export const makeBlock = (indent = "  "): Block => {
  const lines: Line[] = [], taken = new Set<string>();
  let margin = indent, known = new Map<string, Expression>();
  const free = (hint: string): string => {
    let name = hint;
    for (let count = 2; taken.has(name); count++) name = `${hint}_${count}`;
    taken.add(name);
    return name;
  };
  const read = (hint: string, e: Expression): Expression => {
    const name = free(hint);
    lines.push({ text: wrap(`${margin}const ${name} = ${e.text};`, margin), defines: name });
    return atom(name);
  };
  const define = (hint: string, e: Expression): Expression => {
    if (e.value !== null || /^-?\w+$/.test(e.text)) return e;
    const same = known.get(e.text);
    if (same !== undefined) return same;
    const result = read(hint, e);
    known.set(e.text, result);
    return result;
  };
  const line = (text: string): void => {
    lines.push({ text: wrap(margin + text, margin), defines: null });
  };
  const nest = (head: string, body: () => void): void => {
    const outer = { margin, known };
    line(`${head} {`);
    margin += "  ";
    known = new Map(known);
    body();
    ({ margin, known } = outer);
    line("}");
  };
  return { define, read, line, nest, render: () => withoutUnread(lines).map(({ text }) => text).join("\n") };
};
