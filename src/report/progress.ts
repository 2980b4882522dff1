/**
 * The progress line and the closing summary of a run.
 * (history) ⇒ text
 *
 * @module
 */
import { formatCount, formatDuration, formatNumber, formatPercent } from "./quantities.ts";
import { sparkline } from "./sparkline.ts";

/** What a line is made from: one iteration of the run log. */
export interface ProgressRecord {
  readonly iteration: number;
  /** Collected since the run began. */
  readonly steps: number;
  /** Mean of the batch's ended episodes. */
  readonly return: number | null;
  readonly metrics: Readonly<Record<string, number | string | null>>;
  /** By stage, "total" of them, and "evaluation" beside it. */
  readonly seconds: Readonly<Record<string, number>>;
}

const numberOf = ({ metrics }: ProgressRecord, name: string): number | null => {
  const value = metrics[name];
  return typeof value === "number" ? value : null;
};

/** (record) ⇒ mean return of the policy's evaluation after this iteration; null where it has none. */
export const evaluationReturn = (record: ProgressRecord): number | null => numberOf(record, "evaluation.return");

const sparklineWidth = 16;
const timedIterations = 10; // the time left is estimated from the last ones

const metric = (record: ProgressRecord, name: string, label: string): ReadonlyArray<string> => {
  const value = numberOf(record, name);
  return value === null ? [] : [`${label} ${formatNumber(value)}`];
};

const ratioOf = (record: ProgressRecord) => numberOf(record, "estimateGradient.varianceRatio");

const varianceRatio = (record: ProgressRecord): ReadonlyArray<string> => {
  const hint = (ratioOf(record) ?? 0) > 1 ? " (above 1: no gain)" : "";
  return metric(record, "estimateGradient.varianceRatio", "variance ratio").map((text) => text + hint);
};

const FEW = 0.01; // of the rollouts

const lostOf = (record: ProgressRecord): number => numberOf(record, "estimateGradient.divergence") ?? 0;

const divergence = (record: ProgressRecord): ReadonlyArray<string> =>
  lostOf(record) < FEW ? [] : [`${formatPercent(lostOf(record))}% of the imagined rollouts diverged`];

/** (history) ⇒ a line where a simulator's physics has diverged, and what to look at; none where it never did. */
const divergedLines = (history: ReadonlyArray<ProgressRecord>): ReadonlyArray<string> => {
  const lost = history.map(lostOf), count = lost.filter((share) => share >= FEW).length;
  const most = `${formatPercent(Math.max(...lost))}%`;
  const thrown = history.map(({ metrics }) => metrics["estimateGradient.divergenceReason"]).find((x) =>
    x !== undefined
  );
  const reason = thrown === undefined ? "" : ` (${thrown})`;
  return count === 0 ? [] : [
    `Up to ${most} of the imagined rollouts of an iteration diverged, 1% or more in ${count} of ${history.length}: there ` +
    `the simulator leaves finite numbers, or throws${reason}, or its reward leaves ±1e12. Look at its factors ` +
    "(networks.model.physics, identify)",
  ];
};

/** (history) ⇒ a line where the control variate has added noise, and what to try; none where it never did. */
const noisyLines = (history: ReadonlyArray<ProgressRecord>): ReadonlyArray<string> => {
  const ratios = history.flatMap((record) => ratioOf(record) ?? []), above = ratios.filter((ratio) => ratio > 1).length;
  return above === 0 ? [] : [
    `Variance ratio above 1 in ${above} of ${ratios.length} iterations: there the imagined rollouts added noise. A smaller ` +
    "estimateGradient.horizon helps, and coefficient: leastVariance where it is another; deno task lab shows where it comes from",
  ];
};

/** (history) ⇒ a line on the mean of gradients that imagination had a part in; none where it had none. */
const meanLines = (history: ReadonlyArray<ProgressRecord>): ReadonlyArray<string> => {
  const kept = history.filter((record) => (numberOf(record, "estimateGradient.horizon") ?? 0) > 0)
    .flatMap((record) => numberOf(record, "estimateGradient.keepsMean") ?? []);
  const count = kept.filter((keeps) => keeps === 1).length;
  if (kept.length === 0) return [];
  return [
    count === kept.length
      ? "The gradient kept the likelihood ratio's mean in every iteration (estimateGradient.keepsMean)"
      : `The gradient kept the likelihood ratio's mean in ${count} of ${kept.length} iterations (estimateGradient.keepsMean): ` +
        "a control variate keeps it with fit: after of fitModel and fitValue, and two environments or more",
  ];
};

const rejection = ({ metrics }: ProgressRecord): ReadonlyArray<string> => {
  const outcome = metrics["trpoUpdate.outcome"];
  return typeof outcome === "string" && outcome !== "accepted" ? [outcome] : [];
};

