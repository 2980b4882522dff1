/**
 * What cells said that failed before their first iteration: the cause itself, where it concerns them all.
 *
 * @module
 */
import type { Outcome } from "./manifest.ts";

const most = { causes: 2, lines: 6 };

/** (lines of a cell's log) ⇒ the last of them, each once: a process that is started again says the same again. */
const lastWords = (log: ReadonlyArray<string>): ReadonlyArray<string> =>
  [...new Set(log.filter((line) => line.trim() !== "" && !/^The process of .* ended by itself: /.test(line)))]
    .slice(-most.lines);

/** (outcomes) ⇒ lines for the user: last words of cells that failed at their start, those that are the same once. */
export const causesAtStart = (outcomes: Iterable<Outcome>): ReadonlyArray<string> => {
  const causes = new Map<string, { readonly id: string; cells: number }>();
  for (const { id, iterations, error } of outcomes) {
    const text = error === null || iterations > 0 ? "" : lastWords(error.log).map((line) => `  ${line}`).join("\n");
    const known = causes.get(text);
    if (known !== undefined) known.cells++;
    else if (text !== "") causes.set(text, { id, cells: 1 });
  }
  return [...causes].slice(0, most.causes).flatMap(([text, { id, cells }]) => [
    `Last lines of ${id}${cells === 1 ? "" : `, the same in ${cells} cells`}:`,
    text,
  ]);
};
