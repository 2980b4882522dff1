/**
 * Runs as curves: seeds of the same task and variant are one group, with their mean.
 * (runs, logs) ⇒ (curves)
 *
 * @module
 */
import type { RunSummary } from "../wire.ts";
import type { Drawn } from "./chart.ts";
import { type Along, type Curve, curveOf, emptyColumn, type GrownColumn, meanOf } from "./series.ts";

/** Groups of runs. */
export interface Groups {
  /** In the order of their first runs. */
  readonly names: ReadonlyArray<string>;
  /** Run by run, the place of its group in `names`. */
  readonly of: ReadonlyArray<number>;
}

/** (runs) ⇒ (groups): a name says the task where there are several. */
export const groupsOf = (runs: ReadonlyArray<RunSummary>): Groups => {
  const isOneTask = runs.every(({ task }) => task === runs[0].task);
  const named = runs.map(({ task, variant }) => variant === task ? task : isOneTask ? variant : `${task}, ${variant}`);
  const names = [...new Set(named)], places = new Map(names.map((name, i) => [name, i]));
  return { names, of: named.map((name) => places.get(name)!) };
};

/** What is drawn of the logs. */
export interface Choice {
  readonly along: Along;
  /** That smoothing keeps of what was, 0 to 1. */
  readonly share: number;
  /** Seeds with their mean, or every run in a colour of its own. */
  readonly grouping: "mean" | "each";
  /** (run) ⇒ whether its curve is switched on. */
  readonly isShown: (run: number) => boolean;
}

/** (runs, groups, logs run by run, choice) ⇒ curves; those without a point are left out. */
export const curvesOf = (
  runs: ReadonlyArray<RunSummary>,
  groups: Groups,
  columns: ReadonlyArray<GrownColumn | undefined>,
  { along, share, grouping, isShown }: Choice,
): ReadonlyArray<Drawn> => {
  const curve = (run: number): Curve => curveOf(columns[run] ?? emptyColumn(), along, share);
  const called = (run: number) => `${groups.names[groups.of[run]]}, seed ${runs[run].seed}`;
  const shown = runs.map((_, run) => run).filter(isShown);
  const ofGroup = ([color, members]: readonly [number, ReadonlyArray<number>]): ReadonlyArray<Drawn> => {
    const curves = members.map((run) => ({ ...curve(run), label: called(run) })).filter(({ x }) => x.length > 0);
    const name = groups.names[color], count = curves.length; // of those that have begun
    if (count < 2) return curves.map((only): Drawn => ({ ...only, label: name, color, weight: "only" }));
    const seeds = curves.map((each): Drawn => ({ ...each, color, weight: "seed" }));
    return [...seeds, { ...meanOf(curves), label: `${name}, mean of ${count}`, color, weight: "mean" }];
  };
  const drawn = grouping === "each"
    ? shown.map((run): Drawn => ({ ...curve(run), label: called(run), color: run, weight: "only" }))
    : [...Map.groupBy(shown, (run) => groups.of[run])].sort(([a], [b]) => a - b).flatMap(ofGroup);
  const rank = ({ weight }: Drawn) => weight === "seed" ? 0 : 1; // means above the seeds of all groups
  return drawn.filter(({ x }) => x.length > 0).sort((a, b) => rank(a) - rank(b));
};
