/**
 * A run log as TensorBoard shows it: a scalar for every number, over environment steps.
 * (log) ⇒ (events)
 *
 * @module
 */
import type { IterationRecord } from "../run/run_log.ts";
import { eventRecord, fileHeader } from "./tf_events.ts";
import { columnsOf } from "./log_table.ts";

/** `estimateGradient.varianceRatio` ⇒ `estimateGradient/varianceRatio`: TensorBoard groups by what stands before the slash. */
const tagOf = (column: string): string => {
  const slashed = column.replace(".", "/");
  return slashed.includes("/") ? slashed : `run/${slashed}`;
};

/** (record) ⇒ its numbers by tag. */
const scalarsOf = (record: IterationRecord): Readonly<Record<string, number>> => {
  const { steps: _, ...columns } = columnsOf(record);
  return Object.fromEntries(
    Object.entries(columns).flatMap(([name, value]) => (typeof value === "number" ? [[tagOf(name), value]] : [])),
  );
};

const secondsOf = ({ seconds: { total, evaluation = 0 } }: IterationRecord): number => total + evaluation;

const joined = (parts: ReadonlyArray<Uint8Array>): Uint8Array => {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
};

/** (pipeline in YAML, s since 1970) ⇒ what a file begins with. */
export const eventHead = (pipeline: string, wallTime: number): Uint8Array =>
  joined([
    fileHeader(wallTime),
    eventRecord({ wallTime, step: 0, scalars: {}, texts: { pipeline: "```yaml\n" + pipeline + "```\n" } }),
  ]);

/** (record, s since 1970) ⇒ its piece of the file. */
export const eventPiece = (record: IterationRecord, wallTime: number): Uint8Array =>
  eventRecord({ wallTime, step: record.steps, scalars: scalarsOf(record) });

/** (log, pipeline in YAML, s since 1970 at which the run began) ⇒ (file). A log tells seconds of work, not of the clock. */
export const logEvents = (records: ReadonlyArray<IterationRecord>, pipeline: string, began: number): Uint8Array => {
  let now = began;
  return joined([eventHead(pipeline, began), ...records.map((record) => eventPiece(record, now += secondsOf(record)))]);
};

/** (s since 1970) ⇒ the name of an event file: TensorBoard looks for `tfevents` in it. */
export const eventFileName = (began: number): string => `events.out.tfevents.${Math.floor(began)}.mscv`;
