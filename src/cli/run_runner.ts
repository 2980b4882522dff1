/**
 * What `mscv runner` does.
 *
 * @module
 */
import * as Console from "effect/Console";
import * as Effect from "effect/Effect";
import * as Schedule from "effect/Schedule";
import process from "node:process";
import { trainInProcess } from "../sweep/cell_process.ts";
import type { TrainCell } from "../sweep/cell_queue.ts";
import { SweepEngine } from "../sweep/engine.ts";
import { isMachineFault } from "../sweep/machine_faults.ts";
import { postgresRunner } from "../sweep/postgres.ts";
import { refusalOf, workInvalid } from "../sweep/refused_elements.ts";
import { realPath } from "../files/real_path.ts";
import { placeOf } from "../sweep/work_place.ts";
import { reachableStorage } from "../sweep/reachable_storage.ts";
import { cellCommand } from "../sweep/cell_command.ts";
import { refuseForbidden } from "../sandbox/denials.ts";
import { allowedPaths } from "../sweep/allowed_modules.ts";
import { overDatabase } from "../sweep/database_watch.ts";
import { UsageInvalid } from "../config/usage.ts";

/** What `runner` was asked for. */
export interface RunnerRequest {
  readonly storage: string | null;
  readonly slots: number;
  /** Folder below which it trains. */
  readonly runs: string;
  /** What cells may import: files, folders and `npm:name@version`. */
  readonly modules: ReadonlyArray<string>;
}

/** Refuses work whose place is not below the root. Fails: CellFailed, before anything is written. */
const admitted = (train: TrainCell, root: string): TrainCell => (work) =>
  placeOf(root, work).pipe(
    Effect.mapError(({ message }) => refusalOf(work.id, message)),
    Effect.flatMap((folder) => train({ ...work, folder })),
  );

/** Sends the run log home before the outcome is told; not from a folder that is not the sweep's. */
const carried = (train: TrainCell, { keepLog }: SweepEngine["Service"]): TrainCell => (work) => {
  const keep = keepLog(work).pipe(Effect.retry(Schedule.spaced("1 second")), Effect.orDie);
  return train(work).pipe(
    Effect.tap(() => keep),
    Effect.tapError((failure) => isMachineFault(failure) || failure.tag === workInvalid ? Effect.void : keep),
  );
};

/** Says which cells are trained here. */
const announced = (train: TrainCell): TrainCell => (work) =>
  Console.log(`begin  ${work.id}`).pipe(
    Effect.andThen(train(work)),
    Effect.tap(({ iterations, steps }) => Console.log(`done   ${work.id}  ${iterations} iterations, ${steps} steps`)),
    Effect.onInterrupt(() => Console.log(`left   ${work.id}`)),
    Effect.tapError((failure) => {
      const { tag, reason } = failure;
      return isMachineFault(failure) ? Effect.void : Console.error(`failed ${work.id}  ${tag}: ${reason}`);
    }),
  );

/** Trains cells until it is stopped; cells in training then write a checkpoint. */
export const runRunner = Effect.fnUntraced(function* ({ storage, slots, runs, modules }: RunnerRequest) {
  if (slots < 1) {
    return yield* Effect.fail(
      new UsageInvalid({ message: `Cannot run as --slots must be 1 or more: current value is ${slots}` }),
    );
  }
  yield* refuseForbidden(runs);
  for (const path of allowedPaths(modules)) yield* refuseForbidden(path, ["read"]);
  const root = yield* Effect.try({
    try: () => realPath(runs),
    catch: () => new UsageInvalid({ message: `Cannot run as --runs must be a folder: current value is ${runs}` }),
  });
  const database = yield* reachableStorage(storage, process.env);
  if (database === null) {
    return yield* Effect.fail(
      new UsageInvalid({
        message: "Cannot run as --storage must name a database: without one, `ablate` itself trains the cells",
      }),
    );
  }
  const work = Effect.gen(function* () {
    const engine = yield* SweepEngine;
    yield* Console.log(`Runner of ${database.label}, ${slots} cells at a time, in ${runs}; Ctrl-C stops it`);
    const inProcess = trainInProcess(cellCommand(Deno.mainModule), { runs: root, modules }, engine.note);
    const train = announced(admitted(carried(inProcess, engine), root));
    return yield* engine.work(slots, () => true, train);
  });
  return yield* overDatabase(database.label, postgresRunner(database), Effect.scoped(work));
});
