/**
 * The report on a study: numbers, and the figures that show them.
 * (study, key) ⇒ (report), (study, report, key) ⇒ (figures)
 *
 * @module
 */
import { fold, type Key } from "../math/random.ts";
import { aggregateFigure, improvementFigure, profileFigure } from "./aggregate_figures.ts";
import { type AggregateReport, reportAggregates } from "./aggregates.ts";
import { reportTasks, type TaskReport } from "./cells.ts";
import { diagnosticFigures, secondsFigure } from "./diagnostic_figures.ts";
import type { Figure } from "./figure.ts";
import { type Improvement, reportImprovements } from "./improvement.ts";
import { colorsOf, finalFigure, learningFigure, thresholdFigure } from "./return_figures.ts";
import { type Study, variantsOf } from "./study.ts";

/** Everything that is computed, as `report.json` holds it. */
export interface Report {
  readonly name: string;
  readonly tasks: ReadonlyArray<TaskReport>;
  readonly aggregates: AggregateReport;
  readonly improvements: ReadonlyArray<Improvement>;
}

/** (study, key) ⇒ (report). */
export const makeReport = (study: Study, key: Key): Report => {
  const tasks = reportTasks(study, fold(key, "tasks"));
  return {
    name: study.name,
    tasks,
    aggregates: reportAggregates(tasks, variantsOf(study), fold(key, "aggregates")),
    improvements: reportImprovements(tasks, study.compare, fold(key, "improvements")),
  };
};

/** (study, report, key) ⇒ its figures, those without charts left out. */
export const reportFigures = (study: Study, report: Report, key: Key): ReadonlyArray<Figure> => {
  const color = colorsOf(study), { aggregates, tasks } = report;
  const shared = aggregates.tasks.length < 2 // of one task they would show the final returns again
    ? []
    : [aggregateFigure(aggregates, color), profileFigure(aggregates, color)];
  const begun = tasks.filter(({ cells }) => cells.some(({ runs }) => runs.some(({ iterations }) => iterations > 0)));
  return [
    learningFigure(study, begun, key),
    ...shared,
    improvementFigure(report.improvements.filter(({ rows }) => rows.length > 0), color),
    finalFigure(study, begun),
    thresholdFigure(study, begun),
    ...diagnosticFigures(study, key),
    secondsFigure(study),
  ].filter(({ charts }) => charts.length > 0);
};
