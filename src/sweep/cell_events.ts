/**
 * What the process of a cell tells on its standard output: one JSON object a line; other lines are its log.
 *
 * @module
 */

/** An iteration is done, or the cell is at its end. */
export type CellEvent =
  | { readonly event: "progress"; readonly iterations: number; readonly steps: number }
  | { readonly event: "done"; readonly iterations: number; readonly steps: number }
  | { readonly event: "failed"; readonly tag: string; readonly message: string };

const mark = '{"event":';

/** (event) ⇒ its line. */
export const printEvent = (event: CellEvent): string => JSON.stringify(event);

/** (line) ⇒ its event; null for a line of the log. */
export const parseEvent = (line: string): CellEvent | null => {
  if (!line.startsWith(mark)) return null;
  try {
    return JSON.parse(line);
  } catch {
    return null; // cut off by a kill
  }
};
