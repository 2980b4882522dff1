/**
 * The engine of sweeps: durable workflows, one a cell, over a database.
 *
 * A workflow puts its cell into the queue, sleeps until a runner has trained it, and records the outcome. It survives
 * the end of every process; each result is recorded once, while the training itself may be begun more than once.
 *
 * @module
 */
import * as RunnerStorage from "effect/cluster/RunnerStorage";
import * as Context from "effect/Context";
import * as Effect from "effect/Effect";
import * as Layer from "effect/Layer";
import type { PersistedQueueFactory } from "effect/persistence/PersistedQueue";
import * as Schedule from "effect/Schedule";
import * as Client from "effect/sql/SqlClient";
import type { SqlError } from "effect/sql/SqlError";
import type { WorkflowEngine } from "effect/workflow/WorkflowEngine";
import { keepLog, keptLog, makeLogTable } from "./carried_logs.ts";
import {
  awaitTraining,
  queueStore,
  queueTable,
  type QueueTiming,
  recallCells,
  type TrainCell,
  workThrough,
} from "./cell_queue.ts";
import { CellFailed, type CellTrained, type CellWork } from "./cell_work.ts";
import { CellWorkflow } from "./cell_workflow.ts";
import { type ClusterTiming, workflowEngine } from "./cluster.ts";
import { makeLedger, noteProgress, readLedger, recordOutcome } from "./ledger.ts";
import type { LedgerEntry, Progress } from "./ledger_entry.ts";
import type { Outcome } from "./manifest.ts";
import type { KnownOutcomes } from "./told.ts";
import { makeSubmissions, type Wanted, wantOnly } from "./submissions.ts";

/** Trains the cells of sweeps, here or on other machines. */
export class SweepEngine extends Context.Service<SweepEngine, {
  /** Succeeds where the database answers. */
  readonly ping: Effect.Effect<void, SqlError>;
  /** Puts a cell into the queue; one that is there, or was, is left alone. */
  readonly submit: (work: CellWork) => Effect.Effect<void>;
  /** (sweep, its cells that are wanted) ⇒ withdraws all others of the sweep, and tells how many of them were still to do. */
  readonly wantOnly: (sweep: string, wanted: Wanted) => Effect.Effect<number, SqlError>;
  /** (sweep) ⇒ what is known of its cells. */
  readonly read: (sweep: string) => Effect.Effect<ReadonlyArray<LedgerEntry>, SqlError>;
  /** Records how far a cell is; a failure to write it is ignored. */
  readonly note: (work: CellWork, progress: Progress) => Effect.Effect<void>;
  /** Keeps the run log of a cell that is at its end, for those who do not share its folder. */
  readonly keepLog: (work: CellWork) => Effect.Effect<void, SqlError>;
  /** (key of a cell's work, iterations) ⇒ the log that was kept; null: none. */
  readonly keptLog: (key: string, iterations: number) => Effect.Effect<string | null, SqlError>;
  /** Trains cells of the queue, so many at a time, for ever. */
  readonly work: (
    slots: number,
    selected: (work: CellWork) => boolean,
    train: TrainCell,
  ) => Effect.Effect<never>;
}>()("mscv/SweepEngine") {}

/** Puts cells into the queue, and tries again for as long as the database is down. */
export const submitCells = (works: ReadonlyArray<CellWork>): Effect.Effect<void, never, SweepEngine> =>
  Effect.flatMap(SweepEngine, (engine) =>
    Effect.forEach(
      works,
      (work) => engine.submit(work).pipe(Effect.sandbox, Effect.retry(Schedule.spaced("1 second")), Effect.orDie),
      { concurrency: 8, discard: true },
    ));

const outcomeOf = ({ id, attempt }: CellWork, result: CellTrained | CellFailed): Outcome => {
  const { iterations, steps, host } = result;
  const error = result instanceof CellFailed ? { tag: result.tag, message: result.reason, log: result.log } : null;
  return { id, attempt, state: error === null ? "done" : "failed", iterations, steps, host, error };
};

