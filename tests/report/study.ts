/**
 * Studies made up for tests.
 *
 * @module
 */
import type { ProgressRecord } from "../../src/report/progress.ts";
import type { Study, StudyRun } from "../../src/report/study.ts";

/** (returns of the iterations; steps of each) ⇒ a run's log. */
export const historyOf = (returns: ReadonlyArray<number | null>, batch = 1000): ReadonlyArray<ProgressRecord> =>
  returns.map((value, i) => ({
    iteration: i + 1,
    steps: (i + 1) * batch,
    return: value,
    metrics: { "estimateGradient.coefficient": 0.5, "estimateGradient.varianceRatio": 0.8, "trpoUpdate.kl": 0.01 },
    seconds: { collect: 1, trpoUpdate: 2, total: 3 },
  }));

/** A run that is done, of task "hopper", with changes. */
export const makeRun = (changes: Partial<StudyRun> & Pick<StudyRun, "history">): StudyRun => ({
  task: "hopper",
  variant: "mscv",
  seed: 0,
  state: "done",
  error: null,
  folder: "runs/x",
  iterations: changes.history.length,
  threshold: 100,
  ...changes,
});

/** (variants by name: returns of each seed) ⇒ a study of "hopper" that compares the first with the second. */
export const makeStudy = (variants: Readonly<Record<string, ReadonlyArray<ReadonlyArray<number | null>>>>): Study => {
  const [of, against] = Object.keys(variants);
  return {
    name: "made up",
    compare: against === undefined ? [] : [{ of, with: against }],
    runs: Object.entries(variants).flatMap(([variant, seeds]) =>
      seeds.map((returns, seed) => makeRun({ variant, seed, history: historyOf(returns) }))
    ),
  };
};
