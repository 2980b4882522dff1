/**
 * Bars by category and part: stacked as parts of a whole, or grouped side by side.
 * (bars) ⇒ (specification)
 *
 * @module
 */
import { formatEstimate } from "../quantities.ts";
import type { BarCategory, BarsChart, ChartSize } from "./chart.ts";
import { type Frame, inFrame, makeFrame, nameLayer, scaleOf, type Spec, textLayer, tickSpec } from "./frame.ts";
import { domainOf, positionOf } from "./scale.ts";
import { fitNames, textWidth } from "./text.ts";
import { fontSize, inkOn, inks } from "./theme.ts";

/** One bar, pixels from the top and values along the axis. */
interface Bar {
  readonly top: number;
  readonly bottom: number;
  readonly from: number;
  readonly to: number;
  readonly low: number | null;
  readonly high: number | null;
  readonly color: string;
  readonly label: string;
}

const thickness = { stacked: 26, grouped: 16 } as const; // pixels
const gap = 14; // between categories, pixels

const categoryHeight = ({ layout, parts }: BarsChart): number =>
  layout === "stacked" ? thickness.stacked : parts.length * thickness.grouped;

const stackedBars = ({ bars }: BarCategory, { parts }: BarsChart, top: number): ReadonlyArray<Bar> =>
  bars.map(({ value, low, high }, p) => {
    const from = bars.slice(0, p).reduce((sum, bar) => sum + bar.value, 0);
    const around = (end: number | null) => (end === null ? null : from + end);
    const { color } = parts[p];
    const whole = { from, to: from + value, low: around(low), high: around(high) };
    return { top, bottom: top + thickness.stacked, color, label: formatEstimate(value), ...whole };
  });

const groupedBars = ({ bars }: BarCategory, { parts }: BarsChart, top: number): ReadonlyArray<Bar> =>
  bars.map(({ value, low, high }, p) => {
    const at = top + p * thickness.grouped;
    const { color } = parts[p];
    return {
      top: at,
      bottom: at + thickness.grouped - 2,
      from: 0,
      to: value,
      low,
      high,
      color,
      label: formatEstimate(value),
    };
  });

const placeBars = (chart: BarsChart): ReadonlyArray<Bar> =>
  chart.categories.flatMap((category, c) => {
    const top = gap / 2 + c * (categoryHeight(chart) + gap);
    return chart.layout === "stacked" ? stackedBars(category, chart, top) : groupedBars(category, chart, top);
  });

/** Names of the parts in their colours, in lines above the plot; (line, left edge) of each. */
const legendPlaces = ({ parts }: BarsChart, width: number) => {
  let x = 0, line = 0;
  return parts.map(({ name, color }) => {
    const room = 18 + textWidth(name, fontSize.text) + 14;
    if (x > 0 && x + room > width) [x, line] = [0, line + 1];
    const place = { name, color, x, line };
    x += room;
    return place;
  });
};

const legendLine = 18;

const legendLayers = (chart: BarsChart, { width, margins }: Frame): ReadonlyArray<Spec> => {
  const places = legendPlaces(chart, width + margins.left + margins.right - 20);
  const lines = 1 + (places.at(-1)?.line ?? 0);
  return places.flatMap(({ name, color, x, line }) => {
    const left = 10 - margins.left + x, y = (line - lines) * legendLine + 4;
    return [
      {
        data: { values: [{}] },
        mark: { type: "point", shape: "square", filled: true, size: 110, opacity: 1, color },
        encoding: { x: { value: left + 6 }, y: { value: y } },
      },
      textLayer(name, left + 17, y + 0.5, { fontSize: fontSize.text }),
    ];
  });
};

const barLayers = (bars: ReadonlyArray<Bar>, chart: BarsChart, axis: Spec, scale: Spec): ReadonlyArray<Spec> => {
  const x = { type: "quantitative", scale, axis };
  const fixed = { type: "quantitative", scale: null, axis: null };
  const withInterval = bars.filter(({ low, high }) => low !== null && high !== null)
    .map((bar) => ({ ...bar, middle: (bar.top + bar.bottom) / 2 }));
  return [
    {
      data: { values: bars },
      mark: { type: "rect", stroke: inks.background, strokeWidth: chart.layout === "stacked" ? 1 : 0 },
      encoding: {
        x: { ...x, field: "from" },
        x2: { field: "to" },
        y: { ...fixed, field: "top" },
        y2: { field: "bottom" },
        fill: { field: "color", type: "nominal", scale: null },
      },
    },
    {
      data: { values: withInterval },
      mark: { type: "rule", color: inks.text, strokeWidth: 1.5 },
      encoding: { x: { ...x, field: "low" }, x2: { field: "high" }, y: { ...fixed, field: "middle" } },
    },
  ];
};

/** Values inside stacked parts that are wide enough, and after the end of grouped bars. */
const valueLayers = (
  bars: ReadonlyArray<Bar>,
  chart: BarsChart,
  place: (value: number) => number,
): ReadonlyArray<Spec> =>
  bars.flatMap(({ top, bottom, from, to, high, label, color }) => {
    const y = (top + bottom) / 2 + 0.5, room = textWidth(label, fontSize.small);
    if (chart.layout === "grouped") {
      return [textLayer(label, Math.max(place(to), place(high ?? to)) + 5, y, { color: inks.text })];
    }
    if (high !== null || place(to) - place(from) < room + 8) return [];
    return [
      textLayer(label, (place(from) + place(to)) / 2, y, { align: "center", color: inkOn(color), fontWeight: "bold" }),
    ];
  });

/** (chart, width) ⇒ (specification); its height follows from its bars. */
export const barsSpec = (chart: BarsChart, { width }: ChartSize): Spec => {
  const bars = placeBars(chart);
  const names = fitNames(chart.categories.map(({ name }) => name), 0.45 * width, fontSize.text);
  const left = 22 + Math.min(0.45 * width, names.width);
  const legendLines = 1 + (legendPlaces(chart, width - 20).at(-1)?.line ?? 0);
  const axis = { title: "", scale: "linear", include: [0] } as const;
  const domain = domainOf(bars.flatMap(({ from, to, low, high }) => [from, to, low, high]), axis);
  const plot = chart.categories.length * (categoryHeight(chart) + gap);
  const right = chart.layout === "grouped" ? 50 : 24;
  const frame = makeFrame(chart, width, { plot }, { left, right, top: 8 + legendLines * legendLine, bottom: 44 });
  const place = (value: number) => positionOf(value, domain, axis, frame.width);
  const ticks = {
    title: chart.value.title,
    domain: false,
    grid: true,
    labelFlush: false,
    ...tickSpec(axis, domain),
  };
  return inFrame(frame, [
    ...barLayers(bars, chart, ticks, scaleOf(axis, domain)),
    ...valueLayers(bars, chart, place),
    ...names.lines.map((lines, c) =>
      nameLayer(lines, -10, gap / 2 + c * (categoryHeight(chart) + gap) + categoryHeight(chart) / 2, { align: "right" })
    ),
    ...legendLayers(chart, frame),
  ]);
};
