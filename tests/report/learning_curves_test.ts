/**
 * Curves over steps: interpolation, thinning, and runs that stop early.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { makeKey } from "../../src/math/random.ts";
import { interpolate, learningCurve, metricQuantity, returnQuantity } from "../../src/report/learning_curves.ts";
import { historyOf, makeRun } from "./study.ts";

const key = makeKey(0), look = { name: "mscv", color: "#000000" };
const curve = (runs: ReadonlyArray<ReturnType<typeof makeRun>>) =>
  learningCurve({ task: "hopper", variant: "mscv", runs }, returnQuantity, look, key);

Deno.test("values lie linearly between iterations, and nowhere beyond them", () => {
  const points = [{ x: 10, y: 0 }, { x: 20, y: 4 }];
  assertEquals([5, 10, 15, 20, 25].map((x) => interpolate(points, x)), [null, 0, 2, 4, null]);
});

Deno.test("seeds with other batch sizes meet on the steps of the longest run", () => {
  // 1000, 2000, 3000 steps against 1500 and 3000: at 2000 a third of the way from 3 to 9
  const { points, seeds } = curve([
    makeRun({ history: historyOf([1, 2, 3]) }),
    makeRun({ history: historyOf([3, 9], 1500) }),
  ]);
  assertEquals(points.map(({ x, y }) => [x, y]), [[1000, 1], [2000, 3.5], [3000, 6]]);
  assertEquals(seeds[1].map(({ y }) => y), [null, 5, 9]);
});

Deno.test("a run that failed ends its line and leaves the mean from there on", () => {
  const failed = makeRun({ state: "failed", history: historyOf([5]) });
  const { points, seeds } = curve([makeRun({ history: historyOf([1, 2]) }), failed]);
  assertEquals(points.map(({ y }) => y), [3, 2]);
  assertEquals(seeds[1].map(({ y }) => y), [5, null]);
});

Deno.test("the mean ends where the shortest of the runs that are done ends", () => {
  const { points } = curve([makeRun({ history: historyOf([1, 2, 3]) }), makeRun({ history: historyOf([1, 2]) })]);
  assertEquals(points.map(({ y }) => y), [1, 2, null]);
});

Deno.test("iterations without an ended episode are bridged; a metric that is missing gives no curve", () => {
  const { points } = curve([makeRun({ history: historyOf([1, null, 3]) })]);
  assertEquals(points.map(({ x, y }) => [x, y]), [[1000, 1], [3000, 3]]);
  const none = learningCurve(
    { task: "hopper", variant: "mscv", runs: [makeRun({ history: historyOf([1]) })] },
    metricQuantity("fitModel.loss"),
    look,
    key,
  );
  assertEquals([none.points, none.seeds], [[], []]);
});

Deno.test("long runs are thinned to at most 150 points, their last one kept", () => {
  const { points } = curve([makeRun({ history: historyOf(Array.from({ length: 1000 }, (_, i) => i)) })]);
  assertEquals([points.length <= 150, points.at(-1)?.x], [true, 1_000_000]);
});
