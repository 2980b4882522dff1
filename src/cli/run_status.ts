/**
 * What `mscv status` does.
 *
 * @module
 */
import * as Console from "effect/Console";
import * as Effect from "effect/Effect";
import { join } from "node:path";
import process from "node:process";
import { readLog } from "../run/run_log.ts";
import { formatCount, formatDuration } from "../report/quantities.ts";
import { padded, widest } from "../report/table.ts";
import { readManifest, readSweep, type Sweep, type SweepCell } from "../sweep/manifest.ts";
import { reachableStorage } from "../sweep/reachable_storage.ts";
import { UsageInvalid } from "../config/usage.ts";
import { findSweep } from "../sweep/find_sweep.ts";
import { selectCells } from "../sweep/only.ts";
import { recordedOutcomes, writeOutcomes } from "../sweep/sweep_folder.ts";
import { sweepDatabase } from "../sweep/sweep_database.ts";
import { type CellNow, cellsNow } from "../sweep/watch_sweep.ts";

/** What `status` was asked for. */
export interface StatusRequest {
  readonly file: string;
  readonly out: string | null;
  readonly storage: string | null;
}

/** What the run folder of a cell tells; where that is on another machine, what its runner tells. */
interface Measured {
  readonly cell: SweepCell;
  readonly iterations: number;
  readonly steps: number;
  readonly seconds: number; // all iterations; 0: not known
  readonly warning: string | null; // what is wrong with its log
}

const measure = (cell: SweepCell): Measured => {
  const { records, warning } = cell.state === "waiting" || cell.state === "running" || cell.state === "done"
    ? readLog(join(cell.folder, "metrics.jsonl"))
    : { records: [], warning: null };
  const last = records.at(-1);
  return {
    cell,
    iterations: last?.iteration ?? 0,
    steps: last?.steps ?? 0,
    seconds: records.reduce((sum, { seconds }) => sum + seconds.total, 0),
    warning,
  };
};

const columns = ["done", "running", "failed", "waiting", "left out"] as const;

/** (cell, cells that the last command chose) ⇒ its column: what nobody asked for does not wait. */
const columnOf = (cell: SweepCell, chosen: ReadonlySet<string>): typeof columns[number] =>
  cell.state === "waiting" && !chosen.has(cell.id) ? "left out" : cell.state;

const table = (cells: ReadonlyArray<SweepCell>, chosen: ReadonlySet<string>): ReadonlyArray<string> => {
  const groups = Map.groupBy(cells, ({ task, variant }) => `${task} ${variant}`);
  const width = widest([...groups.keys()]), states = chosen.size < cells.length ? columns : columns.slice(0, -1);
  const counts = (group: ReadonlyArray<SweepCell>) =>
    states.map((state) =>
      String(group.filter((cell) => columnOf(cell, chosen) === state).length).padStart(state.length)
    );
  return [
    `${padded("", width, "left")}  ${states.join("  ")}`,
    ...[...groups].map(([name, group]) => `${padded(name, width, "left")}  ${counts(group).join("  ")}`),
    ...(groups.size > 1 ? [`${padded("all", width, "left")}  ${counts(cells).join("  ")}`] : []),
  ];
};

/** Seconds left with as many cells in training as now, estimated from the time of an iteration so far. */
const secondsLeft = (measured: ReadonlyArray<Measured>, chosen: ReadonlySet<string>): number | null => {
  const iterations = measured.reduce((sum, each) => sum + each.iterations, 0);
  const seconds = measured.reduce((sum, each) => sum + each.seconds, 0);
  const running = measured.filter(({ cell }) => cell.state === "running").length;
  if (iterations === 0 || running === 0) return null;
  const left = measured.filter(({ cell }) => ["running", "waiting"].includes(columnOf(cell, chosen)))
    .reduce((sum, { cell, iterations }) => sum + Math.max(0, cell.iterations - iterations), 0);
  return left * seconds / iterations / running;
};

/** (a cell that was begun and is at no end) ⇒ how far it is: interrupted where nobody works on it. */
const progressOf = ({ cell, iterations, steps, seconds }: Measured): string =>
  [
    `${
      cell.state === "running" ? "running" : "interrupted"
    }: ${cell.id}: ${iterations}/${cell.iterations} iterations, ${formatCount(steps)} steps`,
    ...(seconds === 0 ? [] : [`${formatCount(steps / seconds)} steps/s`]),
    ...(cell.host === null ? [] : [`on ${cell.host}`]),
  ].join(", ");

