/**
 * Charts as plain records: what is to be seen, and nothing on how it is drawn.
 *
 * @module
 */

/** A numeric axis. */
export interface Axis {
  /** With its unit. */
  readonly title: string;
  readonly scale: "linear" | "log";
  /** Values that the axis must reach beside the data's; a linear bar chart begins at 0 anyway. */
  readonly include: ReadonlyArray<number>;
}

/** A line across the chart: a threshold, or where nothing differs. */
export interface Reference {
  readonly value: number;
  readonly label: string;
}

/** What every chart has. */
export interface ChartText {
  readonly title: string;
  /** What the marks mean, for a reader who sees nothing else; "" for none. */
  readonly subtitle: string;
}

/** A point of a curve; null where nothing was measured, or where there are too few samples for an interval. */
export interface CurvePoint {
  readonly x: number;
  readonly y: number | null;
  readonly low: number | null;
  readonly high: number | null;
}

/** One curve with the runs behind it. */
export interface Curve {
  /** Written at the curve's end. */
  readonly name: string;
  /** Of the palette. */
  readonly color: string;
  readonly stroke: "solid" | "dashed";
  /** "steps": constant from each point to the next, as an empirical distribution is; absent: straight lines. */
  readonly line?: "steps";
  readonly points: ReadonlyArray<CurvePoint>;
  /** One thin line each. */
  readonly seeds: ReadonlyArray<ReadonlyArray<{ readonly x: number; readonly y: number | null }>>;
}

/** Curves over a numeric axis. */
export interface CurvesChart extends ChartText {
  readonly kind: "curves";
  readonly x: Axis;
  readonly y: Axis;
  /** "band": many points, a shaded interval; "bars": few points, each a dot with its interval. */
  readonly interval: "band" | "bars";
  readonly curves: ReadonlyArray<Curve>;
  /** Horizontal. */
  readonly references: ReadonlyArray<Reference>;
}

/** One estimate. */
export interface IntervalRow {
  /** Rows that follow each other with the same group stand under one heading; "" for none. */
  readonly group: string;
  readonly name: string;
  readonly color: string;
  /** Null where there is none; `note` then says why. */
  readonly estimate: number | null;
  readonly low: number | null;
  readonly high: number | null;
  /** Single runs, drawn as small points. */
  readonly points: ReadonlyArray<number>;
  /** Single runs of which only a lower bound is known, drawn as hollow triangles; absent: none. */
  readonly atLeast?: ReadonlyArray<number>;
  /** Stands in the column of numbers in place of the estimate; "" for the estimate. */
  readonly note: string;
}

/** Estimates with their intervals, one row each. */
export interface IntervalsChart extends ChartText {
  readonly kind: "intervals";
  readonly value: Axis;
  readonly rows: ReadonlyArray<IntervalRow>;
  /** What the colours of the rows mean; absent where their names say it. */
  readonly key?: ReadonlyArray<{ readonly name: string; readonly color: string }>;
  /** Vertical. */
  readonly references: ReadonlyArray<Reference>;
}

/** A part of the bars. */
export interface BarPart {
  readonly name: string;
  readonly color: string;
}

/** The bars of one category. */
export interface BarCategory {
  readonly name: string;
  /** By part, in the order of `parts`. */
  readonly bars: ReadonlyArray<{ readonly value: number; readonly low: number | null; readonly high: number | null }>;
}

/** Bars by category and part. */
export interface BarsChart extends ChartText {
  readonly kind: "bars";
  /** "stacked": parts of a whole, on one bar; "grouped": one bar a part. */
  readonly layout: "stacked" | "grouped";
  /** Linear: bars begin at 0. */
  readonly value: { readonly title: string };
  readonly parts: ReadonlyArray<BarPart>;
  readonly categories: ReadonlyArray<BarCategory>;
}

/** Any chart. */
export type Chart = CurvesChart | IntervalsChart | BarsChart;

/** Size of a whole chart with its text, pixels. */
export interface ChartSize {
  readonly width: number;
  /** Charts of rows grow with their rows and leave this aside. */
  readonly height: number;
}
