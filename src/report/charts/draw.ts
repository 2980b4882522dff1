/**
 * From a chart to an SVG drawing, without a browser.
 * (chart, size) ⇒ (SVG)
 *
 * @module
 */
import * as vega from "vega";
import { compile } from "vega-lite";
import { barsSpec } from "./bars.ts";
import type { Chart, ChartSize } from "./chart.ts";
import { curvesSpec } from "./curves.ts";
import type { Spec } from "./frame.ts";
import { intervalsSpec } from "./intervals.ts";
import { textWidth } from "./text.ts";
import { inks } from "./theme.ts";

/** A text mark that vega measures. */
interface TextItem {
  readonly text: string;
  readonly fontSize?: number;
}

// Vega measures text by a canvas, which is not here: it takes our widths instead.
const { textMetrics } = vega as unknown as { textMetrics: { width: (item: TextItem, text?: string) => number } };
textMetrics.width = (item, text) => textWidth(String(text ?? item.text ?? ""), item.fontSize ?? 11);

const specOf = (chart: Chart, size: ChartSize): Spec => {
  switch (chart.kind) {
    case "curves":
      return curvesSpec(chart, size);
    case "intervals":
      return intervalsSpec(chart, size);
    case "bars":
      return barsSpec(chart, size);
  }
};

const escapeXml = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

/** (SVG) ⇒ the same with hundredths of a pixel at most. */
const roundCoordinates = (svg: string): string =>
  svg.replace(
    / (d|transform)="[^"]*"/g,
    (attribute) => attribute.replace(/\d+\.\d{3,}/g, (x) => String(+(+x).toFixed(2))),
  );

/** (chart, size) ⇒ (SVG): one element on a white background; the title is its accessible name. */
export const drawChart = async (chart: Chart, size: ChartSize = { width: 440, height: 320 }): Promise<string> => {
  const { spec } = compile(specOf(chart, size) as unknown as Parameters<typeof compile>[0]);
  const view = new vega.View(vega.parse(spec), { renderer: "none", logLevel: vega.Error });
  const svg = await view.toSVG();
  view.finalize();
  return roundCoordinates(svg).replace("<svg ", `<svg role="img" aria-label="${escapeXml(chart.title)}" `);
};

/** An SVG drawing and its size, pixels. */
const sizeOf = (svg: string): ChartSize => {
  const [, width, height] = /width="([\d.]+)" height="([\d.]+)"/.exec(svg)!;
  return { width: Number(width), height: Number(height) };
};

/** (drawings, columns) ⇒ (SVG): the drawings side by side, row after row. */
export const arrangeDrawings = (drawings: ReadonlyArray<string>, columns: number, title: string): string => {
  const cells = drawings.map((svg) => ({ svg, ...sizeOf(svg) }));
  const width = Math.max(...cells.map((cell) => cell.width));
  const rows = Array.from(
    { length: Math.ceil(cells.length / columns) },
    (_, r) => cells.slice(r * columns, (r + 1) * columns),
  );
  let top = 0;
  const placed = rows.flatMap((row) => {
    const here = row.map(({ svg }, c) => svg.replace("<svg ", `<svg x="${c * width}" y="${top}" `));
    top += Math.max(...row.map(({ height }) => height));
    return here;
  });
  const whole = Math.min(columns, cells.length) * width;
  return `<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="${escapeXml(title)}" width="${whole}" ` +
    `height="${top}" viewBox="0 0 ${whole} ${top}"><rect width="100%" height="100%" fill="${inks.background}"/>` +
    `${placed.join("")}</svg>`;
};
