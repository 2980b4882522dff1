/**
 * Curves over a numeric axis: mean or other aggregate, its interval, and every run behind it.
 * (curves) ⇒ (specification)
 *
 * @module
 */
import type { ChartSize, Curve, CurvesChart, Reference } from "./chart.ts";
import { type Frame, inFrame, makeFrame, nameLayer, scaleOf, type Spec, textLayer, tickSpec } from "./frame.ts";
import { type Domain, domainOf, positionOf, spreadLabels } from "./scale.ts";
import { fitNames } from "./text.ts";
import { fontSize, inks, nameLine } from "./theme.ts";

const valuesOf = ({ points, seeds }: Curve): ReadonlyArray<number | null> => [
  ...points.flatMap(({ y, low, high }) => [y, low, high]),
  ...seeds.flatMap((seed) => seed.map(({ y }) => y)),
];

const lastOf = ({ points }: Curve): number | null => points.findLast(({ y }) => y !== null)?.y ?? null;

/** (chart, domains) ⇒ encoding of the axes; the y title stands above the axis, where it reads without turning one's head. */
const axesOf = (chart: CurvesChart, x: Domain, y: Domain, frame: Frame): Spec => ({
  x: {
    field: "x",
    type: "quantitative",
    scale: scaleOf(chart.x, x),
    axis: {
      title: chart.x.title,
      grid: false,
      labelFlush: false,
      ...tickSpec(chart.x, x, xTicks(chart, x, frame)),
    },
  },
  y: {
    field: "y",
    type: "quantitative",
    scale: scaleOf(chart.y, y),
    axis: { title: null, domain: false, labelFlush: false, ...tickSpec(chart.y, y) },
  },
});

/** (chart, domain, frame) ⇒ ticks wanted: as many as there is room for, and none between whole numbers where all x are. */
const xTicks = ({ x, curves }: CurvesChart, [low, high]: Domain, { width }: Frame): number => {
  const room = Math.max(2, Math.floor(width / 65));
  const isWhole = x.scale === "linear" &&
    curves.every(({ points }) => points.every((each) => Number.isInteger(each.x)));
  return isWhole ? Math.max(1, Math.min(room, high - low)) : room;
};

/** (number of curves) ⇒ how strongly single runs show: many curves' would hide the means. */
const seedOpacity = (curves: number): number => (curves <= 3 ? 0.4 : 0.22);

const seedLayers = ({ color, seeds }: Curve, axes: Spec, curves: number): ReadonlyArray<Spec> =>
  seeds.length === 0 ? [] : [{
    data: { values: seeds.flatMap((seed, s) => seed.map(({ x, y }) => ({ x, y, s }))) },
    mark: { type: "line", strokeWidth: 0.75, color, opacity: seedOpacity(curves) },
    encoding: { ...axes, detail: { field: "s", type: "nominal" } },
  }];

/** (curve) ⇒ how its points are joined. */
const joined = ({ line }: Curve): Spec => (line === "steps" ? { interpolate: "step-after" } : {});

const sideStep = 5; // pixels between intervals at the same x

/** (chart, place of the curve) ⇒ pixels that it is moved aside, so that no interval hides another one. */
const asideOf = ({ interval, curves }: CurvesChart, place: number): number =>
  interval === "bars" ? (place - (curves.length - 1) / 2) * sideStep : 0;

const intervalLayers = (curve: Curve, { interval }: CurvesChart, axes: Spec, aside: number): ReadonlyArray<Spec> => {
  const { color, points } = curve, values = points.filter(({ low, high }) => low !== null && high !== null);
  if (values.length === 0) return [];
  const mark = interval === "band"
    ? { type: "area", color, opacity: 0.18, ...joined(curve) }
    : { type: "rule", color, strokeWidth: 2, strokeCap: "round", xOffset: aside };
  const encoding = { ...axes, y: { ...axes.y as Spec, field: "low" }, y2: { field: "high" } };
  return [{ data: { values }, mark, encoding }];
};

