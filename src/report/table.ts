/**
 * Tables of words and numbers, for a terminal and for a page.
 *
 * @module
 */
import { unicodeWidth } from "@std/cli/unicode-width";

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

/** (table) ⇒ lines of text, columns under each other. */
export const printTable = ({ title, note, columns, rows }: Table): string => {
  const widths = columns.map(({ name }, c) => widest([name, ...rows.map((row) => row[c])]));
  const line = (cells: ReadonlyArray<string>) =>
    cells.map((cell, c) => padded(cell, widths[c], columns[c].align)).join("  ").trimEnd();
  const head = line(columns.map(({ name }) => name));
  return [
    title,
    "",
    `  ${head}`,
    `  ${widths.map((width) => "─".repeat(width)).join("──")}`,
    ...rows.map((row) => `  ${line(row)}`),
    ...(note === "" ? [] : ["", `  ${note}`]),
  ].join("\n");
};
