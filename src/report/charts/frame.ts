/**
 * What all charts share: title above, room for text, one vega-lite specification around the layers.
 *
 * @module
 */
import { formatCount } from "../quantities.ts";
import type { Axis, ChartText } from "./chart.ts";
import { type Domain, ticksOf } from "./scale.ts";
import { wrapText } from "./text.ts";
import { fontSize, inks, nameLine, themeConfig } from "./theme.ts";

/** A vega-lite specification or a part of one. */
export type Spec = Readonly<Record<string, unknown>>;

/** Room around the plot, pixels. */
export interface Margins {
  readonly left: number;
  readonly right: number;
  /** Below title and subtitle. */
  readonly top: number;
  readonly bottom: number;
}

/** Where a chart's parts are, pixels. */
export interface Frame {
  readonly text: ChartText;
  readonly width: number;
  readonly height: number;
  readonly margins: Margins;
  /** Room of title and subtitle. */
  readonly heading: number;
  readonly titleLines: ReadonlyArray<string>;
  readonly subtitleLines: ReadonlyArray<string>;
}

const edge = 10; // around everything, pixels
const titleLine = fontSize.title * 1.3, subtitleLine = fontSize.text * 1.35;

const headingLines = (text: ChartText, width: number) => ({
  titleLines: wrapText(text.title, width - 2 * edge, fontSize.title, "bold"),
  subtitleLines: text.subtitle === "" ? [] : wrapText(text.subtitle, width - 2 * edge, fontSize.text),
});

/** (text, whole width, height of the plot or of all, margins) ⇒ (frame). */
export const makeFrame = (
  text: ChartText,
  whole: number,
  height: { readonly plot: number } | { readonly total: number },
  margins: Margins,
): Frame => {
  const { titleLines, subtitleLines } = headingLines(text, whole);
  const heading = edge + titleLines.length * titleLine + subtitleLines.length * subtitleLine + 8;
  return {
    text,
    width: whole - margins.left - margins.right,
    height: "plot" in height ? height.plot : height.total - heading - margins.top - margins.bottom,
    margins,
    heading,
    titleLines,
    subtitleLines,
  };
};

/** (text at a place of the plot, pixels) ⇒ a layer. */
export const textLayer = (
  text: string | ReadonlyArray<string>,
  x: number,
  y: number,
  mark: Spec,
): Spec => ({
  data: { values: [{}] },
  mark: {
    type: "text",
    text,
    baseline: "middle",
    align: "left",
    color: inks.text,
    fontSize: fontSize.small,
    ...mark,
  },
  encoding: { x: { value: x }, y: { value: y } },
});

/** (lines of a name, x, y of their middle, style) ⇒ layer. */
export const nameLayer = (lines: ReadonlyArray<string>, x: number, y: number, mark: Spec): Spec =>
  textLayer(lines, x, y - (lines.length - 1) * nameLine / 2, {
    fontSize: fontSize.text,
    lineHeight: nameLine,
    ...mark,
  });

const headingLayers = ({ heading, margins, titleLines, subtitleLines }: Frame): ReadonlyArray<Spec> => {
  const x = edge - margins.left, y = -(heading + margins.top) + edge;
  const title = { baseline: "top", fontSize: fontSize.title, fontWeight: "bold", lineHeight: titleLine };
  const subtitle = { baseline: "top", fontSize: fontSize.text, color: inks.quiet, lineHeight: subtitleLine };
  return [
    textLayer(titleLines, x, y, title),
    ...(subtitleLines.length === 0
      ? []
      : [textLayer(subtitleLines, x, y + titleLines.length * titleLine + 3, subtitle)]),
  ];
};

/** (frame, layers) ⇒ a whole specification. */
export const inFrame = (frame: Frame, layers: ReadonlyArray<Spec>): Spec => ({
  $schema: "https://vega.github.io/schema/vega-lite/v6.json",
  config: themeConfig,
  width: frame.width,
  height: frame.height,
  autosize: { type: "none" },
  padding: {
    left: frame.margins.left,
    right: frame.margins.right,
    top: frame.heading + frame.margins.top,
    bottom: frame.margins.bottom,
  },
  layer: [...layers, ...headingLayers(frame)],
});

/** (axis, domain) ⇒ a scale. */
export const scaleOf = ({ scale }: Axis, domain: Domain): Spec => ({
  type: scale,
  domain,
  nice: false,
  ...(scale === "linear" ? { zero: false } : {}),
});

/** (value) ⇒ label of a tick: 1,500, 200k, 0.25, 1e-5. */
const tickLabel = (value: number): string => {
  const size = Math.abs(value), text = String(Number(size.toPrecision(6)));
  const label = size >= 1e6
    ? `${size / 1e6}M`
    : size >= 1e4
    ? `${size / 1e3}k`
    : size >= 1000
    ? formatCount(size)
    : size > 0 && size < 1e-3
    ? size.toExponential().replace("+", "")
    : text;
  return value < 0 ? `−${label}` : label;
};

/** (axis, domain, ticks wanted) ⇒ the ticks of vega-lite's axis with their labels. */
export const tickSpec = (axis: Axis, domain: Domain, wanted?: number): Spec => {
  const values = ticksOf(domain, axis, wanted);
  const labels = values.map((value) => JSON.stringify(tickLabel(value)));
  return {
    values,
    labelExpr: `[${labels.join(",")}][indexof([${values.join(",")}], datum.value)]`,
  };
};
