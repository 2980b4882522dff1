/**
 * The queue of cells, in the database: whichever runner has a free slot takes the next one.
 *
 * A taken cell is leased. A runner that is killed stops renewing the lease, and another takes the cell when it expires.
 * Effect's DurableQueue drops an element after ten takes, which would lose a cell whose runners were killed ten times.
 * Here only its outcome takes a cell out of the queue.
 *
 * @module
 */
import type * as Cause from "effect/Cause";
import * as Console from "effect/Console";
import * as Effect from "effect/Effect";
import type * as Exit from "effect/Exit";
import * as Layer from "effect/Layer";
import * as PersistedQueue from "effect/persistence/PersistedQueue";
import * as Predicate from "effect/Predicate";
import * as Schedule from "effect/Schedule";
import * as Schema from "effect/Schema";
import { SqlClient } from "effect/sql/SqlClient";
import type { SqlError } from "effect/sql/SqlError";
import { type CellFailed, type CellTrained, CellWork, decodeWork, WorkInvalid } from "./cell_work.ts";
import { awaitTrained, CellWorkflow, tellTrained } from "./cell_workflow.ts";
import { type FaultRecord, isMachineFault, makeFaultRecord } from "./machine_faults.ts";
import { makeOnce } from "./once.ts";
import { endRefused, refuseElement } from "./refused_elements.ts";
import { isWithdrawn, untilWithdrawn } from "./submissions.ts";

/** Trains one cell. */
export type TrainCell = (work: CellWork) => Effect.Effect<CellTrained, CellFailed>;

/** How leases and looks at the queue are timed, milliseconds. */
export interface QueueTiming {
  readonly poll: number;
  readonly renew: number;
  readonly lease: number;
}

/** Table of the queue. */
export const queueTable = "mscv_queue";

/** (timing) ⇒ queues in the database. */
export const queueStore = (
  { poll, renew, lease }: QueueTiming,
): Layer.Layer<PersistedQueue.PersistedQueueFactory, SqlError, SqlClient> =>
  PersistedQueue.layer.pipe(Layer.provide(PersistedQueue.layerStoreSql({
    tableName: queueTable,
    pollInterval: poll,
    lockRefreshInterval: renew,
    lockExpiration: lease,
  })));

const element = Schema.Struct({ work: CellWork });

const queueName = "cells";

const queueOf = <S extends Schema.Constraint>(schema: S) =>
  PersistedQueue.make({
    name: queueName,
    schema,
    maxAttempts: 2 ** 31 - 1,
    retrySchedule: Schedule.spaced("1 hour"), // of a cell that this runner passes over
  });

const whileDown = Schedule.spaced("1 second");

/** (work, key) ⇒ its result, which may come days and runners later. Runs inside a workflow, which waits without a fiber. */
export const awaitTraining = Effect.fnUntraced(function* (work: CellWork, key: string) {
  const cells = yield* queueOf(element);
  yield* cells.offer({ work }, { id: key }).pipe(Effect.retry(whileDown), Effect.orDie);
  return yield* awaitTrained;
});

/** A cell that is not this command's to train. */
class PassedOver extends Schema.TaggedError<PassedOver>()("PassedOver", { id: Schema.String }) {}

const unfitFor = 5; // seconds, so that others come first, which the machine may be fit for
const withdrawnFor = 3600; // seconds, unless a submission wants it earlier

/** Puts an element that this fiber has taken behind the others: it can be taken again in so many seconds. */
const putBehind = Effect.fnUntraced(function* (id: string, seconds: number) {
  const sql = yield* SqlClient;
  const later = sql.onDialectOrElse({
    pg: () => sql.literal(`NOW() + INTERVAL '${seconds} seconds'`),
    orElse: () => sql.literal(`datetime(CURRENT_TIMESTAMP, '${seconds} seconds')`),
  });
  yield* sql`UPDATE ${sql(queueTable)} SET visible_at = ${later} WHERE queue_name = ${queueName} AND id = ${id}`;
});

/** Lets runners look again at the cells of a sweep that they have put back. */
export const recallCells = (sweep: string): Effect.Effect<void, SqlError, SqlClient> =>
  SqlClient.use((sql) =>
    sql`UPDATE ${sql(queueTable)} SET visible_at = CURRENT_TIMESTAMP
      WHERE queue_name = ${queueName} AND state = 'pending' AND acquired_by IS NULL AND element LIKE ${`%${sweep}%`}`
  );

