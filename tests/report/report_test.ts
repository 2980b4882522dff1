/**
 * Numbers of a report on made-up runs, each derived by hand.
 *
 * @module
 */
import { assert, assertAlmostEquals, assertEquals, assertStringIncludes } from "@std/assert";
import { makeKey } from "../../src/math/random.ts";
import { drawChart } from "../../src/report/charts/draw.ts";
import { makePage } from "../../src/report/page.ts";
import { makeReport, reportFigures } from "../../src/report/report.ts";
import { printTable } from "../../src/report/table.ts";
import { reportTables, stateLine } from "../../src/report/tables.ts";
import type { Study } from "../../src/report/study.ts";
import { historyOf, makeRun, makeStudy } from "./study.ts";

const key = makeKey(1);

/** Five seeds each: from 0 to 100 or more in two iterations, and from 0 to less. */
const study = makeStudy({
  mscv: [[0, 100], [0, 110], [0, 120], [0, 130], [0, 140]],
  trpo: [[0, 105], [0, 60], [0, 70], [0, 80], [0, 90]],
});

Deno.test("final and mean returns, their normalisation and the aggregates", () => {
  const { tasks: [task], aggregates } = makeReport(study, key);
  assertEquals([task.untrained, task.threshold], [0, 100]);
  assertEquals(task.cells.map(({ final }) => final?.estimate), [120, 81]); // last tenth of 2 iterations: the last one
  assertEquals(task.cells.map(({ average }) => average?.estimate), [60, 40.5]);
  const [mscv, trpo] = aggregates.variants;
  assertAlmostEquals(mscv.final.iqm.estimate, 1.2, 1e-12); // of 1, 1.1, 1.2, 1.3, 1.4 one is cut at each end
  assertEquals(mscv.final.optimalityGap.estimate, 0);
  assertAlmostEquals(trpo.final.optimalityGap.estimate, (0 + 0.4 + 0.3 + 0.2 + 0.1) / 5, 1e-12);
  assertAlmostEquals(trpo.final.iqm.estimate, 0.8, 1e-12);
  assert(mscv.final.mean.low! > 1 && mscv.final.mean.low! < 1.2 && mscv.final.mean.high! > 1.2);
});

Deno.test("improvement for any two runs and on the same seed", () => {
  const { improvements: [final] } = makeReport(study, key);
  const [row] = final.rows;
  assertAlmostEquals(row.independent.estimate, 24 / 25, 1e-12); // 100 against 105 alone is lost
  assertEquals(row.paired?.estimate, 0.8); // seed 0 is lost
  assertEquals([row.pairs, row.difference?.estimate], [5, 39]); // (−5 + 50 + 50 + 50 + 50) / 5
});

Deno.test("fewer than five seeds carry no interval, anywhere", () => {
  const four = makeStudy({ mscv: [[0, 1], [0, 2], [0, 3], [0, 4]], trpo: [[0, 1], [0, 2], [0, 3], [0, 4], [0, 5]] });
  const { tasks: [task], aggregates, improvements } = makeReport(four, key);
  const bare = (estimate: { readonly low: number | null; readonly high: number | null } | null) =>
    estimate !== null && estimate.low === null && estimate.high === null;
  assertEquals(task.cells.map(({ final }) => bare(final)), [true, false]);
  assertEquals(aggregates.variants.map(({ final }) => bare(final.iqm)), [true, false]);
  assertEquals(aggregates.variants.map(({ profile }) => profile.every(bare)), [true, false]);
  assert(improvements.every(({ rows }) => rows.every((row) => bare(row.independent) && bare(row.paired))));
  const [learning] = reportFigures(four, makeReport(four, key), key);
  const [chart] = learning.charts;
  assert(chart.kind === "curves");
  assertEquals(chart.curves.map(({ points }) => points.every(bare)), [true, false]);
});

Deno.test("runs that did not meet the threshold count as longer, and are shown so", () => {
  const { tasks: [{ cells: [mscv, trpo] }] } = makeReport(study, key);
  assertEquals([mscv.thresholdIterations, mscv.thresholdSteps], [2, 2000]);
  assertEquals(trpo.thresholdIterations, null); // one of five
  const table = reportTables(makeReport(study, key)).find(({ title }) =>
    title.startsWith("Iterations to the threshold")
  )!;
  assertEquals(table.rows[1].slice(3, 6), ["> 2", "> 2,000", "2, > 2, > 2, > 2, > 2"]);
});

