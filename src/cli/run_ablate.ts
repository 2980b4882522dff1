/**
 * What `mscv ablate` does.
 * (request) ⇒ a sweep folder with every cell at its end
 *
 * @module
 */
import * as Console from "effect/Console";
import * as Effect from "effect/Effect";
import * as Schedule from "effect/Schedule";
import { mkdirSync } from "node:fs";
import process from "node:process";
import { writing } from "../files/durable_file.ts";
import { lockRunFolder, lockSilence, makeLockWatch } from "../files/folder_lock.ts";
import { workKey } from "../sweep/cell_work.ts";
import {
  type ManifestCell,
  manifestPath,
  type Outcome,
  readManifest,
  readOutcome,
  readSweep,
} from "../sweep/manifest.ts";
import type { Storage } from "../sweep/storage.ts";
import { sweepDatabase } from "../sweep/sweep_database.ts";
import { cleanSweepFolder, writeManifest } from "../sweep/sweep_folder.ts";
import { reachableStorage } from "../sweep/reachable_storage.ts";
import type { Application } from "./application.ts";
import { causesAtStart } from "../sweep/causes.ts";
import { CellsFailed } from "../sweep/errors.ts";
import { UsageInvalid } from "../config/usage.ts";
import { refuseForbidden } from "../sandbox/denials.ts";
import { findSweep } from "../sweep/find_sweep.ts";
import { type Following, followOnce } from "../sweep/follow_sweep.ts";
import { type PlannedSweep, planRequest, retryFailed, type SweepRequest, unfinished } from "../sweep/prepare_sweep.ts";
import { makeSweepDisplay, watchSweep } from "../sweep/watch_sweep.ts";
import { loadModule } from "../files/load_module.ts";

/** What `ablate` was asked for. */
export interface AblateRequest extends SweepRequest {
  readonly storage: string | null;
  /** Cells trained at a time, by the embedded engine. */
  readonly slots: number;
  /** plan: only shows what there is to do; submit: leaves it to the runners; cancel: takes it from them. */
  readonly mode: "plan" | "submit" | "cancel" | "run";
  readonly failed: "keep" | "retry";
}

const headline = (sweep: PlannedSweep): string => {
  const { selected, manifest, folder } = sweep;
  const picked = selected.length === manifest.cells.length ? "" : ` of ${manifest.cells.length}`;
  return `${manifest.name}: ${selected.length}${picked} cells, ${unfinished(sweep).length} to do, in ${folder}`;
};

const showPlan = Effect.fnUntraced(function* (sweep: PlannedSweep) {
  yield* Console.log(headline(sweep));
  for (const cell of sweep.selected) {
    yield* Console.log(
      `${readOutcome(sweep.folder, cell)?.state ?? "to do"}  ${cell.id}  ${cell.iterations} iterations`,
    );
  }
});

const conclude = Effect.fnUntraced(function* (sweep: PlannedSweep, outcomes: ReadonlyMap<string, Outcome>) {
  const { selected, manifest, folder } = sweep;
  const done = selected.filter(({ id }) => outcomes.get(id)?.state === "done").length;
  const summary = `Done: ${done} of ${selected.length} cells`;
  if (done === selected.length) return yield* Console.log(`${summary}\nNext: deno task report ${folder}`);
  yield* Console.log(summary);
  const ended = selected.flatMap(({ id }) => outcomes.get(id) ?? []);
  for (const line of causesAtStart(ended)) yield* Console.error(line);
  return yield* new CellsFailed({
    message: `Cannot finish ${selected.length - done} of ${selected.length} cells: see deno task status ` +
      `${manifest.file} --out ${folder}, then go on by --retry-failed`,
  });
});

/** (sweep folder) ⇒ its lock; the folder is made where it is missing. */
const lockSweep = (folder: string) =>
  Effect.andThen(writing(folder, () => mkdirSync(folder, { recursive: true })), lockRunFolder(folder));

