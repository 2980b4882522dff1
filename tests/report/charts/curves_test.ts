import { assertEquals } from "@std/assert";
import type { Curve, CurvesChart } from "../../../src/report/charts/chart.ts";
import { curvesSpec } from "../../../src/report/charts/curves.ts";

const curve = (name: string): Curve => ({
  ...{ name, color: "#000000", stroke: "solid", seeds: [] },
  points: [1, 2].map((x) => ({ x, y: x, low: 0, high: 3 })),
});

const chart = (interval: CurvesChart["interval"], curves: ReadonlyArray<Curve>): CurvesChart => ({
  ...{ kind: "curves", title: "", subtitle: "", interval, curves, references: [] },
  x: { title: "k", scale: "linear", include: [0] },
  y: { title: "y", scale: "linear", include: [] },
});

/** Every object in a specification that has the key. */
const having = (key: string, spec: unknown): ReadonlyArray<Readonly<Record<string, unknown>>> => {
  if (typeof spec !== "object" || spec === null) return [];
  const own = key in spec ? [spec as Readonly<Record<string, unknown>>] : [];
  return [...own, ...Object.values(spec).flatMap((inner) => having(key, inner))];
};

const asides = (spec: unknown, type: string) =>
  having("xOffset", spec).filter((mark) => mark.type === type).map(({ xOffset }) => xOffset);

Deno.test("intervals of curves at the same x stand beside one another, with their dots and lines", () => {
  const three = curvesSpec(chart("bars", ["a", "b", "c"].map(curve)), { width: 760, height: 360 });
  for (const type of ["rule", "point", "line"]) assertEquals(asides(three, type), [-5, 0, 5]); // 5 pixels apart
  const bands = curvesSpec(chart("band", ["a", "b"].map(curve)), { width: 760, height: 360 });
  assertEquals(asides(bands, "line"), [0, 0]);
});

Deno.test("where every x is whole, no tick stands between whole numbers", () => {
  const spec = curvesSpec(chart("bars", [curve("a")]), { width: 760, height: 360 });
  const axis = having("labelExpr", spec).find(({ title }) => title === "k")!;
  assertEquals(axis.values, [0, 1, 2]);
});
