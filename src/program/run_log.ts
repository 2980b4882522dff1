/**
 * The run log `metrics.jsonl`: one JSON object a line, one line an iteration.
 *
 * Fields: `iteration` from 1; `steps` collected since the run began; `episodes` that ended in this iteration's batch and
 * `return`, their mean undiscounted return (null where none ended); every stage's metrics as `stage.metric` (see
 * `mscv stages`); `seconds` by stage and in total. All but `seconds` is the same, bit for bit, in every run of the same
 * pipeline and seed.
 *
 * @module
 */
import type * as Effect from "effect/Effect";
import { closeSync, existsSync, fsyncSync, openSync, readFileSync } from "node:fs";
import { writeAll, writeWhole, writing } from "./durable_file.ts";
import type { RunFolderUnwritable } from "./errors.ts";
import type { IterationResult } from "./iterate.ts";

/** One line of the run log. */
export interface IterationRecord {
  readonly iteration: number;
  readonly steps: number;
  readonly episodes: number;
  readonly return: number | null;
  readonly metrics: Readonly<Record<string, number | string | null>>;
  readonly seconds: Readonly<Record<string, number>>;
}

/** (iteration, steps before it, result) ⇒ (record). */
export const makeRecord = (iteration: number, stepsBefore: number, result: IterationResult): IterationRecord => ({
  iteration,
  steps: stepsBefore + result.steps,
  episodes: result.episodes,
  return: result.meanReturn,
  metrics: result.metrics,
  seconds: result.seconds,
});

const toLine = ({ metrics, seconds, ...rest }: IterationRecord): string =>
  JSON.stringify({ ...rest, ...metrics, seconds }) + "\n";

const fromLine = (line: string): IterationRecord => {
  const { iteration, steps, episodes, return: meanReturn, seconds, ...metrics } = JSON.parse(line);
  return { iteration, steps, episodes, return: meanReturn, metrics, seconds };
};

const isWhole = (line: string): boolean => {
  try {
    return typeof JSON.parse(line).iteration === "number";
  } catch {
    return false;
  }
};

/** (path) ⇒ (records): a last line cut off by a kill is left out; no file is an empty log. */
export const readLog = (path: string): ReadonlyArray<IterationRecord> =>
  existsSync(path) ? readFileSync(path, "utf8").split("\n").filter(isWhole).map(fromLine) : [];

/** Appends one line and flushes it. */
export const appendLog = (path: string, record: IterationRecord): Effect.Effect<void, RunFolderUnwritable> =>
  writing(path, () => {
    const file = openSync(path, "a");
    try {
      writeAll(file, toLine(record));
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  });

/** Drops the lines after `iteration`, which a resumed run writes anew. */
export const truncateLog = (path: string, iteration: number): Effect.Effect<void, RunFolderUnwritable> =>
  writing(path, () => {
    const kept = existsSync(path)
      ? readFileSync(path, "utf8").split("\n").filter((line) =>
        isWhole(line) && JSON.parse(line).iteration <= iteration
      )
      : [];
    writeWhole(path, kept.map((line) => line + "\n").join(""));
  });
