/**
 * Following the `ablate` that trains a sweep: progress is read from the folder, since only that process uses its
 * database.
 *
 * @module
 */
import * as Clock from "effect/Clock";
import * as Console from "effect/Console";
import * as Effect from "effect/Effect";
import { join } from "node:path";
import type { RunFolderBusy } from "../files/errors.ts";
import { readLog } from "../run/run_log.ts";
import { type Manifest, type Outcome, readManifest, readOutcome, readSweep } from "./manifest.ts";
import type { CellProgress } from "./tally.ts";
import type { PlannedSweep } from "./prepare_sweep.ts";
import { knownOutcomes, type SweepDisplay } from "./watch_sweep.ts";

/** (sweep) ⇒ its selected cells as the folder tells of them; one that its manifest lacks is waiting. */
export const cellsInFolder = ({ folder, selected }: PlannedSweep): ReadonlyArray<CellProgress> => {
  const there = new Map(readSweep(folder)?.cells.map((cell) => [cell.id, cell]));
  return selected.map((cell): CellProgress => {
    const now = there.get(cell.id);
    if (now === undefined) return { ...cell, state: "waiting", done: 0, steps: 0 };
    const outcome = readOutcome(folder, { ...cell, attempt: now.attempt });
    if (outcome !== null) return { ...cell, state: outcome.state, done: outcome.iterations, steps: outcome.steps };
    const last = readLog(join(now.folder, "metrics.jsonl")).records.at(-1);
    const state = now.state === "running" ? "running" : "waiting";
    return { ...cell, state, done: last?.iteration ?? 0, steps: last?.steps ?? 0 };
  });
};

/** What two commands must have in common for the outcomes of one to be those of the other. */
const wanted = ({ name, compare, cells }: Manifest): string =>
  JSON.stringify([name, compare, cells.map(({ attempt: _, ...cell }) => cell)]);

/** (sweep) ⇒ the outcomes of its cells where the other command has brought all of them to their end; or null. */
const outcomesByOther = ({ folder, manifest, selected }: PlannedSweep): ReadonlyMap<string, Outcome> | null => {
  const present = readManifest(folder);
  if (present === null || wanted(present) !== wanted(manifest)) return null;
  const ids = new Set(selected.map(({ id }) => id));
  const outcomes = knownOutcomes(folder, present.cells.filter(({ id }) => ids.has(id)));
  return outcomes.size === selected.length ? outcomes : null;
};

/** What a follower has done so far. */
export interface Following {
  readonly display: SweepDisplay;
  /** Removes the other's lock where that is silent for too long. */
  readonly watch: (folder: string) => boolean;
  /** The process that it has told the user it follows. */
  named: string;
}

/**
 * Looks once at what another command does on the sweep.
 * (sweep as this command plans it, the other's lock) ⇒ the outcomes of its cells
 *
 * Fails with the lock while the other command has more to do. It also fails where the other will not train what this
 * one is for, cells of an edited file or failed ones to retry: they are trained once the lock is free.
 */
export const followOnce = Effect.fnUntraced(function* (
  sweep: PlannedSweep,
  failed: "keep" | "retry",
  busy: RunFolderBusy,
  following: Following,
) {
  const name = `Process ${busy.pid} on ${busy.host}`;
  if (following.named !== name) {
    following.named = name;
    const then = failed === "retry" ? "following it, to retry what has failed once it ends" : "following it";
    yield* Console.log(`${name} works on this sweep: ${then} (its lock: ${busy.lock})`);
  }
  const outcomes = failed === "retry" ? null : outcomesByOther(sweep);
  if (outcomes !== null) return outcomes;
  following.watch(sweep.folder);
  following.display.show(cellsInFolder(sweep), Number(yield* Clock.monotonicTimeNanos) / 1e9);
  return yield* Effect.fail(busy);
});
