/**
 * Estimates with their intervals, one row each under headings, as in a forest plot.
 * (intervals) ⇒ (specification)
 *
 * @module
 */
import { formatEstimate } from "../quantities.ts";
import type { ChartSize, IntervalRow, IntervalsChart } from "./chart.ts";
import { type Frame, inFrame, makeFrame, nameLayer, scaleOf, type Spec, textLayer, tickSpec } from "./frame.ts";
import { type Domain, domainOf, positionOf } from "./scale.ts";
import { fitNames, textWidth, wrapText } from "./text.ts";
import { fontSize, inks, nameLine } from "./theme.ts";

const rowHeight = 26, headingHeight = 26; // pixels

/** A row or a heading at its place, pixels from the top. */
interface Placed {
  readonly at: number;
  readonly heading: string | null;
  readonly row: IntervalRow | null;
  /** of the row's name */
  readonly lines: ReadonlyArray<string>;
}

/** (rows, lines of their names) ⇒ (rows and headings from top to bottom, height of all). */
const placeRows = (
  rows: ReadonlyArray<IntervalRow>,
  lines: ReadonlyArray<ReadonlyArray<string>>,
): { readonly placed: ReadonlyArray<Placed>; height: number } => {
  const placed: Placed[] = [];
  let top = 0, group = "";
  for (const [i, row] of rows.entries()) {
    if (row.group !== group && row.group !== "") {
      placed.push({ at: top + headingHeight / 2, heading: row.group, row: null, lines: [] });
      top += headingHeight;
    }
    group = row.group;
    const tall = rowHeight + (lines[i].length - 1) * nameLine;
    placed.push({ at: top + tall / 2, heading: null, row, lines: lines[i] });
    top += tall;
  }
  return { placed, height: top + 6 };
};

const noteOf = ({ note, estimate }: IntervalRow): string =>
  note !== "" ? note : estimate === null ? "–" : formatEstimate(estimate);

const labelLayers = (placed: ReadonlyArray<Placed>, frame: Frame): ReadonlyArray<Spec> =>
  placed.flatMap(({ at, heading, row, lines }) => {
    if (row === null) {
      return [textLayer(heading!, 10 - frame.margins.left, at + 2, { fontWeight: "bold", fontSize: fontSize.text })];
    }
    return [
      nameLayer(lines, -10, at, { align: "right" }),
      textLayer(noteOf(row), frame.width + frame.margins.right - 10, at, {
        align: "right",
        color: row.note === "" ? inks.text : inks.quiet,
        fontSize: fontSize.text,
      }),
    ];
  });

const shownRows = (placed: ReadonlyArray<Placed>) =>
  placed.flatMap(({ at, row }) => (row === null ? [] : [{ at, ...row }]));

const markLayers = (placed: ReadonlyArray<Placed>, chart: IntervalsChart, x: Domain): ReadonlyArray<Spec> => {
  const rows = shownRows(placed);
  const axis = {
    title: chart.value.title,
    grid: true,
    domain: false,
    labelFlush: false,
    ...tickSpec(chart.value, x, 4),
  };
  const value = { type: "quantitative", scale: scaleOf(chart.value, x) };
  const shared = {
    y: { field: "at", type: "quantitative", scale: null, axis: null },
    color: { field: "color", type: "nominal", scale: null },
  };
  const points = rows.flatMap(({ at, color, points }) => points.map((x) => ({ at, color, x })));
  const bounds = rows.flatMap(({ at, color, atLeast = [] }) => atLeast.map((x) => ({ at, color, x })));
  const intervals = rows.filter(({ low, high }) => low !== null && high !== null);
  const estimates = rows.filter(({ estimate }) => estimate !== null);
  return [
    {
      data: { values: points },
      mark: { type: "point", filled: true, size: 22, opacity: 0.4 },
      encoding: { ...shared, x: { ...value, field: "x", axis } },
    },
    {
      data: { values: bounds },
      mark: { type: "point", shape: "triangle-right", filled: false, size: 36, strokeWidth: 1.25 },
      encoding: { ...shared, x: { ...value, field: "x", axis } },
    },
    {
      data: { values: intervals },
      mark: { type: "rule", strokeWidth: 2.5, strokeCap: "round" },
      encoding: { ...shared, x: { ...value, field: "low", axis }, x2: { field: "high" } },
    },
    {
      data: { values: estimates },
      mark: { type: "point", filled: true, size: 64, opacity: 1 },
      encoding: { ...shared, x: { ...value, field: "estimate", axis } },
    },
  ];
};