type CellExit = Exit.Exit<CellTrained, CellFailed>;

const failureOf = (exit: CellExit): CellFailed | null => {
  const failure = exit._tag === "Failure" ? exit.cause.reasons.find((reason) => reason._tag === "Fail") : undefined;
  return failure === undefined ? null : failure.error;
};

/** How an element goes back into the queue: when it can be taken again, and when this machine takes another. */
interface Leave {
  /** Seconds before it can be taken. */
  readonly behind: number;
  /** Seconds before this machine takes another. */
  readonly pause: number;
}

/** (cell, its key, how to train it, faults so far) ⇒ its result; or how to leave it, withdrawn or for another machine. */
const trainOrLeave = Effect.fnUntraced(function* (
  work: CellWork,
  key: string,
  train: TrainCell,
  faults: FaultRecord,
): Effect.fn.Return<CellExit | Leave, never, SqlClient> {
  const withdrawn: Leave = { behind: withdrawnFor, pause: 0 };
  if (yield* isWithdrawn(work)) return withdrawn;
  const exit = yield* Effect.raceFirst(Effect.exit(train(work)), Effect.as(untilWithdrawn(work), null));
  if (exit === null) return withdrawn;
  const failure = failureOf(exit);
  if (failure === null) faults.trained();
  const pause = failure !== null && isMachineFault(failure) ? faults.fault(key) : null;
  if (failure === null || pause === null) return exit;
  yield* Console.error(`back   ${work.id}  ${failure.reason}; the next cell in ${pause} s`);
  return { behind: unfitFor, pause } satisfies Leave;
});

/** (what an element holds, its key) ⇒ its work. Fails: WorkInvalid, also where it stands under another's key. */
const workOf = Effect.fnUntraced(function* (value: unknown, key: string) {
  const work = yield* decodeWork(Predicate.hasProperty(value, "work") ? value.work : null);
  if ((yield* CellWorkflow.executionId(work)) === key) return work;
  return yield* new WorkInvalid({
    message: `Cannot train ${work.id} as its work must stand under its own key in the queue: it stands under another`,
  });
});

/** Tells the workflow, and tries again for as long as the database is down. */
const tell = (key: string, exit: CellExit) =>
  tellTrained(key, exit).pipe(Effect.sandbox, Effect.retry(whileDown), Effect.orDie);

/**
 * Takes cells and trains them, `slots` at a time, for ever. After a fault of this machine the cell goes back into the
 * queue and the machine waits; a withdrawn cell is passed over; invalid work is refused. Where this process was halted
 * until a lease expired and then takes the same cell again, it does not train it a second time beside the first.
 *
 * @param selected whether a cell is this runner's; one that is not is put back
 */
export const workThrough = Effect.fnUntraced(function* (
  slots: number,
  selected: (work: CellWork) => boolean,
  train: TrainCell,
) {
  const cells = yield* queueOf(Schema.Unknown); // decoded before it is trusted
  const faults = makeFaultRecord(), once = makeOnce<CellExit | Leave, never>();
  const one = Effect.suspend(() => {
    let pause = 0.5; // seconds
    return cells.take(Effect.fnUntraced(function* (value, { id: key }) {
      const found = yield* Effect.result(workOf(value, key));
      if (found._tag === "Failure") return yield* refuseElement(key, found.failure.message);
      const work = found.success;
      if (!selected(work)) return yield* new PassedOver({ id: work.id });
      const exit = yield* once(key, trainOrLeave(work, key, train, faults));
      if ("behind" in exit) {
        pause = exit.pause;
        yield* Effect.ignore(putBehind(key, exit.behind));
        return yield* Effect.interrupt; // the one way to release an element unchanged
      }
      yield* tell(key, exit);
    })).pipe(
      Effect.catchTag("PassedOver", () => Effect.void),
      Effect.catchCause((cause: Cause.Cause<unknown>) =>
        Effect.andThen(Effect.logDebug("A cell is put back", cause), Effect.sleep(pause * 1000))
      ),
    );
  });
  const workers = Effect.forEach(Array.from({ length: slots }), () => Effect.forever(one), {
    concurrency: slots,
    discard: true,
  });
  return yield* Effect.raceFirst(workers, endRefused(queueTable, queueName));
});