const failure = ({ id, folder, error }: SweepCell): string =>
  [
    `failed: ${id} (${folder})`,
    `  ${error?.tag}: ${error?.message.replaceAll("\n", "\n  ")}`,
    ...(error?.log ?? []).slice(-10).map((line) => `  | ${line}`),
  ].join("\n");

/** (sweep) ⇒ what the last command that trains it has asked for, by id. */
const chosenCells = ({ cells, only = [] }: Sweep): Effect.Effect<ReadonlySet<string>> =>
  selectCells(only, cells).pipe(
    Effect.orElseSucceed(() => cells), // filters of a file that has changed since
    Effect.map((chosen) => new Set(chosen.map(({ id }) => id))),
  );

const describe = (
  { name, folder, only = [] }: Sweep,
  measured: ReadonlyArray<Measured>,
  chosen: ReadonlySet<string>,
): string => {
  const cells = measured.map(({ cell }) => cell);
  const left = secondsLeft(measured, chosen);
  const some = chosen.size === cells.length ? "" : `, ${chosen.size} of them chosen by --only ${only.join(" --only ")}`;
  return [
    `${name}: ${cells.length} cells in ${folder}${some}`,
    ...table(cells, chosen),
    ...measured.filter(({ cell }) => cell.state === "running").map(progressOf),
    ...measured.filter(({ cell, iterations }) => cell.state === "waiting" && iterations > 0).map(progressOf),
    ...(left === null ? [] : [`${formatDuration(left)} left at this speed`]),
    ...cells.filter(({ state }) => state === "failed").map(failure),
  ].join("\n");
};

/** Cells as a database has them, by id. */
type Told = ReadonlyMap<string, CellNow>;

const nothingTold: Told = new Map();

/** (what the run folders tell, cells as the database has them) ⇒ whichever of the two is further, for each. */
const further = (
  measured: ReadonlyArray<Measured>,
  told: Told,
): ReadonlyArray<Measured> =>
  measured.map((each) => {
    const now = told.get(each.cell.id);
    if (now === undefined || each.cell.state === "done" || each.cell.state === "failed") return each;
    const cell: SweepCell = { ...each.cell, state: now.state, host: now.host };
    return now.done > each.iterations
      ? { ...each, cell, iterations: now.done, steps: now.steps, seconds: 0 }
      : { ...each, cell };
  });

/** Brings the outcomes and the run logs that a database has into the folder. (…) ⇒ what it has of the cells; or null. */
const synchronize = Effect.fnUntraced(function* (folder: string, argument: string | null) {
  const storage = yield* reachableStorage(argument, process.env);
  const manifest = readManifest(folder);
  if (storage === null || manifest === null) return nothingTold;
  const { bringLogs, postgresClient, SweepEngine } = yield* sweepDatabase;
  const reading = Effect.gen(function* () {
    const engine = yield* SweepEngine;
    const entries = yield* engine.read(manifest.sweep);
    yield* bringLogs(folder, manifest, entries, engine.keptLog, new Set());
    return entries;
  });
  const entries = yield* Effect.provide(reading, postgresClient(storage));
  const outcomes = recordedOutcomes(entries, manifest);
  yield* writeOutcomes(folder, manifest, outcomes);
  return new Map(
    cellsNow({ manifest, selected: manifest.cells }, entries, outcomes).map((cell) => [cell.id, cell]),
  );
});

/** (folder) ⇒ the sweep in it; null: none. Fails: UsageInvalid on a manifest of something else. */
const readSweepAt = (folder: string): Effect.Effect<Sweep | null, UsageInvalid> =>
  Effect.try({
    try: () => readSweep(folder),
    catch: (error) => new UsageInvalid({ message: `Cannot show ${folder}. ${(error as Error).message}` }),
  });

/** Shows what became of the cells of a sweep. */
export const runStatus = Effect.fnUntraced(function* ({ file, out, storage }: StatusRequest) {
  const folder = yield* findSweep(file, out);
  yield* readSweepAt(folder); // before anything is asked of a database
  const told = yield* synchronize(folder, storage);
  const sweep = yield* readSweepAt(folder);
  if (sweep === null) {
    return yield* Effect.fail(
      new UsageInvalid({
        message: `Cannot show ${folder} as it must be the folder of a sweep: start one by deno task ablate ${file}`,
      }),
    );
  }
  const measured = further(sweep.cells.map(measure), told);
  for (const { warning } of measured) if (warning !== null) yield* Console.error(`warning: ${warning}`);
  yield* Console.log(describe(sweep, measured, yield* chosenCells(sweep)));
});
