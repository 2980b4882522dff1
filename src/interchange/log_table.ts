/**
 * A run log as a table.
 * (log) ⇒ (CSV)
 *
 * @module
 */
import type { IterationRecord } from "../run/run_log.ts";

/** By RFC 4180: quoted where a comma, a quote or a line break would split it. */
const cell = (value: number | string | null | undefined): string => {
  const text = value === null || value === undefined ? "" : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

/** (record) ⇒ by column: `iteration`, `steps`, `episodes`, `return`, `stage.metric`, `seconds.stage`. */
export const columnsOf = (record: IterationRecord): Readonly<Record<string, number | string | null>> => {
  const { metrics, seconds, ...counts } = record;
  const timed = Object.fromEntries(Object.entries(seconds).map(([stage, value]) => [`seconds.${stage}`, value]));
  return { ...counts, ...metrics, ...timed };
};

/** (records) ⇒ (CSV): a line an iteration, a column for whatever any of them holds; what one lacks is empty. */
export const logTable = (records: ReadonlyArray<IterationRecord>): string => {
  const rows = records.map(columnsOf), names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  return [names, ...rows.map((row) => names.map((name) => row[name]))]
    .map((values) => values.map(cell).join(",") + "\n").join("");
};
