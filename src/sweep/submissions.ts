/**
 * Which cells are wanted: those of the sweep's manifest, as it was at the last submission. All others are withdrawn.
 *
 * A withdrawn cell stays where it is in the queue, for the submission that may want it again; runners pass over it.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import * as Client from "effect/sql/SqlClient";
import type { SqlError } from "effect/sql/SqlError";
import { type CellWork, workKey } from "./cell_work.ts";
import { ledgerTable } from "./ledger.ts";

const submissionTable = "mscv_submissions";

/** Makes the table where it is missing. */
export const makeSubmissions: Effect.Effect<void, SqlError, Client.SqlClient> = Effect.gen(function* () {
  const sql = yield* Client.SqlClient;
  yield* sql`CREATE TABLE IF NOT EXISTS ${sql(submissionTable)} (
    work_key VARCHAR(512) PRIMARY KEY, sweep VARCHAR(64) NOT NULL, withdrawn INTEGER NOT NULL
  )`;
}).pipe(Effect.retry({ times: 3 })); // two that make it at once may collide

/** Keys of the cells of a sweep that are wanted. */
export interface Wanted {
  /** To be put into the queue now. */
  readonly submitted: ReadonlyArray<string>;
  /** Wanted where they were submitted earlier. */
  readonly kept: ReadonlyArray<string>;
}

/** (sweep, its cells that are wanted) ⇒ how many unfinished cells this withdraws: all others that were submitted. */
export const wantOnly = Effect.fnUntraced(function* (sweep: string, { submitted, kept }: Wanted) {
  const sql = yield* Client.SqlClient;
  const change = Effect.gen(function* () {
    const open = yield* sql<{ readonly work_key: string }>`SELECT work_key FROM ${sql(submissionTable)} AS submitted
      WHERE sweep = ${sweep} AND withdrawn = 0 AND NOT EXISTS (
        SELECT 1 FROM ${
      sql(ledgerTable)
    } AS cell WHERE cell.work_key = submitted.work_key AND cell.outcome IS NOT NULL)`;
    yield* sql`UPDATE ${sql(submissionTable)} SET withdrawn = 1 WHERE sweep = ${sweep}`;
    yield* sql`UPDATE ${sql(submissionTable)} SET withdrawn = 0 WHERE work_key IN ${sql.in(kept)}`;
    for (const key of submitted) {
      yield* sql`INSERT INTO ${sql(submissionTable)} (work_key, sweep, withdrawn) VALUES (${key}, ${sweep}, 0)
        ON CONFLICT (work_key) DO UPDATE SET withdrawn = 0`;
    }
    const wanted = new Set([...submitted, ...kept]);
    return open.filter(({ work_key }) => !wanted.has(work_key)).length;
  });
  return yield* sql.withTransaction(change);
});

/** (work) ⇒ whether it was withdrawn; false where the database does not answer. */
export const isWithdrawn = (work: CellWork): Effect.Effect<boolean, never, Client.SqlClient> =>
  Client.SqlClient.use((sql) =>
    sql`SELECT 1 FROM ${sql(submissionTable)} WHERE work_key = ${workKey(work)} AND withdrawn = 1`
  ).pipe(Effect.map((rows) => rows.length > 0), Effect.orElseSucceed(() => false));

/** Ends once the work is withdrawn. */
export const untilWithdrawn = (work: CellWork): Effect.Effect<void, never, Client.SqlClient> =>
  Effect.flatMap(
    Effect.delay(isWithdrawn(work), "5 seconds"),
    (withdrawn) => withdrawn ? Effect.void : untilWithdrawn(work),
  );
