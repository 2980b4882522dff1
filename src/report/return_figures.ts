/**
 * Figures on returns: learning curves, final returns, thresholds.
 * (study, tasks) ⇒ (figures)
 *
 * @module
 */
import { fold, type Key } from "../math/random.ts";
import type { TaskReport } from "./cells.ts";
import type { Curve, CurvesChart, IntervalRow } from "./charts/chart.ts";
import { colorOf } from "./charts/theme.ts";
import type { Figure } from "./figure.ts";
import { learningCurve, type Quantity, returnQuantity } from "./learning_curves.ts";
import type { PrintedRow } from "./paper.ts";
import { formatGiven } from "./quantities.ts";
import { cellsOf, type Study, variantsOf } from "./study.ts";

/** (study) ⇒ colour of each variant, the same in every figure. */
export const colorsOf = (study: Study): (variant: string) => string => {
  const variants = variantsOf(study);
  return (variant) => colorOf(variants.indexOf(variant));
};

/** (task name) ⇒ as a heading has it: "Walker2d". */
export const taskTitle = (task: string): string => task.charAt(0).toUpperCase() + task.slice(1);

const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;

/** (study, task) ⇒ "10 seeds", or "8 to 10 seeds" where variants differ. */
const seedCounts = (study: Study, task: string): string => {
  const counts = cellsOf(study, task).map(({ runs }) => runs.filter(({ history }) => history.length > 0).length);
  const least = Math.min(...counts), most = Math.max(...counts);
  return least === most ? plural(most, "seed") : `${least} to ${plural(most, "seed")}`;
};

/** (study, task, quantity, key, colours) ⇒ one curve a variant. */
export const curvesOf = (
  study: Study,
  task: string,
  quantity: Quantity,
  key: Key,
  color: (variant: string) => string,
): ReadonlyArray<Curve> =>
  cellsOf(study, task).map((cell) =>
    learningCurve(
      cell,
      quantity,
      { name: cell.variant, color: color(cell.variant) },
      fold(fold(key, task), cell.variant),
    )
  );

/** (study, tasks, key) ⇒ returns over environment steps, as in the paper's Figures 1, 4 and 5. */
export const learningFigure = (study: Study, tasks: ReadonlyArray<TaskReport>, key: Key): Figure => ({
  name: "learning_curves",
  title: "Learning curves",
  caption: "Mean undiscounted return of the episodes that ended in a batch, over environment steps. Thick line: mean " +
    "over seeds, with its 95% bootstrap interval from five seeds on. Thin lines: single seeds.",
  charts: tasks.flatMap(({ task, threshold }): ReadonlyArray<CurvesChart> => {
    const curves = curvesOf(study, task, returnQuantity, fold(key, "return"), colorsOf(study));
    return curves.every(({ seeds }) => seeds.length === 0) ? [] : [{ // no episode has ended yet
      kind: "curves",
      title: taskTitle(task),
      subtitle: seedCounts(study, task),
      x: { title: "Environment steps", scale: "linear", include: [0] },
      y: { title: "Return of an episode", scale: "linear", include: [] },
      interval: "band",
      curves,
      references: threshold === null ? [] : [{ value: threshold, label: `threshold ${formatGiven(threshold)}` }],
    }];
  }),
});

const notDone = (done: number, all: number): string => (done === all ? "" : ` (${done} of ${all} done)`);

/** (study, tasks) ⇒ final returns by task. */
export const finalFigure = (study: Study, tasks: ReadonlyArray<TaskReport>): Figure => ({
  name: "final_returns",
  title: "Final returns",
  caption:
    "Mean return over the last tenth of the iterations. Large dot: mean over the seeds that are done, with its " +
    "95% bootstrap interval from five seeds on. Small dots: single seeds.",
  charts: tasks.map(({ task, threshold, cells }) => ({
    kind: "intervals",
    title: taskTitle(task),
    subtitle: "",
    value: { title: "Final return", scale: "linear", include: [] },
    references: threshold === null ? [] : [{ value: threshold, label: "threshold" }],
    rows: cells.map(({ variant, runs, done, final }): IntervalRow => ({
      group: "",
      name: variant + notDone(done, runs.length),
      color: colorsOf(study)(variant),
      estimate: final?.estimate ?? null,
      low: final?.low ?? null,
      high: final?.high ?? null,
      points: runs.flatMap((run) => (run.state === "done" ? run.final ?? [] : [])),
      note: "",
    })),
  })),
});

const printedLines = (printed: PrintedRow | null) =>
  printed === null ? [] : [
    { value: printed.mscv, label: `paper: MSCV ${printed.mscv}` },
    { value: printed.trpo, label: `TRPO ${printed.trpo}` },
  ];

/** (study, tasks) ⇒ iterations to the threshold, beside the paper's Table 1. */
export const thresholdFigure = (study: Study, tasks: ReadonlyArray<TaskReport>): Figure => ({
  name: "threshold",
  title: "Iterations to the threshold",
  caption:
    "First iteration whose batch-mean return meets the task's threshold. Small dots: seeds that met it. Large dot: " +
    "median over all seeds by Kaplan and Meier, so that those which did not meet it count as longer than they ran.",
  charts: tasks.filter(({ threshold }) => threshold !== null).map(({ task, threshold, cells, printed }) => ({
    kind: "intervals",
    title: `${taskTitle(task)}: return ${formatGiven(threshold!)}`,
    subtitle: "",
    value: { title: "Iterations", scale: "linear", include: [0] },
    references: printedLines(printed),
    rows: cells.map(({ variant, runs, thresholdIterations }): IntervalRow => {
      const met = runs.filter((run) => run.thresholdIterations.outcome === "met");
      const longest = Math.max(...runs.map(({ iterations }) => iterations));
      return {
        group: "",
        name: `${variant}, met by ${met.length} of ${runs.length}`,
        color: colorsOf(study)(variant),
        estimate: thresholdIterations,
        low: null,
        high: null,
        points: met.map((run) => run.thresholdIterations.at),
        atLeast: runs.filter((run) => run.iterations > 0 && run.thresholdIterations.outcome === "censored")
          .map((run) => run.thresholdIterations.at),
        note: thresholdIterations === null ? `> ${longest}` : String(thresholdIterations),
      };
    }),
  })),
});
