/**
 * Aggregate performance over tasks and runs.
 *
 * Scores are [task][run] and may be ragged: a task with fewer runs counts as a whole task where tasks are averaged, and by
 * its runs where all runs are pooled. Source: Agarwal et al., "Deep Reinforcement Learning at the Edge of the Statistical
 * Precipice" (NeurIPS 2021), and its library rliable, which these equal where all tasks have the same number of runs.
 *
 * @module
 */

/** Scores by task and run. */
export type Scores = ReadonlyArray<ReadonlyArray<number>>;

const meanOf = (values: ReadonlyArray<number>): number => values.reduce((sum, value) => sum + value, 0) / values.length;

const ascending = (values: ReadonlyArray<number>): ReadonlyArray<number> => values.toSorted((a, b) => a - b);

const quantileOf = (sorted: ArrayLike<number>, p: number): number => {
  if (sorted.length === 0) return NaN;
  const at = p * (sorted.length - 1), below = Math.floor(at), rest = at - below;
  return rest === 0 ? sorted[below] : sorted[below] * (1 - rest) + sorted[below + 1] * rest;
};

/** (values, list of p) ⇒ the p-quantiles, linear between order statistics. NaN for no values. */
export const quantiles = (values: ReadonlyArray<number>, ps: ReadonlyArray<number>): ReadonlyArray<number> => {
  const sorted = Float64Array.from(values).sort();
  return ps.map((p) => quantileOf(sorted, p));
};

/** (values, p) ⇒ the p-quantile. */
export const quantile = (values: ReadonlyArray<number>, p: number): number => quantiles(values, [p])[0];

/** (scores) ⇒ mean over tasks of the mean over runs. */
export const aggregateMean = (scores: Scores): number => meanOf(scores.map(meanOf));

/** (scores) ⇒ median over tasks of the mean over runs. */
export const aggregateMedian = (scores: Scores): number => quantile(scores.map(meanOf), 0.5);

/** (scores) ⇒ interquartile mean: the mean of all runs but the lowest and the highest quarter, rounded down. */
export const interquartileMean = (scores: Scores): number => {
  const pooled = ascending(scores.flat());
  const cut = Math.floor(pooled.length / 4);
  return meanOf(pooled.slice(cut, pooled.length - cut));
};

/** (scores, γ) ⇒ by how much runs fall short of γ on average, those above it counting as γ. */
export const optimalityGap = (scores: Scores, gamma: number): number =>
  gamma - meanOf(scores.flat().map((score) => Math.min(score, gamma)));

/** (x, y) ⇒ share of the pairs in which x is larger, ties counting half: the Mann–Whitney statistic over its largest value. */
const shareLarger = (x: ReadonlyArray<number>, y: ReadonlyArray<number>): number =>
  meanOf(x.map((a) => meanOf(y.map((b) => (a > b ? 1 : a === b ? 0.5 : 0)))));

/** (scores of X, scores of Y; the same tasks) ⇒ P(X > Y) for independent runs, averaged over tasks. */
export const probabilityOfImprovement = (x: Scores, y: Scores): number =>
  meanOf(x.map((runs, task) => shareLarger(runs, y[task])));

/** (scores of X and of Y by seed; pairs [task][seed] of [x, y]) ⇒ P(X > Y) on the same seed, averaged over tasks. */
export const pairedImprovement = (pairs: ReadonlyArray<ReadonlyArray<readonly [number, number]>>): number =>
  meanOf(pairs.map((seeds) => meanOf(seeds.map(([x, y]) => (x > y ? 1 : x === y ? 0.5 : 0)))));

/** (scores, τ) ⇒ share of all runs above τ: one point of the performance profile (score distribution). */
export const shareAbove = (scores: Scores, tau: number): number =>
  meanOf(scores.flat().map((score) => (score > tau ? 1 : 0)));

/** When a run met its goal, or how far it came without. */
export interface Duration {
  /** Where it was met, or the last place where it had not been. */
  readonly at: number;
  /** "censored": not met until then. */
  readonly outcome: "met" | "censored";
}

/**
 * (durations) ⇒ the median under censoring: the first place at which the product-limit estimate of the share of runs that
 * have not met the goal is at most one half; null where it stays above. Source: Kaplan and Meier (1958).
 */
export const censoredMedian = (durations: ReadonlyArray<Duration>): number | null => {
  const places = [...new Set(durations.filter(({ outcome }) => outcome === "met").map(({ at }) => at))];
  let remaining = 1;
  for (const place of ascending(places)) {
    const atRisk = durations.filter(({ at }) => at >= place).length;
    const met = durations.filter(({ at, outcome }) => at === place && outcome === "met").length;
    remaining *= 1 - met / atRisk;
    if (remaining <= 0.5 + 1e-12) return place;
  }
  return null;
};
