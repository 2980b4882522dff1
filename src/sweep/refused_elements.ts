/**
 * Elements of the queue that no runner trains: what others have put there, or changed.
 *
 * One that has a sweep ends as a failed cell of that sweep, so that nobody waits for it; any other ends with a line.
 *
 * @module
 */
import * as Console from "effect/Console";
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import * as Schedule from "effect/Schedule";
import { SqlClient } from "effect/sql/SqlClient";
import { hostname } from "node:os";
import { CellFailed } from "./cell_work.ts";
import { tellTrained } from "./cell_workflow.ts";
import { onOneLine } from "./foreign_text.ts";

/** Tag of a cell's failure that its work, or where that would be done, is refused. */
export const workInvalid = "WorkInvalid";

/** Most bytes of an element; a larger one is not even read. */
export const largestElement = 1_000_000;

const isExecution = (key: string): boolean => /^[0-9a-f]{32}$/.test(key);

/** (cell, why) ⇒ the failure of a cell of which nothing was done. */
export const refusalOf = (id: string, reason: string): CellFailed =>
  new CellFailed({ id, tag: workInvalid, reason, log: [], iterations: 0, steps: 0, host: hostname() });

/** (key of an element, why) ⇒ its workflow is told, where it can have one, and a line says so. */
export const refuseElement = Effect.fnUntraced(function* (key: string, reason: string) {
  yield* Console.error(`refused ${onOneLine(key, 40)}  ${reason}`);
  if (!isExecution(key)) return;
  yield* tellTrained(key, Exit.fail(refusalOf(key, reason))).pipe(
    Effect.sandbox,
    Effect.retry({ schedule: Schedule.spaced("1 second"), times: 5 }),
    Effect.ignoreCause,
  );
});

const unreadable = "Cannot train a cell as its work must be readable: the queue holds something else in its place";

/** What the queue itself gives up: elements that are no JSON, and those that are too large to be read. */
const endGivenUp = Effect.fnUntraced(function* (table: string, queueName: string) {
  const sql = yield* SqlClient;
  const size = sql.onDialectOrElse({
    pg: () => sql.literal("octet_length(element)"),
    orElse: () => sql.literal("length(CAST(element AS BLOB))"),
  });
  yield* sql`UPDATE ${sql(table)} SET state = 'failed', acquired_at = NULL, acquired_by = NULL
    WHERE queue_name = ${queueName} AND state = 'pending' AND ${size} > ${largestElement}`;
  const given = yield* sql<{ readonly id: string }>`SELECT id FROM ${sql(table)}
    WHERE queue_name = ${queueName} AND state = 'failed' ORDER BY sequence LIMIT 100`;
  for (const { id } of given) {
    yield* refuseElement(id, unreadable);
    yield* sql`UPDATE ${sql(table)} SET state = 'completed', element = '{}'
      WHERE queue_name = ${queueName} AND state = 'failed' AND id = ${id}`;
  }
});

/** (table and name of the queue) ⇒ looks for such elements for ever. */
export const endRefused = (table: string, queueName: string) =>
  Effect.ignoreCause(endGivenUp(table, queueName)).pipe(
    Effect.andThen(Effect.sleep("5 seconds")),
    Effect.forever,
  );
