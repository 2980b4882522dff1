/**
 * TensorBoard's file of a run that trains.
 * (folder, run) ⇒ (record) ⇒ an event more
 *
 * @module
 */
import { appendFileSync, existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { reasonOf } from "../files/reason.ts";
import type { IterationRecord } from "../run/run_log.ts";
import { eventFileName, eventHead, eventPiece, logEvents } from "./log_events.ts";

/** A run that is followed. */
export interface FollowedRun {
  /** Name of its folder, and of its curve. */
  readonly name: string;
  /** In YAML. */
  readonly pipeline: string;
  /** What it has logged so far. */
  readonly history: ReadonlyArray<IterationRecord>;
  /** s since 1970 at which it began */
  readonly began: number;
}

const hasEvents = (folder: string): boolean =>
  existsSync(folder) && readdirSync(folder).some((name) => name.includes("tfevents"));

/** () ⇒ s since 1970, as they were when the process began and as many more as have passed since: it never goes back. */
const wallTime = (): number => (performance.timeOrigin + performance.now()) / 1000;

/**
 * (folder of all runs, run, clock) ⇒ (record) ⇒ appends it; tells what keeps it from being written, else null. A new file each
 * time; the history comes first where the folder does not have it. Throws what the file system does at the beginning alone.
 */
export const followRun = (
  out: string,
  { name, pipeline, history, began }: FollowedRun,
  clock: () => number = wallTime,
): (record: IterationRecord) => string | null => {
  const folder = join(out, name), known = hasEvents(folder), now = clock(), since = known ? now : began;
  mkdirSync(folder, { recursive: true });
  const file = join(folder, eventFileName(now));
  appendFileSync(file, known ? eventHead(pipeline, since) : logEvents(history, pipeline, since));
  return (record) => {
    try {
      appendFileSync(file, eventPiece(record, clock()));
      return null;
    } catch (error) {
      return reasonOf(error);
    }
  };
};
