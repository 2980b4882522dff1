/**
 * The tables of a report.
 * (report) ⇒ (tables)
 *
 * @module
 */
import type { Duration } from "../math/aggregate.ts";
import type { CellReport, TaskReport } from "./cells.ts";
import type { Estimate } from "./estimate.ts";
import type { PrintedRow } from "./paper.ts";
import { formatCount, formatEstimate, formatGiven } from "./quantities.ts";
import type { Report } from "./report.ts";
import { taskTitle } from "./return_figures.ts";
import { printedSteps, type RunScore } from "./run_scores.ts";
import { columns, type Table } from "./table.ts";

const none = "–";

const value = (estimate: Estimate | null): string => {
  if (estimate === null) return none;
  const { estimate: middle, low, high } = estimate;
  const interval = low === null || high === null ? "" : ` [${formatEstimate(low)}, ${formatEstimate(high)}]`;
  return formatEstimate(middle) + interval;
};

const cellsOf = ({ tasks }: Report): ReadonlyArray<{ readonly task: TaskReport; readonly cell: CellReport }> =>
  tasks.flatMap((task) => task.cells.map((cell) => ({ task, cell })));

/** (run) ⇒ its final return, with its state where it is not done. */
const seedValue = ({ final, state, iterations }: RunScore): string => {
  const text = final === null ? none : formatEstimate(final);
  return state === "done" ? text : iterations === 0 ? state : `${text} (${state})`;
};

/** A run that nobody has begun. */
const notBegun = ({ state, iterations }: RunScore): boolean => state === "waiting" && iterations === 0;

/** (runs, text of a run) ⇒ the texts of those begun, and how many are waiting. */
const eachSeed = (runs: ReadonlyArray<RunScore>, text: (run: RunScore) => string): string => {
  const waiting = runs.filter(notBegun).length, begun = runs.filter((run) => !notBegun(run)).map(text);
  return [...begun, ...(waiting === 0 ? [] : [`${waiting} waiting`])].join(", ");
};

const perTaskTable = (report: Report): Table => ({
  title: "Returns by task",
  note:
    "Final: mean return of the last tenth of the iterations; mean: of all of them. In brackets: 95% bootstrap interval, " +
    "from five seeds on. Only seeds that are done enter the means.",
  columns: columns("task", "variant", ">done", ">final return", ">mean return", "final return of each seed"),
  rows: cellsOf(report).map(({ cell }) => [
    taskTitle(cell.task),
    cell.variant,
    `${cell.done}/${cell.runs.length}`,
    value(cell.final),
    value(cell.average),
    eachSeed(cell.runs, seedValue),
  ]),
});

const evaluationTable = (report: Report): Table => ({
  title: "Evaluations while training",
  note:
    "Mean return of the episodes of an evaluation, after the last iteration and at its best; the best of many noisy " +
    "means is too high on average. Only seeds that are done enter the means.",
  columns: columns("task", "variant", ">last evaluation", ">best evaluation", "last evaluation of each seed"),
  rows: cellsOf(report).flatMap(({ cell: { task, variant, runs, evaluation } }) =>
    evaluation === null ? [] : [[
      taskTitle(task),
      variant,
      value(evaluation.last),
      value(evaluation.best),
      eachSeed(runs, (run) => run.evaluation === null ? none : formatEstimate(run.evaluation.last)),
    ]]
  ),
});

const evaluationStepsTable = (report: Report): Table => {
  const cells = cellsOf(report).flatMap(({ cell: { task, variant, evaluation } }) =>
    evaluation === null || evaluation.after.length === 0 ? [] : [{ task, variant, after: evaluation.after }]
  );
  const reached = printedSteps.filter((printed) =>
    cells.some(({ after }) => after.some(({ steps }) => steps === printed))
  );
  return {
    title: "Evaluations after so many steps",
    note:
      "Mean return of the episodes of the evaluation after exactly so many steps, where every seed that is done has " +
      "one.",
    columns: columns("task", "variant", ...reached.map((steps) => `>${formatCount(steps)}`)),
    rows: cells.map(({ task, variant, after }) => [
      taskTitle(task),
      variant,
      ...reached.map((printed) => value(after.find(({ steps }) => steps === printed)?.return ?? null)),
    ]),
  };
};

const aggregateTable = ({ aggregates: { tasks, variants } }: Report): Table => ({
  title: `Final returns over ${tasks.map(taskTitle).join(", ")}, 0 untrained, 1 threshold`,
  note: "Optimality gap: by how much runs fall short of the threshold; less is better. Intervals by the bootstrap " +
    "stratified by task.",
  columns: columns("variant", ">runs", ">IQM", ">mean", ">median", ">optimality gap"),
  rows: variants.map(({ variant, runs, final }) => [
    variant,
    String(runs),
    value(final.iqm),
    value(final.mean),
    value(final.median),
    value(final.optimalityGap),
  ]),
});

