/**
 * The checkpoint that evaluated best, `checkpoints/best`: a whole one, which no newer one pushes out.
 *
 * It is written as `best.new`, which takes the place of the one before it: a kill at any moment leaves one or the other
 * whole, and whoever comes next finishes the change.
 *
 * @module
 */
import type * as Effect from "effect/Effect";
import { existsSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { syncFolder, temporaryIn, writing } from "../files/durable_file.ts";
import type { RunFolderUnwritable } from "../files/errors.ts";
import { type Checkpoint, readManifest, writeState } from "./checkpoint.ts";
import type { IterationRecord } from "./run_log.ts";

/** Name of its folder. */
export const bestName = "best";

const newName = `${bestName}.new`;

/** (folder of the checkpoints) ⇒ path of the best; of the new one where a kill kept it from taking its place. */
export const bestPath = (checkpoints: string): string => {
  const own = join(checkpoints, bestName), next = join(checkpoints, newName);
  return !existsSync(own) && existsSync(next) ? next : own;
};

/** Gives the new one the place of the one before it, where a kill has left both or one; nothing where there is no new one. */
export const settleBest = (checkpoints: string): void => {
  const own = join(checkpoints, bestName), next = join(checkpoints, newName);
  if (!existsSync(next)) return;
  const old = temporaryIn(checkpoints);
  if (existsSync(own)) renameSync(own, old);
  renameSync(next, own);
  rmSync(old, { recursive: true, force: true });
  syncFolder(checkpoints);
};

/** (folder of the checkpoints, checkpoint) ⇒ path of the best, which that one is now. Fails: RunFolderUnwritable. */
export const writeBest = (checkpoints: string, checkpoint: Checkpoint): Effect.Effect<string, RunFolderUnwritable> => {
  const path = join(checkpoints, bestName);
  return writing(path, () => {
    settleBest(checkpoints);
    writeState(checkpoints, newName, checkpoint);
    settleBest(checkpoints);
    return path;
  });
};

/** (folder of the checkpoints) ⇒ iteration of the best; null where there is none, or it is damaged. */
export const iterationOfBest = (checkpoints: string): number | null => {
  try {
    return readManifest(bestPath(checkpoints)).iteration;
  } catch {
    return null;
  }
};

/** An evaluation in a run's log. */
export interface LoggedEvaluation {
  readonly iteration: number;
  /** Mean return of its episodes. */
  readonly return: number;
}

/** (record) ⇒ its evaluation; null where it has none. */
export const evaluationIn = ({ iteration, metrics }: IterationRecord): LoggedEvaluation | null => {
  const value = metrics["evaluation.return"];
  return typeof value === "number" ? { iteration, return: value } : null;
};

/** (best so far, evaluation) ⇒ the better of the two; the earlier one where they are equal. */
export const betterOf = (best: LoggedEvaluation | null, next: LoggedEvaluation | null): LoggedEvaluation | null =>
  next !== null && (best === null || next.return > best.return) ? next : best;
