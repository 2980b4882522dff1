/**
 * All that a page is told of the runs: looked at again and again, never written.
 * (place) ⇒ (runs, columns of their logs, networks of their checkpoints)
 *
 * @module
 */
import { statSync } from "node:fs";
import type { Networks } from "../episode/player.ts";
import { isLocked } from "../files/folder_lock.ts";
import type { Column, RunSummary, Watched } from "../page/wire.ts";
import { iterationOfBest } from "../run/best_checkpoint.ts";
import { listCheckpoints } from "../run/checkpoint.ts";
import { isRunFolder, runFolderAt } from "../run/run_folder.ts";
import { differingOptions, nameByOptions, type OptionTexts } from "../report/option_names.ts";
import type { Place } from "../sweep/places.ts";
import { type LogTail, tailLog } from "./log_tail.ts";
import { foldersIn, type PlacedRun, readPlaced } from "./places.ts";

/** A run that is watched. */
export interface WatchedRun {
  readonly placed: PlacedRun;
  readonly tail: LogTail;
  /** Networks of checkpoints that were looked at, also of those that the run has removed since. */
  readonly kept: Map<number, Networks>;
  /** Iterations of the checkpoints in its folder, ascending. */
  readonly checkpoints: ReadonlyArray<number>;
  /** Iteration of the one that evaluated best; null: there is none. */
  readonly best: number | null;
  readonly state: RunSummary["state"];
}

/** Everything that is watched. */
export interface Board {
  /** Looks at the files; whether anything has changed since the last look. */
  readonly look: () => boolean;
  /** As a page lists them. */
  readonly summary: () => Watched;
  /** (metric, lines that the page has of each run) ⇒ what is new, run by run. */
  readonly columns: (metric: string, since: ReadonlyArray<number>) => ReadonlyArray<Column>;
  /** (number of a run) ⇒ (run); undefined: there is none. */
  readonly run: (index: number) => WatchedRun | undefined;
}

interface Entry {
  placed: PlacedRun;
  readonly tail: LogTail;
  readonly kept: Map<number, Networks>;
  checkpoints: ReadonlyArray<number>;
  best: number | null;
  /** When the folder of the checkpoints was changed, and in how many looks since then it was not. */
  changed: { readonly at: number | null; readonly quiet: number };
  state: RunSummary["state"];
}

const settled = 4; // looks, after which two changes cannot have the same time

/** Looks at the checkpoints, where their folder has changed. */
const lookAtCheckpoints = (entry: Entry): void => {
  const { checkpoints } = runFolderAt(entry.placed.path), { changed } = entry;
  const at = statSync(checkpoints, { throwIfNoEntry: false })?.mtimeMs ?? null;
  const quiet = at === changed.at ? changed.quiet + 1 : 0;
  entry.changed = { at, quiet };
  if (quiet > settled) return;
  entry.checkpoints = listCheckpoints(checkpoints);
  entry.best = iterationOfBest(checkpoints);
};

const stateOf = ({ placed: { path, cell, iterations }, tail }: Entry, there: boolean): RunSummary["state"] => {
  if (cell?.state === "done" || cell?.state === "failed") return cell.state;
  if (!there) return cell === null ? "gone" : "waiting";
  if (isLocked(path)) return "running";
  return (tail.last()?.iteration ?? 0) >= iterations ? "done" : "stopped";
};

const textsOf = ({ options }: PlacedRun): OptionTexts => new Map(Object.entries(options));

/** (runs of one task) ⇒ names of the options in which they differ. */
const differing = (runs: ReadonlyArray<PlacedRun>): ReadonlyArray<string> =>
  differingOptions(runs.map(textsOf).filter(({ size }) => size > 0));

/** (runs of one task) ⇒ names of options that all have, in which they differ: columns of a table. */
const comparable = (runs: ReadonlyArray<PlacedRun>): ReadonlyArray<string> => {
  const readable = runs.map(textsOf).filter(({ size }) => size > 0);
  return differing(runs).filter((name) => readable.every((options) => options.has(name)));
};

