/**
 * Figures over all tasks: aggregates, performance profile, probability of improvement.
 * (report) ⇒ (figures)
 *
 * @module
 */
import type { AggregateReport, Aggregates } from "./aggregates.ts";
import type { Chart, IntervalRow } from "./charts/chart.ts";
import type { Estimate } from "./estimate.ts";
import type { Figure } from "./figure.ts";
import type { Improvement } from "./improvement.ts";
import { taskTitle } from "./return_figures.ts";

type Color = (variant: string) => string;

const statistics: ReadonlyArray<readonly [keyof Aggregates, string]> = [
  ["iqm", "Interquartile mean"],
  ["mean", "Mean"],
  ["median", "Median over tasks"],
  ["optimalityGap", "Optimality gap (less is better)"],
];

const row = (group: string, name: string, color: string, value: Estimate): IntervalRow => ({
  group,
  name,
  color,
  ...value,
  points: [],
  note: "",
});

const aggregateChart = ({ variants }: AggregateReport, measure: "final" | "average", color: Color): Chart => ({
  kind: "intervals",
  title: measure === "final" ? "Final return" : "Mean return over all iterations",
  subtitle: "",
  value: { title: "Normalised return (0 untrained, 1 threshold)", scale: "linear", include: [] },
  references: [],
  rows: statistics.flatMap(([statistic, title]) =>
    variants.map((variant) => row(title, variant.variant, color(variant.variant), variant[measure][statistic]))
  ),
});

const namesOf = (tasks: ReadonlyArray<string>): string => tasks.map(taskTitle).join(", ");

/** (aggregates, colours) ⇒ rliable's aggregates of final and of mean returns. */
export const aggregateFigure = (report: AggregateReport, color: Color): Figure => ({
  name: "aggregates",
  title: "Over all tasks",
  caption:
    `Returns over ${namesOf(report.tasks)}, normalised so that 0 is the mean return of all runs' first iteration ` +
    "and 1 the task's threshold. 95% intervals by the bootstrap stratified by task, from five seeds a task on.",
  charts: (["final", "average"] as const).map((measure) => aggregateChart(report, measure, color)),
});

/** (aggregates, colours) ⇒ share of runs above each normalised return. */
export const profileFigure = ({ tasks, variants }: AggregateReport, color: Color): Figure => ({
  name: "performance_profile",
  title: "Performance profile",
  caption: `Share of all runs over ${namesOf(tasks)} whose normalised final return lies above τ, with pointwise 95% ` +
    "bootstrap intervals from five seeds a task on: a curve above another is better at every τ.",
  charts: [{
    kind: "curves",
    title: "Runs above a return",
    subtitle: "",
    x: { title: "Normalised final return τ (1 = threshold)", scale: "linear", include: [0] },
    y: { title: "Share of runs above τ", scale: "linear", include: [0, 1] },
    interval: "band",
    references: [],
    curves: variants.map(({ variant, profile }) => ({
      name: variant,
      color: color(variant),
      stroke: "solid",
      line: "steps",
      points: profile.map(({ tau, estimate, low, high }) => ({ x: tau, y: estimate, low, high })),
      seeds: [],
    })),
  }],
});

const contestTitle = ({ of, with: against, measure }: Improvement): string =>
  `${of} over ${against}: ${measure === "final" ? "final return" : "mean return over all iterations"}`;

/** (improvements, colours) ⇒ P(X > Y) by task and over all, for independent runs and on the same seed. */
export const improvementFigure = (improvements: ReadonlyArray<Improvement>, color: Color): Figure => ({
  name: "improvement",
  title: "Probability of improvement",
  caption: "How probable it is that a run of the first variant returns more than one of the second: any two runs, as " +
    "rliable has it, and runs of the same seed. Above .5 the first is better; 95% bootstrap intervals from five seeds on.",
  charts: improvements.map((improvement) => ({
    kind: "intervals",
    title: contestTitle(improvement),
    subtitle: "",
    value: { title: "P(first > second)", scale: "linear", include: [0, 1] },
    references: [{ value: 0.5, label: "" }],
    rows: improvement.rows.flatMap(({ task, independent, paired, pairs }) => {
      const group = task === null ? "All tasks" : taskTitle(task), tone = color(improvement.of);
      const any = row(group, "any two runs", tone, independent);
      return paired === null ? [any] : [any, row(group, `same seed (${pairs} pairs)`, tone, paired)];
    }),
  })),
});
