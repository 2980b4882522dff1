/**
 * What one run is worth.
 * (run) ⇒ (score)
 *
 * @module
 */
import type { Duration } from "../math/aggregate.ts";
import { evaluationReturn, metThreshold } from "./progress.ts";
import type { RunState, StudyRun } from "./study.ts";

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
  /** Mean return of the last evaluation of the policy while it trained, and of the best; null where there was none. */
  readonly evaluation: { readonly last: number; readonly best: number } | null;
  /** Iteration whose batch-mean return met the task's threshold, or how far the run came without, as where there is none. */
  readonly thresholdIterations: Duration;
  /** The same in environment steps. */
  readonly thresholdSteps: Duration;
}

const meanOf = (values: ReadonlyArray<number>): number | null =>
  values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;

/** (run) ⇒ (score). */
export const scoreRun = ({ seed, state, error, threshold, history }: StudyRun): RunScore => {
  const returns = history.flatMap((record) => record.return ?? []);
  const last = history.at(-1), met = metThreshold(history, threshold);
  const evaluations = history.flatMap((record) => evaluationReturn(record) ?? []);
  const outcome = met === null ? "censored" : "met";
  return {
    seed,
    state,
    error,
    iterations: last?.iteration ?? 0,
    steps: last?.steps ?? 0,
    final: meanOf(returns.slice(-Math.max(1, Math.ceil(returns.length / 10)))),
    average: meanOf(returns),
    evaluation: evaluations.length === 0
      ? null
      : { last: evaluations.at(-1)!, best: evaluations.reduce((a, b) => Math.max(a, b)) },
    thresholdIterations: { at: (met ?? last)?.iteration ?? 0, outcome },
    thresholdSteps: { at: (met ?? last)?.steps ?? 0, outcome },
  };
};
