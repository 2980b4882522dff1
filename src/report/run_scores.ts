/**
 * What one run is worth.
 * (run) ⇒ (score)
 *
 * @module
 */
import type { Duration } from "../math/aggregate.ts";
import { evaluationReturn, metThreshold, type ProgressRecord } from "./progress.ts";
import type { RunState, StudyRun } from "./study.ts";

/** Environment steps after which papers and peers print returns. */
export const printedSteps = [100_000, 300_000, 1_000_000] as const;

/** What evaluations gave, as a number or an estimate of it. */
export interface Evaluations<Value> {
  readonly last: Value;
  readonly best: Value;
  /** Those after exactly so many of `printedSteps`. */
  readonly after: ReadonlyArray<{ readonly steps: number; readonly return: NonNullable<Value> }>;
}

/** One run in numbers. */
export interface RunScore {
  readonly seed: number;
  readonly state: RunState;
  readonly error: string | null;
  /** Iterations done. */
  readonly iterations: number;
  /** Environment steps collected. */
  readonly steps: number;
  /** Mean return of the last tenth of the iterations in which an episode ended; null where none did. */
  readonly final: number | null;
  /** Mean return of all iterations: the area under the learning curve. */
  readonly average: number | null;
  /** Mean returns of the evaluations of the policy while it trained; null where there was none. */
  readonly evaluation: Evaluations<number> | null;
  /** Iteration whose batch-mean return met the task's threshold, or how far the run came without, as where there is none. */
  readonly thresholdIterations: Duration;
  /** The same in environment steps. */
  readonly thresholdSteps: Duration;
}

const meanOf = (values: ReadonlyArray<number>): number | null =>
  values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;

const evaluationsIn = (history: ReadonlyArray<ProgressRecord>): Evaluations<number> | null => {
  const found = history.flatMap((record) => {
    const value = evaluationReturn(record);
    return value === null ? [] : [{ steps: record.steps, return: value }];
  });
  return found.length === 0 ? null : {
    last: found.at(-1)!.return,
    best: found.reduce((best, each) => Math.max(best, each.return), -Infinity),
    after: found.filter(({ steps }) => printedSteps.some((printed) => printed === steps)),
  };
};

/** (run) ⇒ (score). */
export const scoreRun = ({ seed, state, error, threshold, history }: StudyRun): RunScore => {
  const returns = history.flatMap((record) => record.return ?? []);
  const last = history.at(-1), met = metThreshold(history, threshold);
  const outcome = met === null ? "censored" : "met";
  return {
    seed,
    state,
    error,
    iterations: last?.iteration ?? 0,
    steps: last?.steps ?? 0,
    final: meanOf(returns.slice(-Math.max(1, Math.ceil(returns.length / 10)))),
    average: meanOf(returns),
    evaluation: evaluationsIn(history),
    thresholdIterations: { at: (met ?? last)?.iteration ?? 0, outcome },
    thresholdSteps: { at: (met ?? last)?.steps ?? 0, outcome },
  };
};