const stageSeconds = ({ seconds: { total, evaluation, ...stages } }: ProgressRecord): string => {
  const each = Object.entries(stages).map(([name, value]) => `${name} ${value.toFixed(1)}`);
  const aside = evaluation === undefined ? "" : ` + evaluation ${evaluation.toFixed(1)} s`;
  return `${total.toFixed(1)} s (${each.join(" ")})${aside}`;
};

/** (record) ⇒ seconds of the iteration and of the evaluation after it. */
const allSeconds = ({ seconds: { total, evaluation = 0 } }: ProgressRecord): number => total + evaluation;

/** (history, iterations in total) ⇒ seconds left, estimated from the last ten iterations. */
export const secondsLeft = (history: ReadonlyArray<ProgressRecord>, iterations: number): number => {
  const recent = history.slice(-timedIterations);
  if (recent.length === 0) return 0;
  const mean = recent.reduce((sum, record) => sum + allSeconds(record), 0) / recent.length;
  return mean * (iterations - recent[recent.length - 1].iteration);
};

/** (history, iterations in total) ⇒ one line about the last iteration. */
export const progressLine = (history: ReadonlyArray<ProgressRecord>, iterations: number): string => {
  const last = history[history.length - 1];
  const bars = sparkline(history.map((record) => record.return), sparklineWidth);
  return [
    `${last.iteration}/${iterations}`,
    `${formatCount(last.steps)} steps`,
    `return ${last.return === null ? "–" : formatNumber(last.return)} ${bars}`,
    ...metric(last, "evaluation.return", "evaluation"),
    ...metric(last, "estimateGradient.horizon", "k"),
    ...metric(last, "trpoUpdate.kl", "KL"),
    ...rejection(last),
    ...varianceRatio(last),
    ...divergence(last),
    `${formatDuration(secondsLeft(history, iterations))} left`,
    stageSeconds(last),
  ].join(" · ");
};

/** (history, threshold or null) ⇒ the first iteration whose batch-mean return reaches it, or null. */
export const metThreshold = (
  history: ReadonlyArray<ProgressRecord>,
  threshold: number | null,
): ProgressRecord | null =>
  threshold === null ? null : history.find((record) => record.return !== null && record.return >= threshold) ?? null;

const bestOf = (history: ReadonlyArray<ProgressRecord>): ProgressRecord | null =>
  history.reduce<ProgressRecord | null>(
    (best, record) => record.return !== null && record.return > (best?.return ?? -Infinity) ? record : best,
    null,
  );

const bestLine = (history: ReadonlyArray<ProgressRecord>): string => {
  const best = bestOf(history);
  return best === null
    ? "no episode has ended"
    : `best is ${formatNumber(best.return!)} at iteration ${best.iteration}`;
};

const thresholdLine = (history: ReadonlyArray<ProgressRecord>, threshold: number | null): string => {
  if (threshold === null) return `Return: ${bestLine(history)}`;
  const met = metThreshold(history, threshold);
  if (met !== null) {
    return `Threshold ${threshold} met at iteration ${met.iteration}, after ${formatCount(met.steps)} steps`;
  }
  return `Threshold ${threshold} not met yet: ${bestLine(history)}`;
};

/** The record of the best evaluation, of the first one where some are equal. */
const bestEvaluation = (history: ReadonlyArray<ProgressRecord>): ProgressRecord | null =>
  history.reduce<ProgressRecord | null>((best, record) => {
    const value = evaluationReturn(record), most = best === null ? null : evaluationReturn(best);
    return value !== null && (most === null || value > most) ? record : best;
  }, null);

const evaluationLines = (history: ReadonlyArray<ProgressRecord>, folder: string): ReadonlyArray<string> => {
  const best = bestEvaluation(history);
  if (best === null) return [];
  const value = formatNumber(evaluationReturn(best)!);
  return [`Best evaluation: ${value} after iteration ${best.iteration}, kept as ${folder}/checkpoints/best`];
};

/** (history, threshold or null, run folder) ⇒ the lines that end a run, with the commands to try next. */
export const summary = (history: ReadonlyArray<ProgressRecord>, threshold: number | null, folder: string): string => {
  const last = history[history.length - 1];
  const seconds = history.reduce((sum, record) => sum + allSeconds(record), 0);
  const done = last === undefined
    ? "No iteration done"
    : `Done: ${last.iteration} iterations, ${formatCount(last.steps)} steps in ${formatDuration(seconds)}`;
  return [
    done,
    thresholdLine(history, threshold),
    ...evaluationLines(history, folder),
    ...divergedLines(history),
    ...noisyLines(history),
    ...meanLines(history),
    `Run folder: ${folder}`,
    `Next: deno task eval ${folder} --episodes 20`,
    `      deno task train --resume ${folder} --iterations ${(last?.iteration ?? 0) + 50}`,
  ].join("\n");
};