const whileDown = Schedule.spaced("1 second");

/** What runs the workflows of cells: wherever a runner is. */
export const cellWorkflow: Layer.Layer<never, never, WorkflowEngine | PersistedQueueFactory | Client.SqlClient> =
  CellWorkflow.toLayer(Effect.fnUntraced(function* (work, key) {
    const result = yield* Effect.result(awaitTraining(work, key));
    const ended = result._tag === "Success" ? result.success : result.failure;
    yield* recordOutcome(work, outcomeOf(work, ended)).pipe(Effect.retry(whileDown), Effect.orDie);
    return yield* Effect.fromResult(result);
  }));

type Needs = WorkflowEngine | PersistedQueueFactory | Client.SqlClient;

/** The service over a workflow engine, a queue and a database. */
const sweepEngine: Layer.Layer<SweepEngine, SqlError, Needs> = Layer.effect(
  SweepEngine,
  Effect.gen(function* () {
    yield* makeLedger;
    yield* makeLogTable;
    yield* makeSubmissions;
    const services = yield* Effect.context<Needs>(), known: KnownOutcomes = new Map();
    return SweepEngine.of({
      ping: Effect.provide(Client.SqlClient.use((sql) => Effect.asVoid(sql`SELECT 1`)), services),
      submit: (work) => Effect.provide(Effect.asVoid(CellWorkflow.execute(work, { discard: true })), services),
      read: (sweep) => Effect.provide(readLedger(sweep, known), services),
      wantOnly: (sweep, wanted) =>
        Effect.provide(Effect.tap(wantOnly(sweep, wanted), () => recallCells(sweep)), services),
      note: (work, progress) => Effect.provide(Effect.ignore(noteProgress(work, progress)), services),
      keepLog: (work) => Effect.provide(keepLog(work), services),
      keptLog: (key, iterations) => Effect.provide(keptLog(key, iterations), services),
      work: (slots, selected, train) =>
        Effect.andThen(Effect.provide(workThrough(slots, selected, train), services), Effect.never),
    });
  }),
);

/** (workflow engine, queue, workflows that run here, client of the database) ⇒ the service. */
export const engineOver = <E1, E2, E3, E4>(
  workflows: Layer.Layer<WorkflowEngine, E1, Client.SqlClient>,
  queue: Layer.Layer<PersistedQueueFactory, E2, Client.SqlClient>,
  runs: Layer.Layer<never, E3, Needs>,
  client: Layer.Layer<Client.SqlClient, E4>,
): Layer.Layer<SweepEngine, E1 | E2 | E3 | E4 | SqlError> =>
  Layer.mergeAll(sweepEngine, runs).pipe(Layer.provide(workflows), Layer.provide(queue), Layer.provide(client));

const century = 3_155_760_000_000; // milliseconds

/** Nobody else takes from this queue, so that no lease need expire, not even while the machine sleeps. */
const embeddedTiming: QueueTiming = { poll: 500, renew: 10_000, lease: century };

/** Ends the leases of a command that was killed: the embedded engine has its database alone. */
const endLeases = Effect.gen(function* () {
  const sql = yield* Client.SqlClient;
  yield* sql`UPDATE ${sql(queueTable)}
    SET acquired_at = NULL, acquired_by = NULL, visible_at = CURRENT_TIMESTAMP WHERE state = 'pending'`;
});

const embeddedCluster: ClusterTiming = {
  entityTerminationTimeout: "500 millis",
  entityMessagePollInterval: "5 seconds",
  simulateRemoteSerialization: false,
};

/** (client of the sweep's own database) ⇒ the engine of one machine, with nothing beside this process. */
export const embeddedEngine = <E>(client: Layer.Layer<Client.SqlClient, E>): Layer.Layer<SweepEngine, E | SqlError> =>
  engineOver(
    workflowEngine("runner", embeddedCluster, "cluster", RunnerStorage.layerMemory),
    Layer.effectDiscard(endLeases).pipe(Layer.provideMerge(queueStore(embeddedTiming))),
    cellWorkflow,
    client,
  );
