/**
 * Curves of all runs, as they grow.
 *
 * @module
 */
/// <reference lib="dom" />
import { type Drawn, makeChart } from "./chart.ts";
import { choice, make, setChoices } from "./dom.ts";
import { type Along, curveOf, emptyColumn, grow, type GrownColumn, meanOf } from "./series.ts";
import { askColumns } from "./server_talk.ts";
import type { RunSummary, Watched } from "../wire.ts";

/** The panel. */
export interface CurvePanel {
  readonly element: HTMLElement;
  /** Takes in what has become of the runs, and asks for what is new. */
  readonly update: (watched: Watched) => Promise<void>;
  /** Place in the palette of a run's curve. */
  readonly colorOf: (run: number) => number;
  readonly isShown: (run: number) => boolean;
  /** Points of all runs so far. */
  readonly points: () => number;
  /** Switches a run's curve on or off. */
  readonly toggle: (run: number) => void;
}

type Grouping = "mean" | "each";

/** (run) ⇒ seeds of the same task and variant are one group. */
const groupOf = ({ task, variant }: RunSummary, runs: ReadonlyArray<RunSummary>): string => {
  if (variant === task) return task;
  return runs.every((run) => run.task === task) ? variant : `${task}, ${variant}`;
};

/** () ⇒ (panel). */
export const makeCurvePanel = (onChange: () => void): CurvePanel => {
  let runs: ReadonlyArray<RunSummary> = [], metric = "return", along: Along = "steps", share = 0;
  let grouping: Grouping = "mean", columns: GrownColumn[] = [], busy = false, again = false;
  const off = new Set<number>(), chart = makeChart();
  const groups = (): ReadonlyArray<string> => [...new Set(runs.map((run) => groupOf(run, runs)))];
  const colorOf = (run: number): number => grouping === "each" ? run : groups().indexOf(groupOf(runs[run], runs));
  const isShown = (run: number): boolean => !off.has(run);

  const curvesOf = (group: string): ReadonlyArray<Drawn> => {
    const members = runs.map((_, i) => i).filter((i) => groupOf(runs[i], runs) === group && isShown(i));
    const curves = members.map((i) => curveOf(columns[i] ?? emptyColumn(), along, share));
    if (members.length === 0) return [];
    const color = groups().indexOf(group);
    if (members.length === 1) return [{ ...curves[0], label: group, color, weight: "only" }];
    const seeds = curves.map((curve, k): Drawn => ({
      ...curve,
      label: `${group}, seed ${runs[members[k]].seed}`,
      color,
      weight: "seed",
    }));
    return [...seeds, { ...meanOf(curves), label: `${group}, mean of ${members.length}`, color, weight: "mean" }];
  };
  const each = (): ReadonlyArray<Drawn> =>
    runs.flatMap((run, i): Drawn[] =>
      isShown(i)
        ? [{
          ...curveOf(columns[i] ?? emptyColumn(), along, share),
          label: `${groupOf(run, runs)}, seed ${run.seed}`,
          color: i,
          weight: "only",
        }]
        : []
    );
  const draw = (): void => {
    const curves = grouping === "each" ? each() : groups().flatMap(curvesOf);
    const drawn = curves.filter(({ x }) => x.length > 0);
    const wanted = /^return$|evaluation\.return$|collect\.return$/.test(metric);
    const thresholds = wanted ? [...new Set(runs.flatMap(({ threshold }) => threshold ?? []))] : [];
    chart.draw({ curves: drawn, along, metric, thresholds });
    onChange();
  };
  const ask = async (): Promise<void> => {
    if (busy) {
      again = true;
      return;
    }
    busy = true;
    const asked = metric, before = columns;
    try {
      const news = await askColumns(asked, runs.map((_, i) => before[i]?.iteration.length ?? 0));
      if (before === columns) news.forEach((column, i) => grow(columns[i] ??= emptyColumn(), column.from, column));
    } catch {
      // the next event asks again
    }
    busy = false;
    if (again) {
      again = false;
      return ask();
    }
    draw();
  };
  const metrics = choice("Metric", [["return", "return"]], "return", (chosen) => {
    metric = chosen;
    columns = [];
    ask();
  });
  const redraw = <A>(set: (value: A) => void) => (value: A): void => {
    set(value);
    draw();
  };
  const axes = choice<Along>(
    "Along x",
    [["steps", "by steps"], ["iteration", "by iterations"], ["seconds", "by seconds"]],
    along,
    redraw((chosen) => along = chosen),
  );
  const smoothing = choice(
    "Smoothing",
    [["0", "as it is"], ["0.6", "smoothed"], ["0.9", "smoothed more"]],
    "0",
    redraw((chosen) => share = Number(chosen)),
  );
  const seeds = choice<Grouping>(
    "Seeds",
    [["mean", "seeds and mean"], ["each", "every run"]],
    grouping,
    redraw((chosen) => grouping = chosen),
  );
  const update = (watched: Watched): Promise<void> => {
    runs = watched.runs;
    const others = watched.metrics.filter((name) => name !== "return").map((name) => [name, name] as const);
    setChoices(metrics, [["return", "return"], ...others], metric);
    seeds.hidden = runs.length < 2;
    return ask();
  };
  const bar = make("div", { class: "bar" }, metrics, axes, smoothing, seeds);
  const points = (): number => columns.reduce((sum, { iteration }) => sum + iteration.length, 0);
  const toggle = (run: number): void => {
    if (!off.delete(run)) off.add(run);
    draw();
  };
  return {
    element: make("section", { class: "curves" }, bar, chart.element),
    update,
    colorOf,
    isShown,
    points,
    toggle,
  };
};
