/**
 * Samples ⇒ measurement.
 *
 * @module
 */
import { fold, type Key } from "../math/random.ts";
import { normalizeInto } from "../nn/normalizer.ts";
import type { Metric } from "./gram.ts";
import type { Interval } from "./intervals.ts";
import { resample } from "./intervals.ts";
import type { MeasureRequest, Samples } from "./measure.ts";
import type { EstimatorResult, Measurement, PerfectResult, SizeResult, SourcesResult } from "./measurement.ts";
import { type Draws, measurePanel, varianceBySize } from "./moments_of_panel.ts";
import { labelOf } from "./panel.ts";
import { projectScores } from "./sketch.ts";
import { decompose } from "./sources.ts";
import type { PanelEstimate } from "./sub_batch.ts";

const median = (x: ReadonlyArray<number>): number => {
  const sorted = [...x].sort((a, b) => a - b), half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
};

/** (estimates on the batches) ⇒ mean of each number that the estimator reports. */
const meanMetrics = (estimates: ReadonlyArray<PanelEstimate>): Readonly<Record<string, number>> => {
  const names = Object.entries(estimates[0].metrics).filter(([, x]) => typeof x === "number").map(([name]) => name);
  const average = (name: string) =>
    estimates.reduce((sum, { metrics }) => sum + (metrics[name] as number) / estimates.length, 0);
  return Object.fromEntries(names.map((name) => [name, average(name)]));
};

const byMetric = <A>(f: (metric: Metric) => A): Readonly<Record<Metric, A>> => ({
  euclidean: f("euclidean"),
  natural: f("natural"),
});

/** The panel's rows, and the bound of a perfect model measured like one more of them. */
const panelResults = ({ panel, entry, truth, batches, horizons }: Samples, draws: Draws) => {
  const rows = panel.map((_, i) => batches.map(({ estimates }) => estimates[i]));
  const perfect = horizons.map((_, h) => batches.map(({ perfect }) => perfect[h]));
  const indexOf = (label: string) => panel.findIndex((entry) => entry.label === label);
  const ownMatch = indexOf(entry.match);
  const matches = [...panel.map(({ match }) => indexOf(match)), ...perfect.map(() => ownMatch)];
  const measured = byMetric((metric) => measurePanel([...rows, ...perfect], matches, truth, metric, draws));
  const batchSeconds = median(batches.map(({ seconds }) => seconds));
  const secondsOf = (i: number) => median(rows[i].map(({ seconds }) => seconds));
  const costOf = (i: number) => measured.natural[i].moments.variance.value * (batchSeconds + secondsOf(i));
  const estimators = panel.map(({ label, match, estimator, options }, i): EstimatorResult => ({
    label,
    estimator,
    options,
    match,
    declaredUnbiased: rows[i].every(({ unbiased }) => unbiased),
    sameMeanAsMatch: rows[i].every(({ keepsMean }) => keepsMean),
    euclidean: measured.euclidean[i],
    natural: measured.natural[i],
    metrics: meanMetrics(rows[i]),
    seconds: secondsOf(i),
    relativeCost: costOf(i) / costOf(matches[i]),
  }));
  const bound = horizons.map((horizon, h): PerfectResult => ({
    horizon,
    correlation: perfect[h].reduce((sum, { correlation }) => sum + correlation / batches.length, 0),
    variance: byMetric((metric): Interval => measured[metric][panel.length + h].relative.variance),
  }));
  return { batchSeconds, estimators, perfect: bound };
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
  const { frozen: { policy, normalizer }, own, budget } = request;
  const observation = normalizeInto(normalizer, branches.observation);
  const draws = resample(fold(key, "states"), budget.replicates, branches.counts.states);
  const scores = byMetric((metric) => projectScores(policy, observation, branches.noise, directions[metric]));
  const of = (label: string, advantage: Float64Array, control: Parameters<typeof decompose>[0]): SourcesResult => ({
    label,
    ...byMetric((metric) => decompose(control, scores[metric], advantage, horizons, draws)),
  });
  const monteCarlo = { ...own, options: { ...own.options, advantage: "monteCarlo" as const } };
  return [
    of(entry.match, branches.advantage, branches),
    ...(own.options.advantage === "monteCarlo" ? [] : [
      of(labelOf({ ...monteCarlo, estimator: "likelihoodRatio" }), branches.monteCarlo, branches),
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
  const returns = blocks.flatMap((block) => [...block.returns]);
  return {
    budget,
    truth: byMetric((metric) => ({
      signal: own[metric].moments.signal,
      noise: own[metric].moments.variance.value / truth.length,
    })),
    referenceSteps: samples.referenceSteps,
    meanReturn: returns.reduce((sum, r) => sum + r, 0) / returns.length,
    own: samples.entry.label,
    ...panelResults(samples, draws),
    sizes: sizeResults(samples, draws),
    sources: sourceResults(request, samples, bootstrap),
  };
};
