/**
 * The run log `metrics.jsonl`: one JSON object a line, one line an iteration.
 *
 * Fields: `iteration` from 1; `steps` collected since the run began; `episodes` that ended in this iteration's batch and
 * `return`, their mean undiscounted return (null where none ended); every stage's metrics as `stage.metric` (see
 * `mscv stages`); `seconds` by stage and in total. An iteration after which the policy was evaluated has the mean, standard
 * error and extremes of the returns as `evaluation.return`, `.returnError`, `.returnMin` and `.returnMax`, the mean length as
 * `evaluation.length`, `evaluation.episodes`, and `seconds.evaluation`, which the total does not hold. All but `seconds` is the same, bit for bit, in every run of the same
 * pipeline and seed.
 *
 * @module
 */
import type * as Effect from "effect/Effect";
import * as Schema from "effect/Schema";
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, statSync } from "node:fs";
import { codeOf, reasonOf } from "../files/reason.ts";
import { count, decoder } from "../files/decode_json.ts";
import { writeAll, writeWhole, writing } from "../files/durable_file.ts";
import type { RunFolderUnwritable } from "../files/errors.ts";
import type { IterationResult } from "../program/iterate.ts";
import { type Evaluation, evaluationMetrics } from "./evaluation.ts";

/** One line of the run log. */
export interface IterationRecord {
  /** From 1. */
  readonly iteration: number;
  /** Environment steps collected since the run began. */
  readonly steps: number;
  /** Episodes that ended in this iteration's batch. */
  readonly episodes: number;
  /** Their mean undiscounted return; null where none ended. */
  readonly return: number | null;
  /** By `stage.metric`, and `evaluation.…` where the policy was evaluated after this iteration. */
  readonly metrics: Readonly<Record<string, number | string | null>>;
  /** By stage, `total` of them, and `evaluation`, which the total does not hold. */
  readonly seconds: Readonly<Record<string, number>>;
}

/** An evaluation, and how long it took. */
export interface TimedEvaluation {
  readonly evaluation: Evaluation;
  readonly seconds: number;
}

/** (iteration, steps before it, result, evaluation after it or null) ⇒ (record). */
export const makeRecord = (
  iteration: number,
  stepsBefore: number,
  result: IterationResult,
  evaluated: TimedEvaluation | null,
): IterationRecord => ({
  iteration,
  steps: stepsBefore + result.steps,
  episodes: result.episodes,
  return: result.meanReturn,
  metrics: { ...result.metrics, ...(evaluated === null ? {} : evaluationMetrics(evaluated.evaluation)) },
  seconds: { ...result.seconds, ...(evaluated === null ? {} : { evaluation: evaluated.seconds }) },
});

const toLine = ({ metrics, seconds, ...rest }: IterationRecord): string =>
  JSON.stringify({ ...rest, ...metrics, seconds }) + "\n";

const largestLine = 1_000_000; // characters; a longer one is not looked at

const decodeLine = decoder(
  Schema.Struct({
    iteration: Schema.Int.check(Schema.isGreaterThan(0)),
    steps: count,
    episodes: count,
    return: Schema.NullOr(Schema.Finite),
    seconds: Schema.Struct({ total: Schema.Finite }),
  }),
);

/** All that is not in the schema: a line has dozens of metrics, and a sweep's logs are read every second. */
const areNumbers = (record: Readonly<Record<string, unknown>>, others: (value: unknown) => boolean): boolean =>
  Object.values(record).every((value) => typeof value === "number" ? Number.isFinite(value) : others(value));

const fromLine = (line: string): IterationRecord | null => {
  const { iteration, steps, episodes, return: meanReturn, seconds, ...metrics } = decodeLine(JSON.parse(line));
  const isWhole = areNumbers(seconds, () => false) &&
    areNumbers(metrics, (value) => value === null || typeof value === "string");
  return isWhole ? { iteration, steps, episodes, return: meanReturn, metrics, seconds } : null;
};