Deno.test("evaluations while training have a table of their own, where there are any", () => {
  const titled = (of: Study) =>
    reportTables(makeReport(of, key)).find(({ title }) => title === "Evaluations while training");
  assertEquals(titled(study), undefined);
  const evaluated = (seed: number, values: ReadonlyArray<number>) =>
    makeRun({
      seed,
      history: historyOf(values).map((record, i) => ({ ...record, metrics: { "evaluation.return": values[i] } })),
    });
  const two = { name: "two", compare: [], runs: [evaluated(0, [10, 40, 20]), evaluated(1, [10, 10, 30])] };
  // last: (20 + 30)/2; best: (40 + 30)/2
  assertEquals(titled(two)!.rows, [["Hopper", "mscv", "25.0", "35.0", "20.0, 30.0"]]);
});

Deno.test("evaluations after exactly 100,000, 300,000 and 1,000,000 steps, where every seed that is done has one", () => {
  const evaluated = (variant: string, seed: number, returns: Readonly<Record<number, number>>, changes = {}) =>
    makeRun({
      ...{ variant, seed, ...changes },
      history: historyOf(Object.values(returns)).map((record, i) => ({
        ...{ ...record, steps: Number(Object.keys(returns)[i]) },
        metrics: { "evaluation.return": Object.values(returns)[i] },
      })),
    });
  const report = makeReport({
    name: "steps",
    compare: [],
    runs: [
      evaluated("mscv", 0, { 100_000: 10, 200_000: 99, 300_000: 30 }),
      evaluated("mscv", 1, { 100_000: 20, 300_000: 50 }),
      evaluated("mscv", 2, { 50_000: 1000, 100_000: 1000 }, { state: "running" }),
      evaluated("trpo", 0, { 100_000: 7, 300_000: 8, 1_000_000: 9 }),
      evaluated("trpo", 1, { 100_000: 9, 299_000: 8, 301_000: 8 }), // not done so far, nor evaluated at 300,000
      ...[0, 1, 2, 3, 4].map((seed) => evaluated("svg", seed, { 1_000_000: 4 })),
      evaluated("qprop", 0, { 200_000: 5 }),
    ],
  }, key);
  const table = reportTables(report).find(({ title }) => title === "Evaluations after so many steps")!;
  assertEquals(table.columns.map(({ name }) => name), ["task", "variant", "100,000", "300,000", "1,000,000"]);
  assertEquals(table.rows, [
    ["Hopper", "mscv", "15.0", "40.0", "–"], // (10 + 20)/2 and (30 + 50)/2; what runs enters no mean
    ["Hopper", "trpo", "8.00", "–", "–"], // (7 + 9)/2
    ["Hopper", "svg", "–", "–", "4.00 [4.00, 4.00]"], // five seeds that agree
  ]);
  const few = { low: null, high: null };
  assertEquals(report.tasks[0].cells[0].evaluation?.after, [
    { steps: 100_000, return: { estimate: 15, ...few } },
    { steps: 300_000, return: { estimate: 40, ...few } },
  ]);
  const [first, , running] = report.tasks[0].cells[0].runs;
  assertEquals(first.evaluation?.after.map(({ steps }) => steps), [100_000, 300_000]);
  assertEquals(running.evaluation, { last: 1000, best: 1000, after: [{ steps: 100_000, return: 1000 }] });
  const columnsOf = (returns: Readonly<Record<number, number>>) =>
    reportTables(makeReport({ name: "short", compare: [], runs: [evaluated("mscv", 0, returns)] }, key))
      .find(({ title }) => title === "Evaluations after so many steps")?.columns.map(({ name }) => name);
  assertEquals(columnsOf({ 90_000: 3 }), undefined);
  assertEquals(columnsOf({ 100_000: 3, 200_000: 4 }), ["task", "variant", "100,000"]);
});

Deno.test("the paper's numbers stand beside runs at the paper's threshold only", () => {
  const at = (threshold: number) =>
    makeReport({ ...study, runs: study.runs.map((run) => ({ ...run, threshold })) }, key).tasks[0].printed;
  assertEquals(at(100), null);
  assertEquals(at(2000), { threshold: 2000, batch: 5000, mscv: 35, trpo: 57 }); // Table 1
});

