/**
 * Figures on what happens inside: variance ratio, correlation, w, KL, seconds by stage.
 * (study) ⇒ (figures)
 *
 * @module
 */
import { fold, type Key } from "../math/random.ts";
import type { BarsChart, Chart, Curve } from "./charts/chart.ts";
import { colorOf } from "./charts/theme.ts";
import type { Figure } from "./figure.ts";
import { metricQuantity, type Quantity } from "./learning_curves.ts";
import { colorsOf, curvesOf, taskTitle } from "./return_figures.ts";
import { type Cell, cellsOf, type Study, type StudyRun, tasksOf } from "./study.ts";

/** A metric of the run log. */
interface Diagnostic {
  readonly metric: string;
  /** Name of its figure's files. */
  readonly name: string;
  readonly title: string;
  readonly caption: string;
  readonly axis: string;
  readonly include: ReadonlyArray<number>;
  /** "control": of the control variate, so that variants without one are left out; "all": of every variant. */
  readonly of: "control" | "all";
}

const diagnostics: ReadonlyArray<Diagnostic> = [
  {
    metric: "estimateGradient.varianceRatio",
    name: "variance_ratio",
    title: "Variance left by the control variate",
    caption: "What the control variate leaves of the signal's variance: 1 is no gain.",
    axis: "share of Var(A) that is left",
    include: [0, 1],
    of: "control",
  },
  {
    metric: "estimateGradient.correlation",
    name: "correlation",
    title: "Correlation with imagination",
    caption: "Correlation of the real advantage with the imagined one: the variance falls at most by 1 − ρ².",
    axis: "ρ(A, Ã)",
    include: [0, 1],
    of: "control",
  },
  {
    metric: "estimateGradient.coefficient",
    name: "coefficient",
    title: "Coefficient of the control variate",
    caption: "w in use: 0 is the likelihood ratio alone, 1 the paper's.",
    axis: "w",
    include: [0, 1],
    of: "control",
  },
  {
    metric: "trpoUpdate.kl",
    name: "kl",
    title: "KL divergence of the update",
    caption: "Mean KL divergence from the policy before to the policy after the update.",
    axis: "KL (nats)",
    include: [0],
    of: "all",
  },
];

/** (study) ⇒ the same without the runs that never used a control variate. */
const withControl = (study: Study): Study => {
  const coefficient = metricQuantity("estimateGradient.coefficient");
  const used = ({ history }: StudyRun) => history.some((record) => (coefficient(record) ?? 0) !== 0);
  return { ...study, runs: study.runs.filter(used) };
};

const chartOf = (
  study: Study,
  task: string,
  { metric, axis, include }: Diagnostic,
  draw: Draw,
): ReadonlyArray<Chart> => {
  const curves = draw(study, task, metricQuantity(metric)).filter(({ points }) => points.some(({ y }) => y !== null));
  return curves.length === 0 ? [] : [{
    kind: "curves",
    title: taskTitle(task),
    subtitle: "",
    x: { title: "Environment steps", scale: "linear", include: [0] },
    y: { title: axis, scale: "linear", include },
    interval: "band",
    curves,
    references: [],
  }];
};

type Draw = (study: Study, task: string, quantity: Quantity) => ReadonlyArray<Curve>;

/** (study, key) ⇒ metrics of the stages over environment steps, one figure each. */
export const diagnosticFigures = (study: Study, key: Key): ReadonlyArray<Figure> => {
  const color = colorsOf(study), controlled = withControl(study);
  return diagnostics.map((diagnostic) => {
    const { name, title, caption, of, metric } = diagnostic;
    const draw: Draw = (some, task, quantity) => curvesOf(some, task, quantity, fold(key, metric), color);
    const shown = of === "control" ? controlled : study;
    return {
      name,
      title,
      caption: caption + (of === "control" ? " Variants without a control variate are left out." : ""),
      charts: tasksOf(shown).flatMap((task) => chartOf(shown, task, diagnostic, draw)),
    };
  });
};

const secondsOf = ({ runs }: Cell, stage: string): number => {
  const records = runs.flatMap(({ history }) => history);
  return records.reduce((sum, { seconds }) => sum + (seconds[stage] ?? 0), 0) / Math.max(1, records.length);
};

const barsOf = (study: Study, task: string, stages: ReadonlyArray<string>): BarsChart => ({
  kind: "bars",
  layout: "stacked",
  title: taskTitle(task),
  subtitle: "",
  value: { title: "Seconds an iteration (s)" },
  parts: stages.map((name, i) => ({ name, color: colorOf(i) })),
  categories: cellsOf(study, task).filter(({ runs }) => runs.some(({ history }) => history.length > 0))
    .map((cell) => ({
      name: cell.variant,
      bars: stages.map((stage) => ({ value: secondsOf(cell, stage), low: null, high: null })),
    })),
});

/** (study) ⇒ mean seconds of each stage. */
export const secondsFigure = (study: Study): Figure => {
  const names = study.runs.flatMap(({ history }) => history.flatMap(({ seconds }) => Object.keys(seconds)));
  const stages = [...new Set(names)].filter((name) => name !== "total");
  return {
    name: "seconds",
    title: "Seconds by stage",
    caption: "Mean over all iterations of all seeds. Runs that share a machine slow each other down.",
    charts: tasksOf(study).map((task) => barsOf(study, task, stages)).filter(({ categories }) => categories.length > 0),
  };
};