const duration = ({ at, outcome }: Duration): string => (outcome === "met" ? "" : "> ") + formatCount(at);

const median = (cell: CellReport, of: "thresholdIterations" | "thresholdSteps"): string => {
  const found = cell[of], longest = Math.max(...cell.runs.map((run) => run[of].at));
  return found !== null ? formatCount(found) : longest === 0 ? none : `> ${formatCount(longest)}`;
};

const printedCells = (printed: PrintedRow | null): ReadonlyArray<string> =>
  printed === null
    ? [none, none]
    : [printed.mscv, printed.trpo].map((at) => `${at} (${formatCount(at * printed.batch)})`);

const thresholdTable = (report: Report): Table => ({
  title: report.tasks.some(({ printed }) => printed !== null)
    ? "Iterations to the threshold, beside the paper's Table 1"
    : "Iterations to the threshold",
  note: "> n: not met within n iterations. Medians by Kaplan and Meier over the seeds that have begun." +
    (report.tasks.some(({ printed }) => printed !== null) ? " In brackets: steps, by the paper's batch sizes." : ""),
  columns: columns("task", ">return", "variant", ">iterations", ">steps", "of each seed", ">paper MSCV", ">paper TRPO"),
  rows: cellsOf(report).filter(({ task }) => task.threshold !== null).map(({ task, cell }) => [
    taskTitle(task.task),
    formatGiven(task.threshold!),
    cell.variant,
    median(cell, "thresholdIterations"),
    median(cell, "thresholdSteps"),
    eachSeed(cell.runs, (run) => run.iterations === 0 ? run.state : duration(run.thresholdIterations)),
    ...printedCells(task.printed),
  ]),
});

const measures = { final: "final return", average: "mean return" } as const;

const improvementTable = ({ improvements }: Report): Table => ({
  title: "Probability of improvement",
  note: "Any two runs: as rliable has it. Same seed: over the pairs that are done. Difference: mean on the same seed.",
  columns: columns("first > second", "by", "task", ">any two runs", ">same seed", ">pairs", ">difference"),
  rows: improvements.flatMap(({ of, with: against, measure, rows }) =>
    rows.map(({ task, independent, paired, pairs, difference }) => [
      `${of} > ${against}`,
      measures[measure],
      task === null ? "all" : taskTitle(task),
      value(independent),
      value(paired),
      String(pairs),
      value(difference),
    ])
  ),
});

/** ([0, 1, 2, 5]) ⇒ "0–2, 5". */
const seedRanges = (seeds: ReadonlyArray<number>): string => {
  const ranges: Array<[first: number, last: number]> = [];
  for (const seed of seeds) {
    const range = ranges[ranges.length - 1];
    if (range !== undefined && seed === range[1] + 1) range[1] = seed;
    else ranges.push([seed, seed]);
  }
  return ranges.map(([first, last]) => first === last ? `${first}` : `${first}–${last}`).join(", ");
};

/** A row a run; one for all the runs of a cell that nobody has begun. */
const notDoneTable = (report: Report): Table => ({
  title: "Runs that are not done",
  note: "",
  columns: columns("task", "variant", ">seed", "state", ">iterations", "error"),
  rows: cellsOf(report).flatMap(({ cell }) => {
    const waiting = cell.runs.filter(notBegun), row = [taskTitle(cell.task), cell.variant];
    const begun = cell.runs.filter((run) => run.state !== "done" && !notBegun(run));
    return [
      ...begun.map(({ seed, state, iterations, error }) => [...row, `${seed}`, state, `${iterations}`, error ?? ""]),
      ...(waiting.length === 0 ? [] : [[...row, seedRanges(waiting.map(({ seed }) => seed)), "waiting", "0", ""]]),
    ];
  }),
});

/** (report) ⇒ (tables), those without rows left out. */
export const reportTables = (report: Report): ReadonlyArray<Table> =>
  [
    ...(report.aggregates.tasks.length < 2 ? [] : [aggregateTable]),
    perTaskTable,
    evaluationTable,
    evaluationStepsTable,
    thresholdTable,
    improvementTable,
    notDoneTable,
  ]
    .map((make) => make(report))
    .filter(({ rows }) => rows.length > 0);

/** (report) ⇒ "38 of 40 runs done, 1 failed, 1 running". */
export const stateLine = (report: Report): string => {
  const states = cellsOf(report).flatMap(({ cell }) => cell.runs.map(({ state }) => state));
  const count = (state: string) => states.filter((each) => each === state).length;
  const others = ["failed", "running", "incomplete", "waiting"].filter((state) => count(state) > 0);
  return [`${count("done")} of ${states.length} runs done`, ...others.map((state) => `${count(state)} ${state}`)].join(
    ", ",
  );
};
