/**
 * A sweep on this machine alone: the engine, its database in the sweep's folder, and the training processes.
 *
 * @module
 */
import * as Deferred from "effect/Deferred";
import * as Effect from "effect/Effect";
import * as Fiber from "effect/Fiber";
import type * as Layer from "effect/Layer";
import type { SqlClient } from "effect/sql/SqlClient";
import type { SqlError } from "effect/sql/SqlError";
import { reasonOf as messageOf } from "../files/reason.ts";
import { RunFolderUnwritable } from "../files/errors.ts";
import type { Output } from "../report/display.ts";
import { trainInProcess } from "./cell_process.ts";
import type { TrainCell } from "./cell_queue.ts";
import { type CellWork, workKey } from "./cell_work.ts";
import { embeddedEngine, SweepEngine } from "./engine.ts";
import { databasePath, type Outcome } from "./manifest.ts";
import { isMachineFault } from "./machine_faults.ts";
import { sqliteClient } from "./sqlite.ts";
import { realPath } from "../files/real_path.ts";
import { cellCommand } from "./cell_command.ts";
import { MachineUnfit } from "./errors.ts";
import { UsageInvalid } from "../config/usage.ts";
import { type PlannedSweep, unfinished } from "./prepare_sweep.ts";
import { watchSweep } from "./watch_sweep.ts";

/** Errors of SQLite that do not go away by trying again. */
const lasting = /disk is full|readonly database|disk I\/O error|malformed|not a database|unable to open/;

/** What ends a command before its sweep. */
type Unfit = RunFolderUnwritable | MachineUnfit | UsageInvalid;

/** Where it is told. */
type Broken = Deferred.Deferred<never, Unfit>;

/** Cells that are submitted ahead of those in training: enough to keep the slots busy, few to keep in memory. */
const ahead = 8;

const reasonOf = (error: unknown): string => {
  const reason = messageOf(error);
  return /malformed|not a database/.test(reason) ? `${reason}; remove it, cells and outcomes are kept` : reason;
};

const unwritable = (path: string) => (error: SqlError) =>
  new RunFolderUnwritable({ path, reason: reasonOf(error.reason.cause ?? error) });

/** Faults of this machine end the command: every other cell would meet them too. */
const stopAtFaults = (train: TrainCell, broken: Broken): TrainCell => (work) =>
  Effect.catchIf(
    train(work),
    isMachineFault,
    ({ tag, reason: message }) => {
      const unfit = tag === "SettingInvalid" ? new UsageInvalid({ message }) : new MachineUnfit({ message });
      return Effect.andThen(Deferred.fail(broken, unfit), Effect.never);
    },
  );

const trainHere = Effect.fnUntraced(function* (output: Output, slots: number, sweep: PlannedSweep, broken: Broken) {
  const engine = yield* SweepEngine;
  const { sweep: key } = sweep.manifest;
  const wanted = new Set(sweep.selected.map((cell) => workKey({ sweep: key, ...cell })));
  const selected = (work: CellWork) => wanted.has(workKey(work)); // not one that was queued before the file was changed
  const rest = unfinished(sweep)[Symbol.iterator]();
  const submitNext = Effect.suspend(() => {
    const next = rest.next();
    return next.done ? Effect.void : engine.submit(sweep.work(next.value));
  });
  const trainOne = stopAtFaults(
    trainInProcess(cellCommand(Deno.mainModule), { runs: realPath(sweep.folder), modules: sweep.modules }, engine.note),
    broken,
  );
  const train: TrainCell = (work) => Effect.andThen(submitNext, trainOne(work));
  yield* Effect.forkScoped(engine.work(slots, selected, train));
  for (let i = 0; i < slots + ahead; i++) yield* submitNext;
  return yield* watchSweep(sweep, output, engine.read(key));
});

/**
 * (output, cells at a time, sweep) ⇒ the outcomes of its cells.
 *
 * Fails: RunFolderUnwritable, as soon as the database cannot be written and will not be without help; MachineUnfit, as
 * soon as a cell meets a fault of this machine's; UsageInvalid, where that is a setting.
 */
export const runEmbedded = Effect.fnUntraced(function* (
  output: Output,
  slots: number,
  sweep: PlannedSweep,
): Effect.fn.Return<ReadonlyMap<string, Outcome>, Unfit> {
  const path = databasePath(sweep.folder);
  const broken: Broken = yield* Deferred.make<never, Unfit>();
  const failed = (error: unknown) => {
    const reason = reasonOf(error);
    if (lasting.test(reason)) Effect.runFork(Deferred.fail(broken, new RunFolderUnwritable({ path, reason })));
  };
  const client: Layer.Layer<SqlClient, SqlError> = sqliteClient(path, failed);
  const run = Effect.scoped(trainHere(output, slots, sweep, broken)).pipe(
    Effect.provide(embeddedEngine(client)),
    Effect.catchTag("SqlError", (error) => Effect.fail(unwritable(path)(error))),
  );
  const fiber = yield* Effect.forkDetach(run);
  // An engine that cannot write cannot shut down cleanly either: it is left to end with the process.
  return yield* Effect.onInterrupt(
    Effect.raceFirst(Fiber.join(fiber), Deferred.await(broken)),
    () => Fiber.interrupt(fiber),
  );
});