/** Refuses to train here what the runners of a database have not finished. */
const refuseMixed = (folder: string, storage: Storage | null): Effect.Effect<void, UsageInvalid> => {
  const sweep = readSweep(folder);
  const there = sweep?.storage;
  const isOver = sweep?.cells.every(({ state }) => state === "done" || state === "failed") ?? true;
  return there === undefined || there === storage?.label || isOver ? Effect.void : Effect.fail(
    new UsageInvalid({
      message:
        `Cannot train ${folder} ${storage === null ? "here" : `by ${storage.label}`} as its cells were submitted ` +
        `to ${there}: go on by that --storage, or take them back by --cancel (where that database is gone for good, ` +
        `take "storage" out of ${manifestPath(folder)})`,
    }),
  );
};

/** Plans the sweep and writes its manifest, while no other command does. */
const begin = Effect.fnUntraced(function* (
  { load }: Application,
  request: AblateRequest,
  folder: string,
  storage: Storage | null,
) {
  const { catalog } = yield* Effect.promise(load);
  yield* refuseMixed(folder, storage);
  const planned = yield* planRequest(request, catalog);
  const sweep = request.failed === "retry" ? retryFailed(planned) : planned;
  const manifest = storage === null ? sweep.manifest : { ...sweep.manifest, storage: storage.label };
  yield* writeManifest(folder, manifest);
  yield* Console.log(headline(sweep));
  return sweep;
});

/** Trains here, or follows the command that does and takes over where that ends before the sweep does. */
const runHere = Effect.fnUntraced(function* (application: Application, request: AblateRequest, planned: PlannedSweep) {
  const { runEmbedded } = yield* Effect.promise(() =>
    loadModule<typeof import("../sweep/run_embedded.ts")>(import.meta.resolve("../sweep/run_embedded.ts"))
  );
  const watch = makeLockWatch(lockSilence);
  const following: Following = { display: makeSweepDisplay(application.output), watch, named: "" };
  const work = Effect.gen(function* () {
    yield* lockSweep(planned.folder);
    following.display.end();
    const sweep = yield* begin(application, request, planned.folder, null);
    yield* cleanSweepFolder(planned.folder); // after it was seen that no database's watcher writes here
    return { sweep, outcomes: yield* runEmbedded(application.output, request.slots, sweep) };
  });
  return yield* Effect.scoped(work).pipe(
    Effect.catchTag(
      "RunFolderBusy",
      (busy) =>
        Effect.map(followOnce(planned, request.failed, busy, following), (outcomes) => ({ sweep: planned, outcomes })),
    ),
    Effect.retry({ while: (error) => error._tag === "RunFolderBusy", schedule: Schedule.spaced("1 second") }),
    Effect.ensuring(Effect.sync(following.display.end)),
  );
});

/** Plans what the runners of a database shall do, once no other command plans; one that trains here does not let go. */
const planThere = (application: Application, request: AblateRequest, folder: string, storage: Storage) =>
  Effect.scoped(Effect.andThen(lockSweep(folder), begin(application, request, folder, storage))).pipe(
    Effect.retry({
      while: (error) => error._tag === "RunFolderBusy",
      schedule: Schedule.spaced("200 millis"),
      times: 25,
    }),
    Effect.catchTag("RunFolderBusy", ({ pid, host, lock }) =>
      Effect.fail(
        new UsageInvalid({
          message: `Cannot submit ${folder} as no other command may work on it: process ${pid} on ${host} trains it ` +
            `there. Stop that one first, or leave --storage out to follow it (where it is gone, remove ${lock})`,
        }),
      )),
  );

