/**
 * Logs of many runs as the curves of one picture.
 * (columns of every run, what is along x, smoothing) ⇒ (x, one curve a run or a group)
 *
 * @module
 */

/** What is along x. */
export type Along = "iteration" | "steps" | "seconds";

/** A log of one number, as it has grown so far. */
export interface GrownColumn {
  /** Iterations. */
  readonly iteration: number[];
  /** Environment steps. */
  readonly steps: number[];
  /** s of training. */
  readonly seconds: number[];
  /** null where a line lacks the number. */
  readonly value: Array<number | null>;
}

/** A curve: x ascends. */
export interface Curve {
  /** In units of `Along`. */
  readonly x: ReadonlyArray<number>;
  /** null: a gap. */
  readonly y: ReadonlyArray<number | null>;
}

/** () ⇒ a log without a line. */
export const emptyColumn = (): GrownColumn => ({ iteration: [], steps: [], seconds: [], value: [] });

/** Adds lines behind the first `from` ones. */
export const grow = (
  column: GrownColumn,
  from: number,
  more: Readonly<Record<keyof GrownColumn, ReadonlyArray<unknown>>>,
) => {
  for (const name of ["iteration", "steps", "seconds", "value"] as const) {
    const own = column[name] as unknown[];
    own.length = Math.min(own.length, from);
    for (const each of more[name]) own.push(each);
  }
};

/**
 * (values, share that stays of what was) ⇒ exponential moving average, corrected for its start:
 *
 *   mₜ = s·mₜ₋₁ + (1 − s)·yₜ,  ŷₜ = mₜ / (1 − sⁿ), n values so far; gaps stay gaps.
 */
export const smoothed = (values: ReadonlyArray<number | null>, share: number): ReadonlyArray<number | null> => {
  let mean = 0, weight = 0;
  return values.map((value) => {
    if (value === null) return null;
    mean = share * mean + (1 - share) * value;
    weight = share * weight + (1 - share);
    return mean / weight;
  });
};

const MOST = 2000; // points of a curve: more than a screen has columns

/** (curve) ⇒ the same with at most 2000 points: the last of each stretch. */
export const thinned = ({ x, y }: Curve): Curve => {
  const stride = Math.ceil(x.length / MOST), last = x.length - 1;
  const kept = (_: unknown, i: number) => (last - i) % stride === 0;
  return stride <= 1 ? { x, y } : { x: x.filter(kept), y: y.filter(kept) };
};

/** (log, what is along x, share that smoothing keeps) ⇒ its curve, without the lines that lack the number. */
export const curveOf = (column: GrownColumn, along: Along, share: number): Curve => {
  const there = column.value.flatMap((value, i) => value === null ? [] : [i]);
  const y = there.map((i) => column.value[i]), x = there.map((i) => column[along][i]);
  return thinned({ x, y: share === 0 ? y : smoothed(y, share) });
};

/** (curve, x ascending) ⇒ its heights there, by straight lines; null beyond its ends. */
const heightsAt = ({ x, y }: Curve, at: ReadonlyArray<number>): ReadonlyArray<number | null> => {
  let i = 0;
  return at.map((place) => {
    while (i + 1 < x.length && x[i + 1] <= place) i++;
    if (x.length === 0 || place < x[0] || place > x[x.length - 1]) return null;
    const here = y[i]!, next = y[i + 1];
    if (x[i] === place || next === undefined || next === null) return here;
    return here + (next - here) * (place - x[i]) / (x[i + 1] - x[i]);
  });
};

/** (x of curves) ⇒ all of them, ascending. */
export const allOf = (curves: ReadonlyArray<Curve>): ReadonlyArray<number> =>
  [...new Set(curves.flatMap(({ x }) => x))].sort((a, b) => a - b);

/** (curves) ⇒ their mean, as far as all of them reach. */
export const meanOf = (curves: ReadonlyArray<Curve>): Curve => {
  const used = curves.filter(({ x }) => x.length > 0),
    x = allOf(used),
    heights = used.map((each) => heightsAt(each, x));
  const y = x.map((_, i) => {
    const values = heights.map((each) => each[i]);
    return values.includes(null) ? null : values.reduce<number>((sum, value) => sum + value!, 0) / values.length;
  });
  return thinned({ x: x.filter((_, i) => y[i] !== null), y: y.filter((each) => each !== null) });
};

/** (curves) ⇒ one x for all of them, and their heights there: null where a curve has no point of its own. */
export const aligned = (curves: ReadonlyArray<Curve>): ReadonlyArray<ReadonlyArray<number | null>> => {
  const x = allOf(curves), place = new Map(x.map((each, i) => [each, i]));
  const rows = curves.map((curve) => {
    const row = new Array<number | null>(x.length).fill(null);
    curve.x.forEach((each, i) => row[place.get(each)!] = curve.y[i]);
    return row;
  });
  return [x, ...rows];
};
