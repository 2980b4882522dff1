/**
 * Tables of words and numbers, for a terminal and for a page.
 *
 * @module
 */
import { unicodeWidth } from "@std/cli/unicode-width";
import { foldText } from "./fold.ts";

/** A column; numbers stand at its right end. */
export interface Column {
  readonly name: string;
  readonly align: "left" | "right";
}

/** A table. */
export interface Table {
  readonly title: string;
  /** Below the table; "" for none. */
  readonly note: string;
  readonly columns: ReadonlyArray<Column>;
  readonly rows: ReadonlyArray<ReadonlyArray<string>>;
}

/** (names) ⇒ columns: a name that begins with ">" stands at the right. */
export const columns = (...names: ReadonlyArray<string>): ReadonlyArray<Column> =>
  names.map((name) =>
    name.startsWith(">") ? { name: name.slice(1), align: "right" as const } : { name, align: "left" as const }
  );

/** (text, columns of a terminal) ⇒ the text, filled up to so many columns with spaces. */
export const padded = (text: string, width: number, align: Column["align"]): string => {
  const spaces = " ".repeat(Math.max(0, width - unicodeWidth(text)));
  return align === "left" ? text + spaces : spaces + text;
};

/** (texts) ⇒ columns of a terminal that the widest takes. */
export const widest = (texts: ReadonlyArray<string>): number => Math.max(0, ...texts.map(unicodeWidth));

const indent = 2, gap = 2; // columns before a line, and between two columns of a table

/** (cells of a row, widths) ⇒ its lines: a cell wider than its column goes on below. */
const rowLines = (
  cells: ReadonlyArray<string>,
  widths: ReadonlyArray<number>,
  columns: ReadonlyArray<Column>,
): ReadonlyArray<string> => {
  const folded = cells.map((cell, c) => foldText(cell, widths[c]));
  const height = Math.max(1, ...folded.map((lines) => lines.length));
  return Array.from({ length: height }, (_, l) =>
    " ".repeat(indent) +
    folded.map((lines, c) => padded(lines[l] ?? "", widths[c], columns[c].align)).join(" ".repeat(gap)).trimEnd());
};

/** (table, columns of a terminal) ⇒ the widths of its columns where they fit beside each other; null: they do not. */
const fittingWidths = ({ columns, rows }: Table, terminal: number): ReadonlyArray<number> | null => {
  const natural = columns.map(({ name }, c) => widest([name, ...rows.map((row) => row[c])]));
  const room = terminal - indent - gap * (columns.length - 1);
  const over = natural.reduce((sum, width) => sum + width, 0) - room;
  if (over <= 0) return natural;
  const longest = natural.indexOf(Math.max(...natural)), folded = natural[longest] - over;
  const least = widest(columns[longest].name.split(" ").concat(rows.flatMap((row) => row[longest].split(" "))));
  return folded >= Math.max(least, 12) ? natural.with(longest, folded) : null;
};

/** (table, columns of a terminal) ⇒ a block of lines for each row, where its columns do not fit beside each other. */
const stackedLines = ({ columns, rows }: Table, terminal: number): ReadonlyArray<string> => {
  const name = widest(columns.map((column) => column.name)), room = Math.max(8, terminal - indent - name - gap);
  return rows.flatMap((row, r) => [
    ...(r === 0 ? [] : [""]),
    ...row.flatMap((cell, c) =>
      foldText(cell, room).map((part, l) =>
        `  ${padded(l === 0 ? columns[c].name : "", name, "left")}  ${part}`.trimEnd()
      )
    ),
  ]);
};

/** (table, columns of a terminal) ⇒ lines of text, columns under each other; what is too wide is folded, nothing is cut. */
export const printTable = (table: Table, terminal = Infinity): string => {
  const { title, note, columns, rows } = table, widths = fittingWidths(table, terminal);
  const body = widths === null ? stackedLines(table, terminal) : [
    ...rowLines(columns.map(({ name }) => name), widths, columns),
    `  ${widths.map((width) => "─".repeat(width)).join("──")}`,
    ...rows.flatMap((row) => rowLines(row, widths, columns)),
  ];
  const below = note === "" ? [] : ["", ...foldText(note, terminal - indent).map((line) => `  ${line}`)];
  return [...foldText(title, terminal), "", ...body, ...below].join("\n");
};