/** Leaves the cells to the runners of a database, and watches them unless that is not wanted. */
const runThere = Effect.fnUntraced(function* (
  application: Application,
  request: AblateRequest,
  folder: string,
  storage: Storage,
) {
  yield* refuseMixed(folder, storage);
  const { bringLogs, overDatabase, postgresClient, submitCells, SweepEngine } = yield* sweepDatabase;
  const watch = Effect.gen(function* () {
    const engine = yield* SweepEngine;
    const sweep = yield* planThere(application, request, folder, storage);
    const { cells, sweep: key } = sweep.manifest, fresh = unfinished(sweep);
    const keysOf = (of: ReadonlyArray<ManifestCell>) => of.map((cell) => workKey({ sweep: key, ...cell }));
    const withdrawn = yield* engine.wantOnly(key, { submitted: keysOf(fresh), kept: keysOf(cells) }).pipe(
      Effect.retry(Schedule.spaced("1 second")),
      Effect.orDie,
    );
    if (withdrawn > 0) yield* Console.log(`Withdrawn: ${withdrawn} cells of an earlier submission`);
    yield* submitCells(fresh.map(sweep.work));
    yield* Console.log(`Submitted to ${storage.label}. Start runners by: deno task runner --storage …`);
    if (request.mode === "submit") return;
    const brought = new Set<string>();
    const read = Effect.tap(
      engine.read(sweep.manifest.sweep),
      (entries) =>
        bringLogs(folder, sweep.manifest, entries, engine.keptLog, brought).pipe(
          Effect.catchTag("RunFolderUnwritable", () => Effect.void), // the outcomes, which come next, tell of it
        ),
    );
    yield* conclude(sweep, yield* watchSweep(sweep, application.output, read));
  });
  yield* overDatabase(storage.label, postgresClient(storage), watch).pipe(
    Effect.onInterrupt(() => Console.log("Interrupted: the runners go on. Watch them by the same command")),
  );
});

/** Takes all cells of the sweep from the runners. */
const cancel = Effect.fnUntraced(function* ({ folder, manifest }: PlannedSweep, storage: Storage | null) {
  if (storage === null) {
    return yield* Effect.fail(
      new UsageInvalid({
        message: "Cannot cancel as --storage must name a database: without one, Ctrl-C ends a sweep",
      }),
    );
  }
  const { postgresClient, SweepEngine } = yield* sweepDatabase;
  const withdraw = SweepEngine.use(({ wantOnly }) => wantOnly(manifest.sweep, { submitted: [], kept: [] }));
  const withdrawn = yield* Effect.provide(withdraw, postgresClient(storage));
  const present = readManifest(folder);
  if (present?.storage === storage.label) {
    const { storage: _, ...free } = present;
    yield* writeManifest(folder, free);
  }
  yield* Console.log(
    `Withdrawn: ${withdrawn} cells in ${folder}; what is in training stops within seconds. Go on by the same command ` +
      "without --cancel, and here without --storage",
  );
});

/** Brings every selected cell to its end. Fails: CellsFailed where a cell has failed, after all others are done. */
export const runAblate = Effect.fnUntraced(function* (application: Application, request: AblateRequest) {
  if (request.slots < 1) {
    return yield* Effect.fail(
      new UsageInvalid({
        message: `Cannot train as --slots must be 1 or more: current value is ${request.slots}`,
      }),
    );
  }
  const { catalog } = yield* Effect.promise(application.load);
  if (request.mode !== "plan") yield* refuseForbidden(yield* findSweep(request.file, request.out));
  const planned = yield* planRequest(request, catalog);
  if (request.mode === "plan") return yield* showPlan(planned);
  const storage = yield* reachableStorage(request.storage, process.env);
  if (request.mode === "cancel") return yield* cancel(planned, storage);
  if (storage === null) {
    if (request.mode === "submit") {
      return yield* Effect.fail(
        new UsageInvalid({
          message: "Cannot detach as --storage must name a database: without one, `ablate` itself trains the cells",
        }),
      );
    }
    const { sweep, outcomes } = yield* Effect.onInterrupt(
      runHere(application, request, planned),
      () => Console.log("Interrupted. Go on by the same command"),
    );
    return yield* conclude(sweep, outcomes);
  }
  yield* runThere(application, request, planned.folder, storage);
});
