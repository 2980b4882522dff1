/**
 * Charts become drawings and images without a browser and without the machine's fonts.
 *
 * @module
 */
import { assert, assertEquals, assertGreater, assertStringIncludes } from "@std/assert";
import type { BarsChart, Chart, CurvesChart, IntervalsChart } from "../../../src/report/charts/chart.ts";
import { arrangeDrawings, drawChart } from "../../../src/report/charts/draw.ts";
import { textWidth } from "../../../src/report/charts/text.ts";
import { toPng } from "../../../src/report/charts/png.ts";

const axis = (title: string) => ({ title, scale: "linear", include: [] }) as const;

const curves: CurvesChart = {
  kind: "curves",
  title: "Hopper & <others>",
  subtitle: "",
  x: axis("Environment steps"),
  y: axis("Return"),
  interval: "band",
  references: [{ value: 30, label: "threshold" }],
  curves: [{
    name: "TRPO",
    color: "#0072b2",
    stroke: "solid",
    points: [1, 2, 3].map((x) => ({ x, y: x * 10, low: x * 9, high: x * 11 })),
    seeds: [[1, 2, 3].map((x) => ({ x, y: x * 9 })), [1, 2, 3].map((x) => ({ x, y: x * 11 }))],
  }],
};

const intervals: IntervalsChart = {
  kind: "intervals",
  title: "Final return",
  subtitle: "",
  value: axis("Return"),
  references: [],
  rows: [
    { group: "IQM", name: "TRPO", color: "#0072b2", estimate: 2, low: 1, high: 3, points: [1, 2, 3], note: "" },
    { group: "IQM", name: "MSCV", color: "#d55e00", estimate: null, low: null, high: null, points: [], note: "failed" },
  ],
};

const bars: BarsChart = {
  kind: "bars",
  layout: "stacked",
  title: "Variance",
  subtitle: "",
  value: { title: "Variance" },
  parts: [{ name: "action", color: "#0072b2" }, { name: "state", color: "#d55e00" }],
  categories: [{ name: "GAE", bars: [{ value: 3, low: null, high: null }, { value: 1, low: null, high: null }] }],
};

const paths = (svg: string): ReadonlyArray<string> => [...svg.matchAll(/<path [^>]*d="([^"]*)"/g)].map(([, d]) => d);

Deno.test("a drawing names its axes, curves and thresholds, and escapes its title", async () => {
  const svg = await drawChart(curves);
  for (const text of ["Environment steps", "Return", "TRPO", "threshold"]) assertStringIncludes(svg, `>${text}<`);
  assertStringIncludes(svg, 'aria-label="Hopper &amp; &lt;others&gt;"');
  assert(!svg.includes("NaN") && !/https?:\/\/(?!www\.w3\.org)/.test(svg));
});

Deno.test("the same chart gives the same drawing, of the size that was asked for", async () => {
  const size = { width: 400, height: 250 };
  const svg = await drawChart(curves, size);
  assertStringIncludes(svg, 'width="400" height="250"');
  assertEquals(await drawChart(curves, size), svg);
});

Deno.test("every run has a line of its own, and an interval that is null none", async () => {
  const [curve] = curves.curves;
  const bare = curve.points.map((point) => ({ ...point, low: null, high: null }));
  const thin = async (chart: Chart) => (await drawChart(chart)).split('stroke-width="0.75"').length - 1;
  const shaded = async (chart: Chart) => (await drawChart(chart)).split('opacity="0.18"').length - 1;
  assertEquals(await thin(curves), 2);
  assertEquals(await thin({ ...curves, curves: [{ ...curve, seeds: curve.seeds.slice(1) }] }), 1);
  assertEquals(await shaded(curves), 1);
  assertEquals(await shaded({ ...curves, curves: [{ ...curve, points: bare }] }), 0);
});

Deno.test("a row without an estimate stays, with its note", async () => {
  const svg = await drawChart(intervals);
  assertStringIncludes(svg, ">MSCV<");
  assertStringIncludes(svg, ">failed<");
});