/** (run, options that differ) ⇒ what it is called among the others: its variant, or what differs. */
const variantOf = (run: PlacedRun, names: ReadonlyArray<string>): string =>
  run.variant ?? (nameByOptions(textsOf(run), names) || run.task);

/** Numbers that a page shows beside its curves. */
const shownMetrics = /^(estimateGradient\.(varianceRatio|coefficient|horizon)|trpoUpdate\.kl)$/;

const latestOf = (tail: LogTail): Readonly<Record<string, number>> => {
  const last = tail.last();
  if (last === null) return {};
  const stages = Object.entries(last.seconds).map(([name, value]) => [`seconds.${name}`, value] as const);
  const numbers = Object.entries(last.metrics).flatMap(([name, value]) =>
    typeof value === "number" && shownMetrics.test(name) ? [[name, value] as const] : []
  );
  return Object.fromEntries([...numbers, ...stages]);
};

const summaryOf = (entry: Entry, names: ReadonlyArray<string>, variant: string): RunSummary => {
  const { placed, tail, kept, checkpoints, best, state } = entry, last = tail.last();
  return {
    name: placed.name,
    task: placed.task,
    variant,
    seed: placed.seed,
    state,
    iterations: placed.iterations,
    done: last?.iteration ?? 0,
    steps: last?.steps ?? 0,
    return: tail.lastReturn(),
    left: state === "running" ? tail.secondsLeft(placed.iterations) : null,
    threshold: placed.threshold,
    options: Object.fromEntries(names.flatMap((name) => name in placed.options ? [[name, placed.options[name]]] : [])),
    checkpoints: [...new Set([...kept.keys(), ...checkpoints])].sort((a, b) => a - b),
    best,
    latest: latestOf(tail),
    warning: tail.warning(),
  };
};

/** (place, what it is called) ⇒ (board), which has looked once. */
export const makeBoard = (place: Place, title: string): Board => {
  const entries = new Map<string, Entry>(), order: Entry[] = [];
  let seen = "";
  const lookAt = (): boolean => {
    let changed = false;
    for (const [path, cell] of foldersIn(place)) {
      const entry = entries.get(path), known = entry !== undefined && Object.keys(entry.placed.options).length > 0;
      const placed = known ? { ...entry.placed, cell } : readPlaced(path, cell);
      if (entry !== undefined) entry.placed = placed ?? entry.placed;
      else if (placed !== null) {
        const tail = tailLog(runFolderAt(path).metrics);
        const changed = { at: null, quiet: 0 };
        const fresh: Entry = { placed, tail, kept: new Map(), checkpoints: [], best: null, changed, state: "waiting" };
        entries.set(path, fresh);
        order.push(fresh); // numbers of runs stay what they are
      }
    }
    for (const entry of order) {
      const { path } = entry.placed;
      changed = entry.tail.read() || changed;
      lookAtCheckpoints(entry);
      entry.state = stateOf(entry, isRunFolder(path));
    }
    return changed;
  };
  const summary = (): Watched => {
    const byTask = [...Map.groupBy(order.map(({ placed }) => placed), ({ task }) => task).values()];
    const names = [...new Set(byTask.flatMap(comparable))];
    const called = new Map(byTask.flatMap((some) => {
      const own = differing(some);
      return some.map((run) => [run, variantOf(run, own)] as const);
    }));
    const metrics = new Set(order.flatMap(({ tail }) => [...tail.metrics()]));
    return {
      title,
      runs: order.map((entry) => summaryOf(entry, names, called.get(entry.placed)!)),
      metrics: [...metrics].sort(),
    };
  };
  const look = (): boolean => {
    const lines = lookAt(),
      now = order.map(({ state, checkpoints, best }) => `${state} ${checkpoints} ${best}`).join("\n");
    const changed = lines || now !== seen;
    seen = now;
    return changed;
  };
  look();
  return {
    look,
    summary,
    columns: (metric, since) => order.map(({ tail }, i) => tail.column(metric, since[i] ?? 0)),
    run: (index) => order[index],
  };
};