Deno.test("a task without a threshold has its returns, and no part in what needs one", () => {
  const own = study.runs.map((run) => ({ ...run, task: "pendulum", threshold: null }));
  const report = makeReport({ ...study, runs: [...study.runs, ...own] }, key), [, pendulum] = report.tasks;
  assertEquals([pendulum.threshold, pendulum.cells[0].final?.estimate], [null, 120]);
  assertEquals([pendulum.cells[0].thresholdIterations, pendulum.printed], [null, null]);
  assertEquals(report.aggregates.tasks, ["hopper"]);
  const table = reportTables(report).find(({ title }) => title.startsWith("Iterations to the threshold"))!;
  assertEquals(table.rows.map(([task]) => task), ["Hopper", "Hopper"]);
  const figures = reportFigures({ ...study, runs: [...study.runs, ...own] }, report, key);
  const titles = (name: string) => figures.find((figure) => figure.name === name)!.charts.map(({ title }) => title);
  assertEquals(titles("threshold"), ["Hopper: return 100"]);
  assertEquals(titles("final_returns"), ["Hopper", "Pendulum"]);
  const alone = makeReport({ ...study, runs: own }, key);
  assertEquals(alone.aggregates, { tasks: [], variants: [] });
});

Deno.test("failed, running and waiting runs are shown, and enter no mean", () => {
  const failed = makeRun({ seed: 5, state: "failed", error: "NaN in G1", history: historyOf([0, 999]) });
  const waiting = makeRun({ seed: 6, state: "waiting", history: [] });
  const running = makeRun({ variant: "trpo", seed: 5, state: "running", history: historyOf([0]) });
  const report = makeReport({ ...study, runs: [...study.runs, failed, waiting, running] }, key);
  assertEquals(report.tasks[0].cells.map(({ final, done }) => [final?.estimate, done]), [[120, 5], [81, 5]]);
  assertEquals(stateLine(report), "10 of 13 runs done, 1 failed, 1 running, 1 waiting");
  const text = reportTables(report).map((table) => printTable(table)).join("\n");
  for (const line of ["NaN in G1", "999 (failed)", "waiting", "0.00 (running)"]) assertStringIncludes(text, line);
});

Deno.test("seeds without a partner leave the pairs, and a variant without a task leaves the aggregates", () => {
  const [first] = study.runs;
  const more = { ...study, runs: [...study.runs, { ...first, seed: 9 }, { ...first, task: "swimmer" }] };
  const { aggregates, improvements } = makeReport(more, key);
  assertEquals(aggregates.tasks, ["hopper"]);
  assertEquals(improvements[0].rows.map(({ task, pairs }) => [task, pairs]), [["hopper", 5]]);
});

Deno.test("the same runs give the same report", () => {
  assertEquals(makeReport(study, key), makeReport(study, key));
});

Deno.test("no run has begun: a report all the same", () => {
  const none = { ...study, runs: study.runs.map((run) => ({ ...run, state: "waiting" as const, history: [] })) };
  const report = makeReport(none, key);
  assertEquals(reportFigures(none, report, key), []);
  // five seeds a variant, a row for all of them
  const rows = reportTables(report).at(-1)!.rows;
  assertEquals(rows.map((row) => row.slice(1, 5)), [["mscv", "0–4", "waiting", "0"], ["trpo", "0–4", "waiting", "0"]]);
});

Deno.test("no episode has ended: no learning curve, and dashes in the tables", () => {
  const early = makeStudy({ mscv: [[null, null]], trpo: [[null]] });
  const report = makeReport(early, key);
  assert(reportFigures(early, report, key).every(({ name }) => name !== "learning_curves"));
  assertEquals(reportTables(report)[0].rows.map((row) => row.slice(3)), [["–", "–", "–"], ["–", "–", "–"]]);
});

Deno.test("a page holds every drawing and table and asks for nothing from anywhere", async () => {
  const report = makeReport(study, key);
  const figures = await Promise.all(
    reportFigures(study, report, key).map(async (figure) => ({
      ...figure,
      drawings: await Promise.all(figure.charts.map((chart) => drawChart(chart))),
    })),
  );
  const page = makePage({ title: "<made up>", lead: "", tables: reportTables(report), figures, part: null });
  assertEquals(page.split("<svg").length - 1, figures.flatMap(({ drawings }) => drawings).length);
  assertEquals(page.split("<table>").length - 1, reportTables(report).length);
  assertStringIncludes(page, "<h1>&lt;made up&gt;</h1>");
  const outside = page.replaceAll("http://www.w3.org/", "").match(/https?:|url\((?!#)|src=|@import|<link|<script/g);
  assertEquals(outside, null);
});
