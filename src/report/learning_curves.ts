/**
 * Curves over environment steps: the mean over seeds with its interval, and every seed.
 * (cells, quantity) ⇒ (curves)
 *
 * @module
 */
import type { Key } from "../math/random.ts";
import type { Curve, CurvePoint } from "./charts/chart.ts";
import { estimateAll, resampling } from "./estimate.ts";
import type { ProgressRecord } from "./progress.ts";
import { type Cell, leastSeeds, type StudyRun } from "./study.ts";

/** What a curve shows of an iteration; null where there is none. */
export type Quantity = (record: ProgressRecord) => number | null;

/** (metric name) ⇒ a stage's metric as a quantity. */
export const metricQuantity = (name: string): Quantity => ({ metrics }) => {
  const value = metrics[name];
  return typeof value === "number" && Number.isFinite(value) ? value : null;
};

/** The mean undiscounted return of an iteration's batch. */
export const returnQuantity: Quantity = (record) => record.return;

interface Point {
  readonly x: number;
  readonly y: number;
}

const pointsOf = ({ history }: StudyRun, quantity: Quantity): ReadonlyArray<Point> =>
  history.flatMap((record) => {
    const y = quantity(record);
    return y === null ? [] : [{ x: record.steps, y }];
  });

/** (points in order of x, x) ⇒ y, linear between points; null outside of them. */
export const interpolate = (points: ReadonlyArray<Point>, x: number): number | null => {
  const above = points.findIndex((point) => point.x >= x);
  if (above < 0) return null;
  const right = points[above];
  if (right.x === x) return right.y;
  if (above === 0) return null;
  const left = points[above - 1];
  return left.y + (right.y - left.y) * (x - left.x) / (right.x - left.x);
};

const mostPoints = 150;

/** (points by run) ⇒ the places of the longest run, thinned, its last one kept. */
const gridOf = (runs: ReadonlyArray<ReadonlyArray<Point>>): ReadonlyArray<number> => {
  const longest = runs.reduce((a, b) => (b.length > a.length ? b : a), []);
  const stride = Math.max(1, Math.ceil(longest.length / mostPoints));
  return longest.filter((_, i) => (longest.length - 1 - i) % stride === 0).map(({ x }) => x);
};

/** Where the mean ends: with the shortest run that is done, or where none is, with the shortest that has begun. */
const reachOf = ({ runs }: Cell, points: ReadonlyArray<ReadonlyArray<Point>>): number => {
  const ends = points.map((run) => run.at(-1)?.x ?? 0);
  const done = ends.filter((end, i) => runs[i].state === "done" && end > 0);
  const counted = done.length > 0 ? done : ends.filter((end) => end > 0);
  return counted.reduce((a, b) => Math.min(a, b), Infinity);
};

/** (seeds [seed][place], places) ⇒ mean over the seeds that have a value, NaN where none has. */
const meansOf = (seeds: ReadonlyArray<ReadonlyArray<number | null>>, places: ReadonlyArray<number>): number[] =>
  places.map((_, i) => {
    let sum = 0, count = 0;
    for (const seed of seeds) {
      const value = seed[i];
      if (value === null) continue;
      sum += value;
      count++;
    }
    return sum / count;
  });

/** (cell, quantity, look, key) ⇒ (curve). Seeds that stop early end where they stop, and leave the mean from there on. */
export const learningCurve = (
  cell: Cell,
  quantity: Quantity,
  { name, color }: { readonly name: string; readonly color: string },
  key: Key,
): Curve => {
  const runs = cell.runs.map((run) => pointsOf(run, quantity));
  const grid = gridOf(runs), reach = reachOf(cell, runs);
  const seeds = runs.filter((run) => run.length > 0).map((run) => grid.map((x) => interpolate(run, x)));
  const estimates = estimateAll([[seeds]], ([[drawn]]) => meansOf(drawn, grid), key, resampling.curves);
  const points = grid.map((x, i): CurvePoint => {
    const { estimate, low, high } = estimates[i];
    const enough = seeds.filter((seed) => seed[i] !== null).length >= leastSeeds;
    return x > reach || Number.isNaN(estimate)
      ? { x, y: null, low: null, high: null }
      : { x, y: estimate, low: enough ? low : null, high: enough ? high : null };
  });
  return {
    name,
    color,
    stroke: "solid",
    points,
    seeds: seeds.map((seed) => grid.map((x, i) => ({ x, y: seed[i] }))),
  };
};