/** (line) ⇒ whether it is one of a log. */
export const isLogLine = (line: string): boolean => parseLine(line, 0).record !== null;

/** (line) ⇒ (record); null where it is none of a log. */
export const recordIn = (line: string): IterationRecord | null => parseLine(line, 0).record;

interface Line {
  readonly number: number; // from 1
  readonly text: string;
  readonly record: IterationRecord | null; // null: not one of the log
}

const parseLine = (text: string, index: number): Line => {
  const line = { number: index + 1, text };
  try {
    return { ...line, record: text.length > largestLine ? null : fromLine(text) };
  } catch {
    return { ...line, record: null };
  }
};

/**
 * (lines) ⇒ the same without the fewest lines whose removal leaves iterations that ascend.
 *
 * Source: the longest increasing subsequence by patience sorting, Fredman 1975.
 */
const ascending = (lines: ReadonlyArray<Line>): ReadonlyArray<Line> => {
  const ends: number[] = [], before = new Int32Array(lines.length); // ends[k]: least end of k + 1 lines that ascend
  const iterationOf = (i: number): number => lines[i].record?.iteration ?? 0;
  lines.forEach(({ record }, i) => {
    if (record === null) return;
    let low = 0, high = ends.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (iterationOf(ends[middle]) < record.iteration) low = middle + 1;
      else high = middle;
    }
    before[i] = low === 0 ? -1 : ends[low - 1];
    if (low === ends.length || record.iteration < iterationOf(ends[low])) ends[low] = i;
  });
  const kept = new Set<number>();
  for (let i = ends.at(-1) ?? -1; i >= 0; i = before[i]) kept.add(i);
  return lines.map((line, i) => kept.has(i) ? line : { ...line, record: null });
};

/** (path) ⇒ its lines, the last one only where it is whole: a kill may have cut it off. */
const readLines = (path: string): ReadonlyArray<Line> => {
  const lines = readFileSync(path, "utf8").split("\n").map(parseLine);
  const last = lines.at(-1)!;
  return ascending(last.record === null ? lines.slice(0, -1) : lines);
};

/** What is in a run log. */
export interface RunLog {
  /** Iterations ascend. */
  readonly records: ReadonlyArray<IterationRecord>;
  /** What could not be read, for the user; null: nothing. */
  readonly warning: string | null;
}

const warningOf = (path: string, bad: ReadonlyArray<Line>): string | null =>
  bad.length === 0
    ? null
    : `${path}: ${bad.length} ${bad.length === 1 ? "line is" : "lines are"} left out, from line ${bad[0].number} on: ` +
      "an iteration must be one JSON object with its documented fields, each after the one before";

/**
 * (path) ⇒ (log): a last line cut off by a kill is left out, as are lines of any other form; no file is an empty log.
 *
 * Fails: never; what is left out, and a file that cannot be read, is told in `warning`.
 */
export const readLog = (path: string): RunLog => {
  try {
    if (!statSync(path).isFile()) return { records: [], warning: `${path} cannot be read: it must be a file` };
    const lines = readLines(path);
    return {
      records: lines.flatMap(({ record }) => record ?? []),
      warning: warningOf(path, lines.filter(({ record }) => record === null)),
    };
  } catch (error) {
    if (codeOf(error) === "ENOENT") return { records: [], warning: null };
    return { records: [], warning: `${path} cannot be read: ${reasonOf(error)}` };
  }
};

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

/** Drops the lines after `iteration`, which a resumed run writes anew, and those that are none of a log. */
export const truncateLog = (path: string, iteration: number): Effect.Effect<void, RunFolderUnwritable> =>
  writing(path, () => {
    const lines = existsSync(path) ? readLines(path) : [];
    const kept = lines.filter(({ record }) => record !== null && record.iteration <= iteration);
    writeWhole(path, kept.map(({ text }) => text + "\n").join(""));
  });
