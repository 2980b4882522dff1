/**
 * Samples ⇒ measurement.
 *
 * @module
 */
import type { Estimators } from "../estimators/estimator.ts";
import { fold, type Key } from "../math/random.ts";
import { normalizeInto } from "../nn/networks/normalizer.ts";
import { floorBeside } from "./floor_moments.ts";
import type { Metric } from "./gram.ts";
import { bootstrapInterval, type IntervalEstimate, resample, type Resamples } from "./bootstrap_intervals.ts";
import type { MeasureRequest, Samples } from "./measure.ts";
import type { CauseResult, EstimatorResult, Measurement, SizeResult, SourcesResult, Split } from "./measurement.ts";
import { causeOf, type Draws, measurePanel, varianceBySize } from "./moments_of_panel.ts";
import { comparatorOf, labelOf, monteCarloOf, plainOf, publishedOf } from "./panel.ts";
import { projectScores } from "./sketch.ts";
import { decompose } from "./variance_sources.ts";
import type { PanelEstimate } from "./sub_batch.ts";

const median = (x: ReadonlyArray<number>): number => {
  const sorted = [...x].sort((a, b) => a - b), half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
};

/** (estimates on the batches, draws of batches) ⇒ mean of each number over the batches on which the estimator reports it. */
export const meanMetrics = (
  estimates: ReadonlyArray<PanelEstimate>,
  draws: Resamples,
): Readonly<Record<string, IntervalEstimate>> => {
  const reported = new Set(
    estimates.flatMap(({ metrics }) =>
      Object.entries(metrics).flatMap(([name, x]) => typeof x === "number" ? [name] : [])
    ),
  );
  const average = (name: string, weight?: Float64Array) => {
    let sum = 0, count = 0;
    estimates.forEach(({ metrics: { [name]: x } }, i) => {
      if (typeof x !== "number") return;
      sum += (weight?.[i] ?? 1) * x;
      count += weight?.[i] ?? 1;
    });
    return sum / count;
  };
  const interval = (name: string) => bootstrapInterval(average(name), draws.map((weight) => average(name, weight)));
  return Object.fromEntries([...reported].map((name) => [name, interval(name)]));
};

const byMetric = <A>(f: (metric: Metric) => A): Readonly<Record<Metric, A>> => ({
  euclidean: f("euclidean"),
  natural: f("natural"),
});

/** Two halves of the batches; those of the second are resampled. */
const splitPanel = (
  rows: ReadonlyArray<ReadonlyArray<PanelEstimate>>,
  matches: ReadonlyArray<number>,
  published: ReadonlyArray<number>,
  truth: Samples["truth"],
  draws: Draws,
  key: Key,
): ReadonlyArray<Split> => {
  const half = rows[0].length >> 1, first = rows.map((row) => row.slice(0, half));
  const second = rows.map((row) => row.slice(half));
  const drawn = { ...draws, batches: resample(key, draws.truth.length, rows[0].length - half) };
  const picked = measurePanel(first, matches, truth, "natural", { batches: [], truth: [] });
  return measurePanel(second, matches, truth, "natural", drawn, published).map((quote, i) => {
    const { moments, relative } = picked[i];
    return { pick: { variance: relative.variance.value, improvement: moments.improvement.value }, quote };
  });
};

/** (samples, draws, metric) ⇒ by horizon the floor, and the rows with the own advantage beside it. */
const floorsOf = ({ panel, entry, truth, batches, horizons, floorCounts }: Samples, draws: Draws, metric: Metric) => {
  if (floorCounts === null) return [];
  const row = (label: string) => batches.map(({ estimates }) => estimates[panel.findIndex((x) => x.label === label)]);
  const among = panel.filter(({ match }) => match === entry.match).map(({ label }) => label), match = row(entry.match);
  return horizons.map((horizon, h) => {
    const floors = batches.map(({ floors }) => floors[h]);
    const { floor, above } = floorBeside(floors, floorCounts, match, among.map(row), truth, metric, draws);
    return { horizon, floor, above: new Map(among.map((label, i) => [label, above[i]])) };
  });
};