Deno.test("labels of reference lines stay on the chart, beside each other, in the order of the lines", async () => {
  const references = [{ value: 2.1, label: "TRPO" }, { value: 2, label: "paper: MSCV" }, {
    value: 3,
    label: "at the end",
  }];
  const svg = await drawChart({ ...intervals, references }, { width: 300, height: 0 });
  const middles = ["paper: MSCV", "TRPO", "at the end"].map((label) =>
    Number(new RegExp(`translate\\(([-\\d.]+),[-\\d.]+\\)"[^>]*>${label}<`).exec(svg)![1])
  );
  const widths = ["paper: MSCV", "TRPO", "at the end"].map((label) => textWidth(label, 11));
  const left = middles.map((middle, i) => middle - widths[i] / 2),
    right = middles.map((middle, i) => middle + widths[i] / 2);
  assert(right[0] < left[1] && right[1] < left[2], `${left} ${right}`);
  const plot = Number(/translate\(([\d.]+),/.exec(svg)![1]); // where the plot begins
  assert(plot + right[2] <= 300 && plot + left[0] >= 0);
});

Deno.test("runs of which a lower bound is known are hollow", async () => {
  const [first, second] = intervals.rows;
  const hollow = async (chart: Chart) => (await drawChart(chart)).match(/L-2[.]6,3Z" stroke=/g)?.length ?? 0;
  const before = await hollow(intervals);
  assertEquals(await hollow({ ...intervals, rows: [{ ...first, atLeast: [4, 5] }, second] }), before + 2);
});

Deno.test("a stacked bar goes on where the last part ended", async () => {
  const svg = await drawChart(bars, { width: 400, height: 0 });
  const parts = paths(svg).flatMap((d) => {
    const box = /^M([\d.]+),([\d.]+)h([\d.]+)v26h/.exec(d);
    return box === null ? [] : [{ left: Number(box[1]), width: Number(box[3]) }];
  });
  assertEquals(parts.length, 2);
  assert(Math.abs(parts[0].left + parts[0].width - parts[1].left) < 0.02); // coordinates are hundredths
  assert(Math.abs(parts[0].width - 3 * parts[1].width) < 0.03); // 3 beside 1
});

Deno.test("drawings are arranged in rows as high as their highest", () => {
  const box = (width: number, height: number) => `<svg width="${width}" height="${height}"></svg>`;
  const all = arrangeDrawings([box(10, 5), box(10, 7), box(8, 3)], 2, "all");
  assertStringIncludes(all, 'width="20" height="10"'); // rows of 7 and 3
  assertStringIncludes(all, '<svg x="10" y="0" width="10" height="7">');
  assertStringIncludes(all, '<svg x="0" y="7" width="8" height="3">');
});

Deno.test("an image holds the text, by a font that comes with the package", async () => {
  const drawing = (text: string) =>
    `<svg xmlns="http://www.w3.org/2000/svg" width="60" height="20"><rect width="60" height="20" fill="white"/>` +
    `<text x="2" y="15" font-family="Arimo, sans-serif">${text}</text></svg>`;
  const [blank, plain, minus] = await Promise.all(
    [drawing(""), drawing("abc"), drawing("−1")].map((svg) => toPng(svg)),
  );
  assertEquals([...plain.slice(0, 8)], [137, 80, 78, 71, 13, 10, 26, 10]); // the signature of PNG
  assertEquals(new DataView(plain.buffer, plain.byteOffset).getUint32(16), 120); // width at twice the scale
  assertGreater(plain.length, blank.length + 100);
  assertGreater(minus.length, blank.length + 50);
});

/** (drawing, text) ⇒ where it stands, pixels. */
const placeOf = (svg: string, text: string): { readonly x: number; readonly y: number } => {
  const [, x, y] = new RegExp(`<text [^>]*transform="translate\\(([-\\d.]+),([-\\d.]+)\\)"[^>]*>${text}<`).exec(svg)!;
  return { x: Number(x), y: Number(y) };
};

Deno.test("a threshold at the top is labelled below its line, away from the axis' title", async () => {
  const top = placeOf(await drawChart({ ...curves, references: [{ value: 40, label: "threshold" }] }), "threshold");
  const middle = placeOf(await drawChart({ ...curves, references: [{ value: 20, label: "threshold" }] }), "threshold");
  assert(top.y > 0 && top.y < 20, `${top.y}`); // the title stands at −14
  assert(middle.y > 100 && top.x === middle.x);
});

Deno.test("an empirical distribution is drawn in steps: along, then up or down", async () => {
  const bare = {
    ...curves.curves[0],
    seeds: [],
    points: curves.curves[0].points.map((each) => ({ ...each, low: null, high: null })),
  };
  const corners = async (line: object) => {
    const svg = await drawChart({ ...curves, references: [], curves: [{ ...bare, ...line }] });
    const [path] = [...svg.matchAll(/<path [^>]*d="([^"]*)"[^>]*stroke="#0072b2"/g)].map(([, d]) => d);
    return [...path.matchAll(/([-\d.]+),([-\d.]+)/g)].map(([, x, y]) => [Number(x), Number(y)]);
  };
  const diagonals = (points: ReadonlyArray<ReadonlyArray<number>>) =>
    points.slice(1).filter(([x, y], i) => x !== points[i][0] && y !== points[i][1]).length;
  assertEquals([(await corners({})).length, diagonals(await corners({}))], [3, 2]); // three points, joined directly
  const steps = await corners({ line: "steps" });
  assertEquals([steps.length >= 5, diagonals(steps)], [true, 0]);
});

Deno.test("what the colours of rows mean stands above the plot, a line each", async () => {
  const key = [{ name: "compared with GAE", color: "#0072b2" }, { name: "compared with Q", color: "#d55e00" }];
  const svg = await drawChart({ ...intervals, key });
  const places = key.map(({ name }) => placeOf(svg, name).y);
  assert(places[0] < places[1] && places[1] < 0, `${places}`);
});

Deno.test("a name that is too long for its room goes on in the next line, whole, in every chart", async () => {
  const name = "an estimator whose name says what it is made of, with every option that it was given, and more";
  const rows = [{ ...intervals.rows[0], name }], [curve] = curves.curves, [category] = bars.categories;
  const long: ReadonlyArray<Chart> = [
    { ...intervals, rows },
    { ...curves, curves: [{ ...curve, name }] },
    { ...bars, categories: [{ ...category, name }] },
  ];
  for (const chart of long) {
    const svg = await drawChart(chart, { width: 500, height: 300 }),
      said = [...svg.matchAll(/>([^<>]+)</g)].map(([, t]) => t);
    const first = said.findIndex((text) => text.startsWith("an estimator")), lines: string[] = [];
    for (let i = first; lines.join(" ") !== name && i < said.length; i++) lines.push(said[i]);
    assertEquals(lines.join(" "), name, chart.kind);
    assert(lines.length > 1 && lines.every((line) => textWidth(line, 12) <= 0.45 * 500), chart.kind);
  }
});
