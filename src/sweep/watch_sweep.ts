/**
 * Watching a sweep: outcomes are written as they are recorded, and progress is shown, until every cell is at its end.
 *
 * @module
 */
import * as Clock from "effect/Clock";
import * as Console from "effect/Console";
import * as Effect from "effect/Effect";
import * as Schedule from "effect/Schedule";
import type { RunFolderUnwritable } from "../files/errors.ts";
import { makeDisplay, type Output } from "../report/display.ts";
import { formatCount, formatDuration } from "../report/quantities.ts";
import { workKey } from "./cell_work.ts";
import type { LedgerEntry } from "./ledger_entry.ts";
import { type ManifestCell, type Outcome, readOutcome } from "./manifest.ts";
import { recordedOutcomes, writeOutcomes } from "./sweep_folder.ts";
import { type CellProgress, paceOf, type Tally, tallyCells } from "./tally.ts";
import type { PlannedSweep } from "./prepare_sweep.ts";

const silent = 30; // seconds (three heartbeats) without a message after which a cell counts as waiting again
const paceWindow = 60; // seconds
const betweenLines = 30; // seconds, where lines cannot be redrawn

/** A cell at one moment, and the machine that was last heard of with it. */
export interface CellNow extends CellProgress {
  readonly host: string | null;
}

/** (sweep, ledger, outcomes so far) ⇒ its selected cells at this moment. */
export const cellsNow = (
  { manifest, selected }: Pick<PlannedSweep, "manifest" | "selected">,
  entries: ReadonlyArray<LedgerEntry>,
  outcomes: ReadonlyMap<string, Outcome>,
): ReadonlyArray<CellNow> => {
  const heard = new Map(entries.map((entry) => [entry.key, entry]));
  return selected.map((cell): CellNow => {
    const outcome = outcomes.get(cell.id);
    const entry = heard.get(workKey({ sweep: manifest.sweep, ...cell }));
    const running = entry !== undefined && entry.silentSeconds < silent;
    return {
      ...cell,
      state: outcome?.state ?? (running ? "running" : "waiting"),
      done: outcome?.iterations ?? entry?.iterations ?? 0,
      steps: outcome?.steps ?? entry?.steps ?? 0,
      host: entry?.host ?? null,
    };
  });
};

/** (tallies of the last minute) ⇒ `12/40 cells · 2 running · 1 failed · 3,200 steps/s · 4 min left`. */
export const sweepLine = (recent: ReadonlyArray<Tally>): string => {
  const [before, now] = [recent[0], recent[recent.length - 1]];
  const { waiting, running, done, failed } = now.counts;
  const { stepsPerSecond, secondsLeft } = paceOf(before, now);
  return [
    `${done + failed}/${waiting + running + done + failed} cells`,
    `${running} running`,
    ...(failed > 0 ? [`${failed} failed`] : []),
    `${stepsPerSecond === null ? "–" : formatCount(stepsPerSecond)} steps/s`,
    `${secondsLeft === null ? "–" : formatDuration(secondsLeft)} left`,
  ].join(" · ");
};

/** The cells of a sweep whose outcome its folder has. */
export const knownOutcomes = (folder: string, cells: ReadonlyArray<ManifestCell>): Map<string, Outcome> =>
  new Map(cells.flatMap((cell) => {
    const outcome = readOutcome(folder, cell);
    return outcome === null ? [] : [[cell.id, outcome]];
  }));

const failureLine = ({ id, error }: Outcome): string => `failed: ${id}: ${error?.tag}: ${error?.message}`;

/** Shows how a sweep goes. */
export interface SweepDisplay {
  /** (cells, seconds since any moment) ⇒ shows them where there is news. */
  readonly show: (cells: ReadonlyArray<CellProgress>, seconds: number) => void;
  /** Leaves the last line standing. */
  readonly end: () => void;
}

/** (output) ⇒ (display): lines that cannot be redrawn come as a first cell begins, as cells end, and every 30 s. */
export const makeSweepDisplay = (output: Output): SweepDisplay => {
  const display = makeDisplay(output);
  let recent: ReadonlyArray<Tally> = [], shown = -Infinity, ended = -1, begun = false;
  return {
    show: (cells, seconds) => {
      const now = tallyCells(cells, seconds);
      recent = [...recent.filter((each) => seconds - each.seconds <= paceWindow), now];
      const over = now.counts.done + now.counts.failed;
      const begins = !begun && now.counts.running > 0;
      if (!output.isTerminal && !begins && over === ended && seconds - shown < betweenLines) return;
      display.show(sweepLine(recent));
      [shown, ended, begun] = [seconds, over, begun || begins];
    },
    end: display.end,
  };
};

/**
 * Looks again and again until every selected cell is at its end.
 *
 * @param read what the engine knows; where that fails, the next look tries again
 */
export const watchSweep = Effect.fnUntraced(function* (
  sweep: PlannedSweep,
  output: Output,
  read: Effect.Effect<ReadonlyArray<LedgerEntry>, unknown>,
): Effect.fn.Return<ReadonlyMap<string, Outcome>, RunFolderUnwritable> {
  const { folder, manifest, selected } = sweep;
  const display = makeSweepDisplay(output);
  const outcomes = knownOutcomes(folder, manifest.cells);
  const look = Effect.gen(function* () {
    const entries = yield* Effect.orElseSucceed(read, () => null);
    if (entries === null) return false;
    const fresh = [...recordedOutcomes(entries, manifest)].filter(([id]) => !outcomes.has(id));
    yield* writeOutcomes(folder, manifest, new Map(fresh));
    for (const [id, outcome] of fresh) {
      outcomes.set(id, outcome);
      if (outcome.state === "failed") yield* Console.error(failureLine(outcome));
    }
    display.show(cellsNow(sweep, entries, outcomes), Number(yield* Clock.monotonicTimeNanos) / 1e9);
    return selected.every(({ id }) => outcomes.has(id));
  });
  yield* look.pipe(
    Effect.repeat({ until: (over) => over, schedule: Schedule.spaced("500 millis") }),
    Effect.ensuring(Effect.sync(display.end)),
  );
  return outcomes;
});
