/**
 * Variants over all tasks, on normalised returns: 0 is the untrained policy, 1 the task's threshold.
 * (tasks, key) ⇒ (aggregates)
 *
 * @module
 */
import {
  aggregateMean,
  aggregateMedian,
  interquartileMean,
  optimalityGap,
  type Scores,
  shareAbove,
} from "../math/aggregate.ts";
import { fold, type Key } from "../math/random.ts";
import { doneValues, type TaskReport } from "./cells.ts";
import { type Estimate, estimateAll, resampling } from "./estimate.ts";

/** The aggregates of rliable. */
export interface Aggregates {
  readonly iqm: Estimate;
  readonly mean: Estimate;
  readonly median: Estimate;
  /** By how much runs fall short of 1. */
  readonly optimalityGap: Estimate;
}

/** A point of the performance profile. */
export interface ProfilePoint extends Estimate {
  /** Normalised return; `estimate` is the share of runs above it. */
  readonly tau: number;
}

/** One variant over the tasks that every variant has. */
export interface VariantReport {
  readonly variant: string;
  /** Runs that are done, over these tasks. */
  readonly runs: number;
  /** Of the final returns. */
  readonly final: Aggregates;
  /** Of the mean returns over all iterations. */
  readonly average: Aggregates;
  /** Of the final returns. */
  readonly profile: ReadonlyArray<ProfilePoint>;
}

/** All variants over the tasks that they share. */
export interface AggregateReport {
  readonly tasks: ReadonlyArray<string>;
  readonly variants: ReadonlyArray<VariantReport>;
}

/** A task whose returns can be normalised. */
export interface ScaledTask extends TaskReport {
  readonly threshold: number;
}

const isScaled = (task: TaskReport): task is ScaledTask => task.threshold !== null;

/** (task, return) ⇒ (return − untrained) / (threshold − untrained). */
export const normalizeReturn = (
  { untrained, threshold }: Pick<ScaledTask, "untrained" | "threshold">,
  value: number,
): number => (value - (untrained ?? 0)) / (threshold - (untrained ?? 0));

const scoresOf = (tasks: ReadonlyArray<ScaledTask>, variant: string, of: "final" | "average"): Scores =>
  tasks.map((task) => {
    const cell = task.cells.find((each) => each.variant === variant)!;
    return doneValues(cell.runs, of).map((value) => normalizeReturn(task, value));
  });

const aggregate = (scores: Scores, key: Key): Aggregates => {
  const statistics = (drawn: Scores) => [
    interquartileMean(drawn),
    aggregateMean(drawn),
    aggregateMedian(drawn),
    optimalityGap(drawn, 1),
  ];
  const [iqm, mean, median, gap] = estimateAll([scores], ([drawn]) => statistics(drawn), key);
  return { iqm, mean, median, optimalityGap: gap };
};

const profilePoints = 61;

const profileOf = (scores: Scores, largest: number, key: Key): ReadonlyArray<ProfilePoint> => {
  const taus = Array.from({ length: profilePoints }, (_, i) => i / (profilePoints - 1) * largest);
  const shares = estimateAll(
    [scores],
    ([drawn]) => taus.map((tau) => shareAbove(drawn, tau)),
    key,
    resampling.curves,
  );
  return shares.map((share, i) => ({ tau: taus[i], ...share }));
};

/**
 * (tasks, variants, key) ⇒ (aggregates) of the variants with runs that are done, over the tasks with a threshold in which
 * all have some.
 */
export const reportAggregates = (
  all: ReadonlyArray<TaskReport>,
  variants: ReadonlyArray<string>,
  key: Key,
): AggregateReport => {
  const tasks = all.filter(isScaled);
  const has = (task: TaskReport, variant: string) =>
    doneValues(task.cells.find((cell) => cell.variant === variant)?.runs ?? [], "final").length > 0;
  const begun = variants.filter((variant) => tasks.some((task) => has(task, variant)));
  const shared = tasks.filter((task) => begun.every((variant) => has(task, variant)));
  if (shared.length === 0 || begun.length === 0) return { tasks: [], variants: [] };
  const scored = begun.map((variant) => ({ variant, final: scoresOf(shared, variant, "final") }));
  const largest = Math.max(1, ...scored.flatMap(({ final }) => final.flat()));
  return {
    tasks: shared.map(({ task }) => task),
    variants: scored.map(({ variant, final }) => {
      const keyOf = (what: string) => fold(fold(key, variant), what);
      return {
        variant,
        runs: final.flat().length,
        final: aggregate(final, keyOf("final")),
        average: aggregate(scoresOf(shared, variant, "average"), keyOf("average")),
        profile: profileOf(final, largest, keyOf("profile")),
      };
    }),
  };
};
