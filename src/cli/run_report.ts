/**
 * What `mscv report` does.
 * (paths) ⇒ tables on the output, figures and a page in a folder
 *
 * @module
 */
import * as Console from "effect/Console";
import * as Effect from "effect/Effect";
import { join } from "node:path";
import { fold, makeKey } from "../math/random.ts";
import { predictionFigure, predictionTable } from "../report/prediction_figure.ts";
import { makeReport, reportFigures } from "../report/report.ts";
import { printTable } from "../report/table.ts";
import { reportTables, stateLine } from "../report/tables.ts";
import type { Application } from "./application.ts";
import { UsageInvalid } from "../config/usage.ts";
import { refuseForbidden } from "../sandbox/denials.ts";
import { measurePrediction } from "../laboratory/measure_prediction.ts";
import { type FoundStudy, readStudy } from "./read_study.ts";
import { readPeers } from "./read_peers.ts";
import { reportAgents } from "./report_agents.ts";
import { writeReport } from "./write_report.ts";

/** What `report` was asked for. */
export interface ReportRequest {
  readonly paths: ReadonlyArray<string>;
  /** Run folders whose models' predictions are measured. */
  readonly prediction: ReadonlyArray<string>;
  /** Logs of other tools, as `--peer` takes them. */
  readonly peers: ReadonlyArray<string>;
  /** Folder of the report; null: beside what it reports on. */
  readonly out: string | null;
}

const key = makeKey(0); // of the resamples and of the episodes: the same runs give the same report

const nothing: FoundStudy = { study: { name: "", compare: [], runs: [] }, out: "", warnings: [] };

/** Reads the runs, prints the tables and writes the report. */
export const runReport = Effect.fnUntraced(function* (application: Application, request: ReportRequest) {
  const { paths, prediction, peers } = request;
  if (paths.length + prediction.length === 0) {
    return yield* Effect.fail(
      new UsageInvalid({ message: "Cannot report as a path or --prediction must be given: there is none" }),
    );
  }
  const engine = yield* Effect.promise(application.load);
  const { study: own, out: beside, warnings } = paths.length === 0
    ? { ...nothing, out: join(prediction[0], "report") }
    : yield* readStudy(paths, engine);
  const study = { ...own, runs: [...own.runs, ...(yield* readPeers(peers, own.runs, engine.catalog.tasks))] };
  for (const warning of warnings) yield* Console.error(`warning: ${warning}`);
  const report = makeReport(study, key);
  const measured = yield* Effect.forEach(prediction, (run) => measurePrediction(engine, run, fold(key, "prediction")));
  const title = study.name || "prediction", lead = paths.length === 0 ? prediction.join(", ") : stateLine(report);
  const tables = [...reportTables(report), ...measured.map(predictionTable)];
  const width = application.output.isTerminal ? application.output.columns : Infinity;
  yield* Console.log([`${title}: ${lead}`, ...tables.map((table) => printTable(table, width))].join("\n\n"));
  const figures = [...reportFigures(study, report, key), ...measured.map(predictionFigure)];
  const out = request.out ?? beside, part = yield* reportAgents(study, engine);
  yield* refuseForbidden(out);
  yield* writeReport(out, { title, lead, data: { ...report, prediction: measured }, tables, figures, part });
  yield* Console.log(`\nReport: ${join(out, "index.html")} (${figures.length} figures as SVG and PNG beside it)`);
});