/**
 * (chart, domain, width of the plot, room beside it) ⇒ middle of each reference's label, pixels from the left: over its line
 * where there is room, else beside its neighbours, in the order of the lines.
 */
const placeLabels = (
  { references, value }: IntervalsChart,
  x: Domain,
  width: number,
  [left, right]: readonly [number, number],
): ReadonlyArray<number> => {
  const wanted = references.map((reference) => positionOf(reference.value, x, value, width));
  const half = references.map(({ label }) => textWidth(label, fontSize.small) / 2 + 4);
  const order = wanted.map((_, i) => i).sort((a, b) => wanted[a] - wanted[b]), placed = [...wanted];
  order.forEach((i, k) => { // to the right of its neighbour, half of the push each
    const before = order[k - 1], push = before === undefined ? 0 : placed[before] + half[before] + half[i] - placed[i];
    if (push <= 0) return;
    placed[before] -= push / 2;
    placed[i] += push / 2;
  });
  let ceiling = width + right - 4, floor = 4 - left;
  for (const i of order.toReversed()) {
    placed[i] = Math.min(placed[i], ceiling - half[i]);
    ceiling = placed[i] - half[i];
  }
  for (const i of order) {
    placed[i] = Math.max(placed[i], floor + half[i]);
    floor = placed[i] + half[i];
  }
  return placed;
};

const referenceLayers = (chart: IntervalsChart, x: Domain, frame: Frame): ReadonlyArray<Spec> => {
  const { width, height, margins: { left, right } } = frame, labels = placeLabels(chart, x, width, [left, right]);
  return chart.references.flatMap(({ value, label }, i) => [
    {
      data: { values: [{}] },
      mark: { type: "rule", color: inks.quiet, strokeDash: [2, 3] },
      encoding: { x: { value: positionOf(value, x, chart.value, width) }, y: { value: -4 }, y2: { value: height } },
    },
    textLayer(label, labels[i], -11, { align: "center", color: inks.quiet }),
  ]);
};

const keyLine = 15; // pixels

/** What the colours mean: a line each, above the plot and the labels of its references. */
const keyLayers = ({ key = [] }: IntervalsChart, { margins: { left, top } }: Frame): ReadonlyArray<Spec> =>
  key.flatMap(({ name, color }, i) => {
    const y = keyLine * (i + 0.5) - top;
    return [
      textLayer("●", 10 - left, y, { color, fontSize: fontSize.text }),
      textLayer(name, 26 - left, y, { color: inks.quiet, fontSize: fontSize.text }),
    ];
  });

/** (chart, width) ⇒ (specification); its height follows from its rows. */
export const intervalsSpec = (chart: IntervalsChart, { width }: ChartSize): Spec => {
  const widest = (texts: ReadonlyArray<string>) =>
    texts.map((text) => textWidth(text, fontSize.text)).reduce((a, b) => Math.max(a, b), 0);
  const names = fitNames(chart.rows.map(({ name }) => name), 0.45 * width, fontSize.text);
  const { placed, height } = placeRows(chart.rows, names.lines);
  const left = 22 + Math.min(0.45 * width, names.width);
  const right = 26 + Math.min(0.4 * width, widest(chart.rows.map(noteOf)));
  const x = domainOf(
    [
      ...chart.rows.flatMap((row) => [row.estimate, row.low, row.high, ...row.points, ...(row.atLeast ?? [])]),
      ...chart.references.map((r) => r.value),
    ],
    chart.value,
  );
  const titleLines = wrapText(chart.value.title, width, fontSize.small).length;
  const { key = [] } = chart, keyHeight = key.length === 0 ? 0 : key.length * keyLine + 4;
  const top = keyHeight + (chart.references.some(({ label }) => label !== "") ? 20 : 4);
  const frame = makeFrame(chart, width, { plot: height }, { left, right, top, bottom: 30 + 14 * titleLines });
  return inFrame(frame, [
    ...keyLayers(chart, frame),
    ...referenceLayers(chart, x, frame),
    ...markLayers(placed, chart, x),
    ...labelLayers(placed, frame),
  ]);
};
