/**
 * What the machines of a sweep know of each other's cells: progress and outcomes, in a table beside the engine's own.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import * as Client from "effect/sql/SqlClient";
import type { SqlError } from "effect/sql/SqlError";
import { type CellWork, workKey } from "./cell_work.ts";
import type { LedgerEntry, Progress } from "./ledger_entry.ts";
import type { Outcome } from "./manifest.ts";
import { decodeEntry, type KnownOutcomes, largestOutcome } from "./told.ts";

/** Table of the ledger. */
export const ledgerTable = "mscv_cells";

const now = (sql: Client.SqlClient) =>
  sql.onDialectOrElse({
    pg: () => sql.literal("EXTRACT(EPOCH FROM clock_timestamp())"),
    orElse: () => sql.literal("unixepoch(CURRENT_TIMESTAMP)"), // which the client steadies
  });

/** Makes the table where it is missing. */
export const makeLedger: Effect.Effect<void, SqlError, Client.SqlClient> = Effect.gen(function* () {
  const sql = yield* Client.SqlClient;
  yield* sql`CREATE TABLE IF NOT EXISTS ${sql(ledgerTable)} (
    work_key VARCHAR(512) PRIMARY KEY,
    sweep VARCHAR(64) NOT NULL,
    iterations INTEGER NOT NULL,
    steps DOUBLE PRECISION NOT NULL,
    host TEXT NOT NULL,
    heard DOUBLE PRECISION NOT NULL,
    outcome TEXT
  )`;
  yield* sql`CREATE INDEX IF NOT EXISTS ${sql(`${ledgerTable}_sweep`)} ON ${sql(ledgerTable)} (sweep)`;
}).pipe(Effect.retry({ times: 3 })); // two that make it at once may collide

/** Writes how far a cell is, unless its outcome is recorded. */
export const noteProgress = Effect.fnUntraced(function* (work: CellWork, { iterations, steps, host }: Progress) {
  const sql = yield* Client.SqlClient;
  yield* sql`INSERT INTO ${sql(ledgerTable)} (work_key, sweep, iterations, steps, host, heard)
    VALUES (${workKey(work)}, ${work.sweep}, ${iterations}, ${steps}, ${host}, ${now(sql)})
    ON CONFLICT (work_key) DO UPDATE SET
      iterations = excluded.iterations, steps = excluded.steps, host = excluded.host, heard = excluded.heard
    WHERE ${sql(ledgerTable)}.outcome IS NULL`;
});

/** Records an outcome, unless one is recorded: the first one stays. */
export const recordOutcome = Effect.fnUntraced(function* (work: CellWork, outcome: Outcome) {
  const sql = yield* Client.SqlClient;
  const { iterations, steps, host } = outcome;
  yield* sql`INSERT INTO ${sql(ledgerTable)} (work_key, sweep, iterations, steps, host, heard, outcome)
    VALUES (${workKey(work)}, ${work.sweep}, ${iterations}, ${steps}, ${host}, ${now(sql)}, ${JSON.stringify(outcome)})
    ON CONFLICT (work_key) DO UPDATE SET
      iterations = excluded.iterations, steps = excluded.steps, host = excluded.host, heard = excluded.heard,
      outcome = excluded.outcome
    WHERE ${sql(ledgerTable)}.outcome IS NULL`;
});

const mostRows = 20_000; // twice as many as an ablation may have cells

/** (sweep, outcomes so far) ⇒ its cells of which anything was heard; a row that cannot be one is left out. */
export const readLedger = Effect.fnUntraced(function* (sweep: string, known: KnownOutcomes) {
  const sql = yield* Client.SqlClient;
  const rows = yield* sql`SELECT work_key, iterations, steps, substr(host, 1, 256) AS host, ${
    now(sql)
  } - heard AS silent,
    substr(outcome, 1, ${largestOutcome + 1}) AS outcome
    FROM ${sql(ledgerTable)} WHERE sweep = ${sweep} LIMIT ${mostRows}`;
  return rows.flatMap((row): ReadonlyArray<LedgerEntry> => {
    const entry = decodeEntry(row, known);
    return entry === null ? [] : [entry];
  });
});
