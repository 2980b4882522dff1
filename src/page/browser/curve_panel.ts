/**
 * Curves of all runs, as they grow.
 *
 * @module
 */
/// <reference lib="dom" />
import { makeChart } from "./chart.ts";
import { makeColumns } from "./columns.ts";
import { type Choice, curvesOf, type Groups, groupsOf } from "./curve_groups.ts";
import { choice, make, setChoices } from "./dom.ts";
import type { Along } from "./series.ts";
import type { RunSummary, Watched } from "../wire.ts";

/** The panel. */
export interface CurvePanel {
  readonly element: HTMLElement;
  /** Asks for what is new in the logs; whether there was anything. */
  readonly ask: () => Promise<boolean>;
  /** Takes in what has become of the runs, and draws. */
  readonly update: (watched: Watched) => void;
  /** Place in the palette of a run's curve. */
  readonly colorOf: (run: number) => number;
  readonly isShown: (run: number) => boolean;
  /** Points of all runs so far. */
  readonly points: () => number;
  /** Switches a run's curve on or off. */
  readonly toggle: (run: number) => void;
}

const hasThreshold = /^return$|evaluation\.return$|collect\.return$/;

/** (what is chosen at first, called with each change) ⇒ lists to choose from. */
const makeChoices = (first: Omit<Choice, "isShown">, onChange: (change: Partial<Choice>) => void) => {
  const axes = choice<Along>(
    "Along x",
    [["steps", "by steps"], ["iteration", "by iterations"], ["seconds", "by seconds"]],
    first.along,
    (along) => onChange({ along }),
  );
  const smoothing = choice(
    "Smoothing",
    [["0", "as it is"], ["0.6", "smoothed"], ["0.9", "smoothed more"]],
    String(first.share),
    (share) => onChange({ share: Number(share) }),
  );
  const seeds = choice<Choice["grouping"]>(
    "Seeds",
    [["mean", "seeds and mean"], ["each", "every run"]],
    first.grouping,
    (grouping) => onChange({ grouping }),
  );
  return { axes, smoothing, seeds };
};

/** (called when another number is chosen, of which nothing is known yet; called when curves look otherwise) ⇒ (panel). */
export const makeCurvePanel = (onMetric: () => void, onChange: () => void): CurvePanel => {
  let runs: ReadonlyArray<RunSummary> = [], groups: Groups = groupsOf([]);
  const off = new Set<number>(), chart = makeChart(), columns = makeColumns();
  const isShown = (run: number): boolean => !off.has(run);
  let chosen: Choice = { along: "steps", share: 0, grouping: "mean", isShown };
  const draw = (): void => {
    const metric = columns.metric(), curves = curvesOf(runs, groups, columns.all(), chosen);
    const thresholds = hasThreshold.test(metric) ? [...new Set(runs.flatMap(({ threshold }) => threshold ?? []))] : [];
    chart.draw({ curves, along: chosen.along, metric, thresholds });
  };
  const redraw = (): void => {
    draw();
    onChange();
  };
  const metrics = choice("Metric", [["return", "return"]], columns.metric(), (metric) => {
    columns.choose(metric);
    onMetric();
  });
  const { axes, smoothing, seeds } = makeChoices(chosen, (change) => {
    chosen = { ...chosen, ...change };
    redraw();
  });
  const update = (watched: Watched): void => {
    runs = watched.runs;
    groups = groupsOf(runs);
    const others = watched.metrics.filter((name) => name !== "return").map((name) => [name, name] as const);
    setChoices(metrics, [["return", "return"], ...others], columns.metric());
    seeds.hidden = runs.length < 2;
    draw();
  };
  const toggle = (run: number): void => {
    if (!off.delete(run)) off.add(run);
    redraw();
  };
  const bar = make("div", { class: "bar" }, metrics, axes, smoothing, seeds);
  return {
    element: make("section", { class: "curves" }, bar, chart.element),
    ask: columns.ask,
    update,
    colorOf: (run) => chosen.grouping === "each" ? run : groups.of[run],
    isShown,
    points: columns.points,
    toggle,
  };
};
