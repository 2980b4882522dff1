/**
 * Curves on a page.
 * (curves, colours) ⇒ pixels
 *
 * @module
 */
/// <reference lib="dom" />
import uPlot from "uplot";
import { inkOf, inks } from "../../scene/palette.ts";
import { fontAt, isDark, make, unit } from "./dom.ts";
import { patternOf, swatch } from "./line_style.ts";
import { aligned, type Along, type Curve } from "./series.ts";

/** A curve with what tells it from the others. */
export interface Drawn extends Curve {
  /** In the legend. */
  readonly label: string;
  /** Place of its colour in the palette. */
  readonly color: number;
  /** A mean is drawn above the seeds that it is of. */
  readonly weight: "seed" | "mean" | "only";
}

/** What a picture shows. */
export interface Picture {
  readonly curves: ReadonlyArray<Drawn>;
  readonly along: Along;
  /** What is drawn. */
  readonly metric: string;
  /** Heights of dashed lines. */
  readonly thresholds: ReadonlyArray<number>;
}

const AXES: Readonly<Record<Along, string>> = {
  iteration: "iteration",
  steps: "environment steps",
  seconds: "seconds of training",
};

const crowd = 20; // curves of seeds, from which on they are fainter

/** (weight, curves of seeds in the picture) ⇒ how much of the ground is hidden, as two hexadecimal digits. */
const alphaOf = (weight: Drawn["weight"], seeds: number): string =>
  weight !== "seed" ? "" : seeds <= crowd ? "59" : "26";

const seriesOf = (
  { label, color, weight }: Drawn,
  seeds: number,
  side: "light" | "dark",
): uPlot.Series => ({
  label,
  stroke: inkOf(color)[side] + alphaOf(weight, seeds),
  width: (weight === "mean" ? 2.6 : weight === "seed" ? 1 : 1.8) * unit(),
  dash: weight === "seed" ? [] : patternOf(color),
  spanGaps: true,
  points: { show: weight !== "seed" && undefined as unknown as boolean },
});

const short = (x: number): string =>
  Math.abs(x) >= 1e6
    ? `${+(x / 1e6).toPrecision(3)}M`
    : Math.abs(x) >= 1e4
    ? `${+(x / 1e3).toPrecision(3)}k`
    : `${+x.toPrecision(4)}`;

const dashedLines = (heights: ReadonlyArray<number>, side: "light" | "dark") => (plot: uPlot): void => {
  const { ctx, bbox: { left, width, top, height } } = plot;
  ctx.save();
  ctx.strokeStyle = inks.quiet[side];
  ctx.lineWidth = devicePixelRatio;
  ctx.setLineDash([6 * devicePixelRatio, 5 * devicePixelRatio]);
  for (const each of heights) {
    const y = plot.valToPos(each, "y", true);
    if (y < top || y > top + height) continue;
    ctx.beginPath();
    ctx.moveTo(left, y);
    ctx.lineTo(left + width, y);
    ctx.stroke();
  }
  ctx.restore();
};

const optionsOf = ({ curves, along, metric, thresholds }: Picture, width: number, height: number): uPlot.Options => {
  const side = isDark() ? "dark" : "light", seeds = curves.filter(({ weight }) => weight === "seed").length;
  const axis: uPlot.Axis = {
    stroke: inks.quiet[side],
    grid: { stroke: inks.grid[side], width: 1 },
    ticks: { show: false },
    gap: 7 * unit(),
    font: fontAt(12),
    labelFont: fontAt(12),
    space: (_, side) => (side === 0 ? 60 : 32) * unit(),
    values: (_, splits) => splits.map(short),
  };
  return {
    width,
    height,
    legend: { show: false },
    scales: { x: { time: false } },
    axes: [{ ...axis, label: AXES[along], labelSize: 20 * unit(), size: 30 * unit() }, {
      ...axis,
      size: 54 * unit(),
      label: metric,
      labelSize: 20 * unit(),
    }],
    series: [{ label: AXES[along] }, ...curves.map((curve) => seriesOf(curve, seeds, side))],
    cursor: { focus: { prox: 24 }, points: { size: 7 } },
    focus: { alpha: 0.35 },
    hooks: { draw: [dashedLines(thresholds, side)] },
  };
};

/** A chart's place on a page. */
export interface Chart {
  readonly element: HTMLElement;
  /** Draws the picture; a zoom stays while the same curves grow. */
  readonly draw: (picture: Picture) => void;
}

const keyOf = ({ curves, along, metric, thresholds }: Picture): string =>
  JSON.stringify([curves.map(({ label, color, weight }) => [label, color, weight]), along, metric, thresholds]);

/** () ⇒ (chart). */
export const makeChart = (): Chart => {
  const told = make("p", { class: "reading", "aria-live": "off" }), place = make("div", { class: "plot" });
  const element = make("div", { class: "chart" }, told, place);
  let plot: uPlot | null = null, picture: Picture | null = null, key = "";
  const sizeOf = () => ({ width: place.clientWidth, height: place.clientHeight });
  const legend = (curves: ReadonlyArray<Drawn>): ReadonlyArray<HTMLElement> =>
    curves.filter(({ weight }) => weight !== "seed").slice(0, 12).map(({ label, color }) =>
      make("span", { class: "key" }, swatch(color), label)
    );
  const tell = (): void => {
    const { idx } = plot?.cursor ?? {};
    if (plot === null || picture === null || idx === null || idx === undefined) {
      const keys = legend(picture?.curves ?? []);
      told.replaceChildren(...(picture === null || keys.length > 0 ? keys : ["Nothing to draw yet."]));
      return;
    }
    const at = plot.data[0][idx],
      values = picture.curves.flatMap(({ label, weight }, i) => {
        const value = plot!.data[i + 1][idx];
        return value === null || value === undefined || weight === "seed" ? [] : [`${label}: ${short(value)}`];
      });
    told.textContent = `${AXES[picture.along]} ${short(at)}   ${values.slice(0, 6).join("   ")}`;
  };
  const rebuild = (): void => {
    plot?.destroy();
    plot = null;
    if (picture === null || picture.curves.length === 0 || place.clientWidth === 0) return tell();
    const { width, height } = sizeOf(), options = optionsOf(picture, width, height);
    const data = aligned(picture.curves) as unknown as uPlot.AlignedData;
    plot = new uPlot({ ...options, hooks: { ...options.hooks!, setCursor: [tell] } }, data, place);
    tell();
  };
  const draw = (next: Picture): void => {
    const same = key === keyOf(next) && plot !== null;
    picture = next;
    key = keyOf(next);
    if (!same) return rebuild();
    const zoomed = plot!.scales.x, last = plot!.data[0].at(-1) ?? 0;
    const whole = zoomed.min === undefined || zoomed.max === undefined || zoomed.max >= last;
    plot!.setData(aligned(next.curves) as unknown as uPlot.AlignedData, whole);
    tell();
  };
  new ResizeObserver(() => plot?.setSize(sizeOf())).observe(place);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", rebuild);
  return { element, draw };
};
