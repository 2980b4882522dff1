/**
 * What `mscv report` does.
 * (paths) ⇒ tables on the output, figures and a page in a folder
 *
 * @module
 */
import * as Console from "effect/Console";
import * as Effect from "effect/Effect";
import { join } from "node:path";
import { makeKey } from "../math/random.ts";
import { makeReport, reportFigures } from "../report/report.ts";
import { printTable } from "../report/table.ts";
import { reportTables, stateLine } from "../report/tables.ts";
import type { Application } from "./application.ts";
import { readStudy } from "./read_study.ts";
import { writeReport } from "./write_report.ts";

/** What `report` was asked for. */
export interface ReportRequest {
  readonly paths: ReadonlyArray<string>;
  /** Folder of the report; null: beside what it reports on. */
  readonly out: string | null;
}

const key = makeKey(0); // of the resamples: the same runs give the same report

/** Reads the runs, prints the tables and writes the report. */
export const runReport = Effect.fnUntraced(function* (application: Application, request: ReportRequest) {
  const { catalog } = yield* Effect.promise(application.load);
  const { study, out: beside } = yield* readStudy(request.paths, catalog);
  const report = makeReport(study, key), tables = reportTables(report), lead = stateLine(report);
  yield* Console.log([`${report.name}: ${lead}`, ...tables.map(printTable)].join("\n\n"));
  const out = request.out ?? beside;
  const figures = reportFigures(study, report, key);
  yield* writeReport(out, { title: report.name, lead, data: report, tables, figures });
  yield* Console.log(`\nReport: ${join(out, "index.html")} (${figures.length} figures as SVG and PNG beside it)`);
});