const lineLayers = (curve: Curve, { interval }: CurvesChart, axes: Spec, aside: number): ReadonlyArray<Spec> => {
  const { color, points, stroke } = curve, dash = stroke === "dashed" ? { strokeDash: [5, 3] } : {};
  const dot = { type: "point", filled: true, color, size: 40, opacity: 1, xOffset: aside };
  const data = { values: points };
  return [
    {
      data,
      mark: { type: "line", color, strokeWidth: 2.25, strokeJoin: "round", xOffset: aside, ...dash, ...joined(curve) },
      encoding: axes,
    },
    ...(interval === "bars" || points.length === 1 ? [{ data, mark: dot, encoding: axes }] : []),
  ];
};

const referenceLayers = (
  references: ReadonlyArray<Reference>,
  y: Domain,
  chart: CurvesChart,
  { width, height }: Frame,
) =>
  references.flatMap(({ value, label }) => {
    const at = height - positionOf(value, y, chart.y, height);
    return [
      {
        data: { values: [{}] },
        mark: { type: "rule", color: inks.quiet, strokeDash: [2, 3], strokeWidth: 1 },
        encoding: { x: { value: 0 }, x2: { value: width }, y: { value: at } },
      },
      textLayer(label, 4, at < nameLine ? at + 9 : at - 8, { color: inks.quiet }), // the y title stands above the plot
    ];
  });

const curveNames = (chart: CurvesChart, y: Domain, { width, height }: Frame, room: number): ReadonlyArray<Spec> => {
  const named = chart.curves.filter((curve) => curve.name !== "" && lastOf(curve) !== null);
  const { lines } = fitNames(named.map(({ name }) => name), room, fontSize.text, "bold");
  const distance = nameLine * lines.reduce((most, of) => Math.max(most, of.length), 1);
  const wanted = named.map((curve) => height - positionOf(lastOf(curve)!, y, chart.y, height));
  const places = spreadLabels(wanted, distance, height);
  const left = width + 7 + asideOf(chart, chart.curves.length - 1);
  return named.map(({ color }, i) => nameLayer(lines[i], left, places[i], { color, fontWeight: "bold" }));
};

/** (chart, size) ⇒ (specification). */
export const curvesSpec = (chart: CurvesChart, { width, height }: ChartSize): Spec => {
  const room = 0.4 * width, names = fitNames(chart.curves.map(({ name }) => name), room, fontSize.text, "bold");
  const right = 18 + asideOf(chart, chart.curves.length - 1) + Math.min(room, names.width);
  const frame = makeFrame(chart, width, { total: height }, { left: 46, right, top: 22, bottom: 44 });
  const x = domainOf(chart.curves.flatMap(({ points }) => points.map((point) => point.x)), { ...chart.x, include: [] });
  const tight: Domain = xEnds(chart, x);
  const y = domainOf([...chart.curves.flatMap(valuesOf), ...chart.references.map(({ value }) => value)], chart.y);
  const axes = axesOf(chart, tight, y, frame);
  return inFrame(frame, [
    ...referenceLayers(chart.references, y, chart, frame),
    ...chart.curves.flatMap((curve) => seedLayers(curve, axes, chart.curves.length)),
    ...chart.curves.flatMap((curve, i) => intervalLayers(curve, chart, axes, asideOf(chart, i))),
    ...chart.curves.flatMap((curve, i) => lineLayers(curve, chart, axes, asideOf(chart, i))),
    ...curveNames(chart, y, frame, room),
    textLayer(chart.y.title, -36, -14, { color: inks.quiet }),
  ]);
};

/** The x axis ends where the data do, since curves are named there. */
const xEnds = (chart: CurvesChart, round: Domain): Domain => {
  const xs = [...chart.curves.flatMap(({ points }) => points.map(({ x }) => x)), ...chart.x.include];
  if (xs.length < 2 || chart.x.scale === "log") return round;
  const low = xs.reduce((a, b) => Math.min(a, b)), high = xs.reduce((a, b) => Math.max(a, b));
  return low === high ? round : [low, high];
};
