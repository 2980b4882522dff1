/**
 * A measurement as figures.
 * (measurement) ⇒ drawings by name, SVG and PNG
 *
 * @module
 */
import type { BarsChart, Chart, CurvesChart, IntervalsChart } from "../report/charts/chart.ts";
import { drawChart } from "../report/charts/draw.ts";
import { toPng } from "../report/charts/png.ts";
import { colorOf } from "../report/charts/theme.ts";
import type { IntervalEstimate } from "./bootstrap_intervals.ts";
import type { EstimatorResult, Measurement } from "./measurement.ts";
import { biasOf } from "./verdict.ts";

/** (estimators) ⇒ colour by match, so that those who share their comparator share their colour. */
const colours = (estimators: ReadonlyArray<EstimatorResult>): (match: string) => string => {
  const matches = [...new Set(estimators.map(({ match }) => match))];
  return (match) => colorOf(matches.indexOf(match));
};

/** (estimators) ⇒ what the colours mean; nothing where all have one comparator. */
const keyOf = (estimators: ReadonlyArray<EstimatorResult>): Pick<IntervalsChart, "key"> => {
  const colour = colours(estimators), matches = [...new Set(estimators.map(({ match }) => match))];
  return matches.length < 2
    ? {}
    : { key: matches.map((match) => ({ name: `compared with ${match}`, color: colour(match) })) };
};

/** (label, the pipeline's own) ⇒ the label, which says where it is the pipeline's. */
const marked = (label: string, own: string): string => (label === own ? `${label} (this pipeline)` : label);

const bounds = ({ value, low, high }: IntervalEstimate) => ({
  estimate: Number.isFinite(value) ? value : null,
  low: Number.isFinite(low) ? low : null,
  high: Number.isFinite(high) ? high : null,
});

/** Variance beside the match, and the floor of a perfect model. */
const varianceChart = ({ estimators, floors, own }: Measurement, heading: string): IntervalsChart => {
  const colour = colours(estimators);
  const rows = estimators.filter(({ label, match }) => label !== match).map((row) => ({
    group: `against ${row.match}`,
    name: marked(row.label, own),
    color: colour(row.match),
    ...bounds(row.natural.relative.variance),
    points: [],
    note: "",
  }));
  const floor = floors.map(({ horizon, natural: { variance } }) => ({
    group: "floor: a perfect model, G1 + G2",
    name: `k ${horizon}`,
    color: colorOf(7),
    ...bounds(variance),
    points: [],
    note: "",
  }));
  return {
    kind: "intervals",
    title: "Variance of the gradient, relative to the matched likelihood ratio",
    subtitle: `${heading}; after the natural-gradient step, 95% intervals`,
    value: { title: "Var / Var of the match", scale: "linear", include: [0] },
    rows: [...rows, ...floor],
    references: [{ value: 1, label: "no cut" }],
  };
};

/** What is left of the steepest ascent, with its two causes. */
const cosineChart = ({ estimators, own }: Measurement, heading: string): IntervalsChart => {
  const colour = colours(estimators);
  const rows = (["cosine", "direction", "coherence"] as const).flatMap((quantity) =>
    estimators.map((row) => ({
      group: {
        cosine: "cosine of an estimate and the truth: what a step gets of the steepest ascent",
        direction: "direction: what bias leaves of it",
        coherence: "coherence: what variance leaves of it",
      }[quantity],
      name: marked(row.label, own),
      color: colour(row.match),
      ...bounds(row.natural.moments[quantity]),
      points: [],
      note: "",
    }))
  );
  return {
    kind: "intervals",
    title: "How well an estimate points along the true gradient",
    subtitle: `${heading}; after the natural-gradient step, 95% intervals`,
    value: { title: "cosine", scale: "linear", include: [0, 1] },
    rows,
    ...keyOf(estimators),
    references: [{ value: 1, label: "" }],
  };
};

