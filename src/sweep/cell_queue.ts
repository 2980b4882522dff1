/**
 * Cells waiting for a free slot, in the database: whichever runner has one takes the next cell.
 *
 * A taken cell is leased. A runner that is killed stops renewing, and another takes the cell when the lease ends. Effect's
 * DurableQueue gives an element up after ten takes, so that a cell would be lost whose runners were killed as often;
 * here a cell is only ever given up by its own outcome.
 *
 * @module
 */
import type * as Cause from "effect/Cause";
import * as Console from "effect/Console";
import * as Effect from "effect/Effect";
import type * as Exit from "effect/Exit";
import * as Layer from "effect/Layer";
import * as PersistedQueue from "effect/persistence/PersistedQueue";
import * as Schedule from "effect/Schedule";
import * as Schema from "effect/Schema";
import { SqlClient } from "effect/sql/SqlClient";
import type { SqlError } from "effect/sql/SqlError";
import * as DurableDeferred from "effect/workflow/DurableDeferred";
import { CellFailed, CellTrained, CellWork } from "./cell_work.ts";
import { isMachineFault, makeFaultRecord } from "./machine_faults.ts";

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

const trained = DurableDeferred.make("trained", { success: CellTrained, error: CellFailed });

const element = Schema.Struct({ token: DurableDeferred.Token, work: CellWork });

const queueName = "cells";

const queue = PersistedQueue.make({
  name: queueName,
  schema: element,
  maxAttempts: 2 ** 31 - 1,
  retrySchedule: Schedule.spaced("1 hour"), // of a cell that this runner passes over
});

const whileDown = Schedule.spaced("1 second");

/** (work, key) ⇒ its result, which may come days and runners later. Runs inside a workflow, which waits without a fiber. */
export const awaitTraining = Effect.fnUntraced(function* (work: CellWork, key: string) {
  const cells = yield* queue;
  const token = yield* DurableDeferred.token(trained);
  yield* cells.offer({ token, work }, { id: key }).pipe(Effect.retry(whileDown), Effect.orDie);
  return yield* DurableDeferred.await(trained);
});

/** A cell that is not this command's to train. */
class PassedOver extends Schema.TaggedError<PassedOver>()("PassedOver", { id: Schema.String }) {}

const putBackFor = "5 seconds"; // behind the others, which the machine may be fit for

/** Puts an element that this fiber has taken behind all others; it can be taken again once the fiber lets it go. */
const putBehind = Effect.fnUntraced(function* (id: string) {
  const sql = yield* SqlClient;
  const later = sql.onDialectOrElse({
    pg: () => sql.literal(`NOW() + INTERVAL '${putBackFor}'`),
    orElse: () => sql.literal(`datetime(CURRENT_TIMESTAMP, '${putBackFor}')`),
  });
  yield* sql`UPDATE ${sql(queueTable)} SET visible_at = ${later} WHERE queue_name = ${queueName} AND id = ${id}`;
});

const failureOf = (exit: Exit.Exit<CellTrained, CellFailed>): CellFailed | null => {
  const failure = exit._tag === "Failure" ? exit.cause.reasons.find((reason) => reason._tag === "Fail") : undefined;
  return failure === undefined ? null : failure.error;
};

/**
 * Takes cells and trains them, `slots` at a time, for ever. A fault of the machine's puts a cell back and is waited out.
 *
 * @param selected whether a cell is this runner's; one that is not is put back
 */
export const workThrough = Effect.fnUntraced(function* (
  slots: number,
  selected: (work: CellWork) => boolean,
  train: TrainCell,
) {
  const cells = yield* queue;
  const faults = makeFaultRecord();
  /** Puts the cell back where the machine is at fault: then there are seconds to wait, otherwise null. */
  const blame = Effect.fnUntraced(function* (key: string, { id, reason }: CellFailed) {
    const seconds = faults.fault(key);
    if (seconds === null) return null;
    yield* Console.error(`back   ${id}  ${reason}; the next cell in ${seconds} s`);
    yield* Effect.ignore(putBehind(key));
    return seconds;
  });
  const one = Effect.suspend(() => {
    let pause = 0.5; // seconds
    return cells.take(Effect.fnUntraced(function* ({ token, work }, { id: key }) {
      if (!selected(work)) return yield* new PassedOver({ id: work.id });
      const exit = yield* Effect.exit(train(work));
      const failure = failureOf(exit);
      const seconds = failure !== null && isMachineFault(failure) ? yield* blame(key, failure) : null;
      if (seconds !== null) {
        pause = seconds;
        return yield* Effect.interrupt; // of all ways to leave an element, the one that lets it go as it is
      }
      if (failure === null) faults.trained();
      yield* DurableDeferred.done(trained, { token, exit }).pipe(Effect.sandbox, Effect.retry(whileDown), Effect.orDie);
    })).pipe(
      Effect.catchTag("PassedOver", () => Effect.void),
      Effect.catchCause((cause: Cause.Cause<unknown>) =>
        Effect.andThen(Effect.logDebug("A cell is put back", cause), Effect.sleep(pause * 1000))
      ),
    );
  });
  return yield* Effect.forEach(Array.from({ length: slots }), () => Effect.forever(one), {
    concurrency: slots,
    discard: true,
  });
});
