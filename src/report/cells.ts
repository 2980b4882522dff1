/**
 * Each task and variant in numbers.
 * (study, key) ⇒ (tasks)
 *
 * @module
 */
import { censoredMedian } from "../math/aggregate.ts";
import { fold, type Key } from "../math/random.ts";
import { type Estimate, estimateMean } from "./estimate.ts";
import { type PrintedRow, printedTable } from "./paper.ts";
import { type Evaluations, printedSteps, type RunScore, scoreRun } from "./run_scores.ts";
import { type Cell, cellsOf, type Study, tasksOf } from "./study.ts";

/** A task and variant. */
export interface CellReport {
  readonly task: string;
  readonly variant: string;
  /** Every run, whatever its state. */
  readonly runs: ReadonlyArray<RunScore>;
  /** Runs that are done, which alone enter the estimates. */
  readonly done: number;
  readonly final: Estimate | null;
  readonly average: Estimate | null;
  /** Of the evaluations while the policies trained, after so many steps where every run that is done has one; null: none. */
  readonly evaluation: Evaluations<Estimate | null> | null;
  /** Median over the runs that have begun, by Kaplan and Meier; null where too few have met the threshold. */
  readonly thresholdIterations: number | null;
  readonly thresholdSteps: number | null;
}

/** A task with its variants. */
export interface TaskReport {
  readonly task: string;
  /** Null: nothing is said of it, and the task takes part in no comparison that needs one. */
  readonly threshold: number | null;
  /** Mean return of the first iteration over all runs: the untrained policy. */
  readonly untrained: number | null;
  /** What the paper prints, where the threshold is the paper's. */
  readonly printed: PrintedRow | null;
  readonly cells: ReadonlyArray<CellReport>;
}

/** (runs, quantity) ⇒ its values of the runs that are done. */
export const doneValues = (runs: ReadonlyArray<RunScore>, of: "final" | "average"): ReadonlyArray<number> =>
  runs.flatMap((run) => (run.state === "done" && run[of] !== null ? [run[of]] : []));

/** (runs, key of a quantity) ⇒ estimates of their evaluations, of the runs that are done; null where no run has any. */
const estimateEvaluations = (
  runs: ReadonlyArray<RunScore>,
  keyOf: (what: string) => Key,
): CellReport["evaluation"] => {
  if (runs.every(({ evaluation }) => evaluation === null)) return null;
  const done = runs.filter(({ state }) => state === "done"), found = done.flatMap(({ evaluation }) => evaluation ?? []);
  const afterSteps = (steps: number) => {
    const returns = found.flatMap(({ after }) => after.find((each) => each.steps === steps)?.return ?? []);
    const estimate = estimateMean(returns, keyOf(`evaluationAfter${steps}`));
    return estimate === null || returns.length < done.length ? [] : [{ steps, return: estimate }];
  };
  return {
    last: estimateMean(found.map(({ last }) => last), keyOf("lastEvaluation")),
    best: estimateMean(found.map(({ best }) => best), keyOf("bestEvaluation")),
    after: printedSteps.flatMap(afterSteps),
  };
};

const reportCell = ({ task, variant, runs: all }: Cell, key: Key): CellReport => {
  const runs = all.map(scoreRun), begun = runs.filter(({ iterations }) => iterations > 0);
  const keyOf = (what: string) => fold(fold(fold(key, task), variant), what);
  return {
    task,
    variant,
    runs,
    done: runs.filter(({ state }) => state === "done").length,
    final: estimateMean(doneValues(runs, "final"), keyOf("final")),
    average: estimateMean(doneValues(runs, "average"), keyOf("average")),
    evaluation: estimateEvaluations(runs, keyOf),
    thresholdIterations: censoredMedian(begun.map((run) => run.thresholdIterations)),
    thresholdSteps: censoredMedian(begun.map((run) => run.thresholdSteps)),
  };
};

const untrainedReturn = (study: Study, task: string): number | null => {
  const first = study.runs.filter((run) => run.task === task)
    .flatMap(({ history }) => history.find((record) => record.return !== null)?.return ?? []);
  return first.length === 0 ? null : first.reduce((sum, value) => sum + value, 0) / first.length;
};

/** (study, key) ⇒ (tasks). */
export const reportTasks = (study: Study, key: Key): ReadonlyArray<TaskReport> =>
  tasksOf(study).map((task) => {
    const { threshold } = study.runs.find((run) => run.task === task)!;
    const printed = printedTable[task];
    return {
      task,
      threshold,
      untrained: untrainedReturn(study, task),
      printed: printed !== undefined && printed.threshold === threshold ? printed : null,
      cells: cellsOf(study, task).map((cell) => reportCell(cell, key)),
    };
  });