const biasChart = ({ estimators, truth, own }: Measurement, heading: string): IntervalsChart => {
  const colour = colours(estimators);
  return {
    kind: "intervals",
    title: "Squared bias of the gradient",
    subtitle: `${heading}; ‖E g − r‖² without the noise of either, 95% intervals, ` +
      `beside ‖r‖² = ${truth.natural.signal.value.toPrecision(3)}`,
    value: { title: "bias²", scale: "linear", include: [0] },
    ...keyOf(estimators),
    rows: estimators.map((row) => ({
      group: biasOf(row),
      name: marked(row.label, own),
      color: colour(row.match),
      ...bounds(row.natural.moments.biasSquared),
      points: [],
      note: "",
    })).sort((a, b) => a.group.localeCompare(b.group)),
    references: [{ value: 0, label: "unbiased" }],
  };
};

/** The action part holds what a state baseline would remove, since its error is multiplied by the score: it is shown apart. */
const sourcesChart = ({ sources }: Measurement, heading: string): BarsChart => ({
  kind: "bars",
  layout: "stacked",
  title: "Where the variance of one sample comes from",
  subtitle: `${heading}; estimates, those below 0 are drawn as 0`,
  value: { title: "share of the variance, after the natural-gradient step" },
  parts: ["trajectory", "action beyond E[Â|s]", "state baseline E[Â|s]", "state"].map((name, i) => ({
    name,
    color: colorOf(i),
  })),
  categories: sources.map(({ label, natural: { sources: { shares }, stateBaseline } }) => ({
    name: label,
    bars: [
      shares.trajectory.value,
      shares.action.value - stateBaseline.value,
      stateBaseline.value,
      shares.state.value,
    ].map((value) => ({ value: Math.max(0, value), low: null, high: null })),
  })),
});

const point = (x: number, { value, low, high }: IntervalEstimate) => ({ x, y: value, low, high });

/** Share of one sample's variance that a control variate removes of G1, against its horizon: with a perfect model and with the learned one. */
const horizonChart = ({ sources: [own] }: Measurement, heading: string): CurvesChart => ({
  kind: "curves",
  title: "Variance of one sample that a control variate removes, in G1 alone",
  subtitle: `${own.label}; ${heading}`,
  x: { title: "k, imagined steps", scale: "linear", include: [0] },
  y: { title: "share removed", scale: "linear", include: [0, 1] },
  interval: "bars",
  curves: (["share", "beyondBaseline"] as const).flatMap((quantity) =>
    (["perfect", "learned"] as const).filter((which) => own.natural[which].length > 0).map((which, i) => ({
      name: `${which} model${quantity === "share" ? "" : ", beyond E[Â|s]"}`,
      color: colorOf(i),
      stroke: quantity === "share" ? "solid" as const : "dashed" as const,
      points: own.natural[which].map((removed) => point(removed.horizon, removed[quantity])),
      seeds: [],
    }))
  ),
  references: [],
});

const sizeChart = ({ sizes, own }: Measurement, heading: string): CurvesChart => ({
  kind: "curves",
  title: "Variance against batch size",
  subtitle: heading,
  x: { title: "transitions of a batch", scale: "log", include: [] },
  y: { title: "variance", scale: "log", include: [] },
  interval: "bars",
  curves: sizes.map(({ label, steps, variance }, i) => ({
    name: marked(label, own),
    color: colorOf(i),
    stroke: "solid",
    points: steps.map((x, s) => point(x, variance[s])),
    seeds: [],
  })),
  references: [],
});

const size = { width: 760, height: 360 };

/** One drawing. */
export interface Drawing {
  readonly name: string;
  readonly svg: string;
  readonly png: Uint8Array;
}

/** (measurement, heading) ⇒ (figures). */
export const drawMeasurement = (measurement: Measurement, heading: string): Promise<ReadonlyArray<Drawing>> => {
  const charts: ReadonlyArray<readonly [string, Chart]> = [
    ["variance", varianceChart(measurement, heading)],
    ["cosine", cosineChart(measurement, heading)],
    ["bias", biasChart(measurement, heading)],
    ["sources", sourcesChart(measurement, heading)],
    ...(measurement.horizons.length === 0 ? [] : [["horizon", horizonChart(measurement, heading)] as const]),
    ["batch_size", sizeChart(measurement, heading)],
  ];
  return Promise.all(charts.map(async ([name, chart]) => {
    const svg = await drawChart(chart, size);
    return { name, svg, png: await toPng(svg) };
  }));
};
