/**
 * A run's log as columns of numbers, read on where the last look ended.
 * (metrics.jsonl) ⇒ (iteration, steps, seconds, every metric)
 *
 * @module
 */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { codeOf, reasonOf } from "../files/reason.ts";
import type { Column } from "../page/wire.ts";
import { type IterationRecord, recordIn } from "../run/run_log.ts";

/** A log that is read as it grows. */
export interface LogTail {
  /** Reads what is new; whether there was anything, also that the file was written anew or is gone. */
  readonly read: () => boolean;
  /** Lines so far. */
  readonly length: () => number;
  /** The last line; null: none yet. */
  readonly last: () => IterationRecord | null;
  /** Of the last iteration in which an episode ended; null: none did. */
  readonly lastReturn: () => number | null;
  /** (iterations wanted) ⇒ s left, by the mean of the last ten; null: not known. */
  readonly secondsLeft: (iterations: number) => number | null;
  /** Names of the numbers in it. */
  readonly metrics: () => Iterable<string>;
  /** (name, lines that are known) ⇒ the lines after them. */
  readonly column: (name: string, since: number) => Column;
  /** What is wrong with it, for the user; null: nothing. */
  readonly warning: () => string | null;
}

interface Columns {
  readonly iteration: number[];
  readonly steps: number[];
  readonly seconds: number[];
  readonly values: Map<string, Array<number | null>>;
}

const empty = (): Columns => ({ iteration: [], steps: [], seconds: [], values: new Map() });

const numbersOf = (
  { return: earned, metrics, seconds }: IterationRecord,
): ReadonlyArray<readonly [string, unknown]> => [
  ["return", earned],
  ...Object.entries(metrics),
  ...Object.entries(seconds).map(([name, value]) => [`seconds.${name}`, value] as const),
];

/** Adds a line to the columns; a number that appears for the first time was missing before. */
const append = (columns: Columns, record: IterationRecord): void => {
  const { iteration, steps, seconds, values } = columns, before = iteration.length;
  iteration.push(record.iteration);
  steps.push(record.steps);
  seconds.push((seconds.at(-1) ?? 0) + record.seconds.total + (record.seconds.evaluation ?? 0));
  for (const [name, value] of numbersOf(record)) {
    if (typeof value !== "number" && value !== null) continue;
    const column = values.get(name) ?? new Array<number | null>(before).fill(null);
    values.set(name, column);
    column[before] = value;
  }
  for (const column of values.values()) if (column.length === before) column.push(null);
};

/** (file, from, to) ⇒ the bytes between. */
const readBytes = (file: number, from: number, to: number): Uint8Array => {
  const bytes = new Uint8Array(to - from);
  let count = 0;
  while (count < bytes.length) {
    const more = readSync(file, bytes, count, bytes.length - count, from + count);
    if (more === 0) break; // it has become shorter
    count += more;
  }
  return bytes.subarray(0, count);
};

/** (path) ⇒ (tail), which has read nothing yet. */
export const tailLog = (path: string): LogTail => {
  let columns = empty(), place = 0, inode = -1, bad = 0, failure: string | null = null;
  let last: IterationRecord | null = null, lastReturn: number | null = null;
  const begin = (): void => {
    columns = empty();
    place = bad = 0;
    last = lastReturn = null;
  };
  const take = (line: string): void => {
    if (line === "") return;
    const record = recordIn(line);
    if (record === null || record.iteration <= (last?.iteration ?? 0)) {
      bad++;
      return;
    }
    append(columns, record);
    last = record;
    if (record.return !== null) lastReturn = record.return;
  };
  const readOn = (file: number): boolean => {
    const { size, ino } = fstatSync(file), anew = ino !== inode || size < place;
    if (anew && inode !== -1) begin();
    inode = ino;
    if (size === place) return anew;
    const bytes = readBytes(file, place, size), end = bytes.lastIndexOf(10) + 1; // a torn last line waits for its rest
    new TextDecoder().decode(bytes.subarray(0, end)).split("\n").forEach(take);
    place += end;
    return end > 0 || anew;
  };
  const read = (): boolean => {
    try {
      const file = openSync(path, "r");
      failure = null;
      try {
        return readOn(file);
      } finally {
        closeSync(file);
      }
    } catch (error) {
      const reason = codeOf(error) === "ENOENT" ? null : reasonOf(error), had = columns.iteration.length > 0;
      const changed = reason !== failure || had;
      failure = reason;
      if (codeOf(error) === "ENOENT" && had) begin();
      if (codeOf(error) === "ENOENT") inode = -1;
      return changed;
    }
  };
  const secondsLeft = (iterations: number): number | null => {
    const { iteration, seconds } = columns, end = seconds.length - 1;
    if (end < 0) return null;
    const recent = Math.min(10, seconds.length), from = seconds[end - recent] ?? 0;
    return Math.max(0, iterations - iteration[end]) * (seconds[end] - from) / recent;
  };
  const column = (name: string, since: number): Column => {
    const from = since <= columns.iteration.length ? since : 0;
    const values = columns.values.get(name) ?? new Array<number | null>(columns.iteration.length).fill(null);
    return {
      from,
      iteration: columns.iteration.slice(from),
      steps: columns.steps.slice(from),
      seconds: columns.seconds.slice(from),
      value: values.slice(from),
    };
  };
  return {
    read,
    length: () => columns.iteration.length,
    last: () => last,
    lastReturn: () => lastReturn,
    secondsLeft,
    metrics: () => columns.values.keys(),
    column,
    warning: () => failure ?? (bad === 0 ? null : `${bad} ${bad === 1 ? "line is" : "lines are"} left out`),
  };
};
