/**
 * Tables of words and numbers, for a terminal and for a page.
 *
 * @module
 */

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

const pad = (text: string, width: number, align: Column["align"]): string =>
  align === "left" ? text.padEnd(width) : text.padStart(width);

/** (table) ⇒ lines of text, columns under each other. */
export const printTable = ({ title, note, columns, rows }: Table): string => {
  const widths = columns.map(({ name }, c) => Math.max(name.length, ...rows.map((row) => row[c].length)));
  const line = (cells: ReadonlyArray<string>) =>
    cells.map((cell, c) => pad(cell, widths[c], columns[c].align)).join("  ").trimEnd();
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