/** The panel's rows. */
const panelResults = (
  known: Estimators,
  { panel, truth, batches }: Samples,
  draws: Draws,
  aboveFloor: ReadonlyMap<string, IntervalEstimate>,
  key: Key,
) => {
  const rows = panel.map((_, i) => batches.map(({ estimates }) => estimates[i]));
  const indexOf = (label: string) => panel.findIndex((entry) => entry.label === label);
  const matches = panel.map(({ match }) => indexOf(match));
  const centred = panel.map((entry) => indexOf(publishedOf(known, panel, entry)?.label ?? ""));
  const published = centred.map((index, i) => index === matches[i] ? -1 : index);
  const measured = byMetric((metric) => measurePanel(rows, matches, truth, metric, draws, published));
  const split = splitPanel(rows, matches, published, truth, draws, key);
  const batchSeconds = median(batches.map(({ seconds }) => seconds));
  const secondsOf = (i: number) => median(rows[i].map(({ seconds }) => seconds));
  const costOf = (i: number): IntervalEstimate => {
    const slower = (batchSeconds + secondsOf(i)) / (batchSeconds + secondsOf(matches[i]));
    const { value, low, high } = measured.natural[i].relative.variance;
    return { value: slower * value, low: slower * low, high: slower * high };
  };
  const estimators = panel.map(({ label, match, estimator, options }, i): EstimatorResult => ({
    label,
    estimator,
    options,
    match,
    declaredUnbiased: rows[i].every(({ unbiased }) => unbiased),
    sameMeanAsMatch: rows[i].every(({ keepsMean }) => keepsMean),
    euclidean: measured.euclidean[i],
    natural: measured.natural[i],
    split: split[i],
    metrics: meanMetrics(rows[i], draws.batches),
    seconds: secondsOf(i),
    relativeCost: costOf(i),
    aboveFloor: aboveFloor.get(label) ?? null,
  }));
  return { batchSeconds, estimators };
};

/** The own estimator beside the likelihood ratio that everybody starts from. */
const causeResult = ({ panel, entry, truth, batches, advantage }: Samples, draws: Draws): CauseResult | null => {
  const beside = plainOf(panel, advantage.discount), plain = beside === undefined ? -1 : panel.indexOf(beside);
  if (plain < 0 || panel[plain] === entry) return null;
  const row = (i: number) => batches.map(({ estimates }) => estimates[i]);
  const cause = causeOf(row(panel.indexOf(entry)), row(plain), truth, "natural", draws);
  return { beside: panel[plain].label, ...cause };
};

const sizeResults = ({ panel, sized, steps, batches }: Samples, draws: Draws): ReadonlyArray<SizeResult> =>
  sized.map(({ label }, i) => {
    const whole = panel.findIndex((entry) => entry.label === label);
    const estimates = steps.map((_, size) =>
      batches.map(({ bySize, estimates }) => (size < bySize.length ? bySize[size][i] : estimates[whole]))
    );
    return { label, ...varianceBySize(steps, estimates, "natural", draws.batches) };
  });

const sourceResults = (request: MeasureRequest, { branches, horizons, directions, entry }: Samples, key: Key) => {
  const { frozen: { policy, normalizer }, own, estimators, budget } = request;
  const observation = normalizeInto(normalizer, branches.observation);
  const draws = resample(fold(key, "states"), budget.replicates, branches.counts.states);
  const scores = byMetric((metric) => projectScores(policy, observation, branches.noise, directions[metric]));
  const of = (label: string, advantage: Float64Array, control: Parameters<typeof decompose>[0]): SourcesResult => ({
    label,
    ...byMetric((metric) => decompose(control, scores[metric], advantage, horizons, draws)),
  });
  return [
    of(entry.match, branches.advantage, branches),
    ...(comparatorOf(estimators, own).advantage === "monteCarlo" ? [] : [
      of(labelOf(estimators, monteCarloOf(estimators, own)), branches.monteCarlo, branches),
    ]),
  ];
};

/** (request, samples) ⇒ (measurement, but for its seconds). */
export const summarize = (request: MeasureRequest, samples: Samples): Omit<Measurement, "seconds"> => {
  const { budget, key } = request, { truth, batches, blocks } = samples;
  const bootstrap = fold(key, "bootstrap");
  const draws: Draws = {
    batches: resample(fold(bootstrap, "batches"), budget.replicates, batches.length),
    truth: resample(fold(bootstrap, "truth"), budget.replicates, truth.length),
  };
  // The truth against itself: its signal and its variance are those of an estimator.
  const own = byMetric((metric) => measurePanel([truth], [0], truth, metric, { ...draws, batches: draws.truth })[0]);
  const floors = byMetric((metric) => floorsOf(samples, draws, metric));
  const returns = blocks.flatMap((block) => [...block.returns]);
  return {
    budget,
    truth: byMetric((metric) => ({
      signal: own[metric].moments.signal,
      noise: own[metric].moments.variance.value / truth.length,
    })),
    referenceSteps: samples.referenceSteps,
    valueWeight: samples.advantage.discount ** samples.tail,
    meanReturn: returns.reduce((sum, r) => sum + r, 0) / returns.length,
    own: samples.entry.label,
    cause: causeResult(samples, draws),
    ...panelResults(
      request.estimators,
      samples,
      draws,
      floors.natural.at(-1)?.above ?? new Map(),
      fold(bootstrap, "split"),
    ),
    horizons: samples.horizons,
    floors: floors.natural.map(({ horizon }, h) => ({ horizon, ...byMetric((metric) => floors[metric][h].floor) })),
    sizes: sizeResults(samples, draws),
    sources: sourceResults(request, samples, bootstrap),
  };
};
