/**
 * The run logs of cells that were trained elsewhere, carried home by the database: `report` and `status` read them where
 * no path is shared.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import * as Client from "effect/sql/SqlClient";
import type { SqlError } from "effect/sql/SqlError";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { writeWhole, writing } from "../files/durable_file.ts";
import { runFolderAt } from "../run/run_folder.ts";
import { readLog } from "../run/run_log.ts";
import { type CellWork, workKey } from "./cell_work.ts";
import type { LedgerEntry } from "./ledger_entry.ts";
import { cellFolder, type Manifest } from "./manifest.ts";
import { recordedOutcomes } from "./sweep_folder.ts";
import { largestLog, unpackLog } from "./told.ts";

const logTable = "mscv_logs";

/** Makes the table where it is missing. */
export const makeLogTable: Effect.Effect<void, SqlError, Client.SqlClient> = Effect.gen(function* () {
  const sql = yield* Client.SqlClient;
  yield* sql`CREATE TABLE IF NOT EXISTS ${sql(logTable)} (work_key VARCHAR(512) PRIMARY KEY, log TEXT NOT NULL)`;
}).pipe(Effect.retry({ times: 3 })); // two that make it at once may collide

/** Stores the log of a finished cell; where the log cannot be read, nothing is stored. */
export const keepLog = Effect.fnUntraced(function* (work: CellWork) {
  const path = runFolderAt(join(work.folder, cellFolder(work.id))).metrics;
  const text = yield* Effect.orElseSucceed(Effect.try(() => existsSync(path) ? readFileSync(path) : null), () => null);
  if (text === null) return;
  const packed = gzipSync(text).toString("base64");
  if (text.length > largestLog.unpacked || packed.length > largestLog.packed) return; // no reader accepts a larger one
  const sql = yield* Client.SqlClient;
  yield* sql`INSERT INTO ${sql(logTable)} (work_key, log) VALUES (${workKey(work)}, ${packed})
    ON CONFLICT (work_key) DO UPDATE SET log = excluded.log`;
});

/** (key of a cell's work, iterations) ⇒ its log; null where none was stored, or what was stored is not a log. */
export const keptLog = Effect.fnUntraced(function* (key: string, iterations: number) {
  const sql = yield* Client.SqlClient;
  const [row] = yield* sql<{ readonly log: unknown }>`SELECT substr(log, 1, ${largestLog.packed + 1}) AS log
    FROM ${sql(logTable)} WHERE work_key = ${key}`;
  return typeof row?.log === "string" ? unpackLog(row.log, iterations) : null;
});

/**
 * Writes the logs of recorded cells into the folder, where its own are shorter.
 *
 * @param brought keys that need no further look
 */
export const bringLogs = Effect.fnUntraced(function* <E>(
  folder: string,
  manifest: Manifest,
  entries: ReadonlyArray<LedgerEntry>,
  read: (key: string, iterations: number) => Effect.Effect<string | null, E>,
  brought: Set<string>,
) {
  const outcomes = recordedOutcomes(entries, manifest);
  for (const cell of manifest.cells) {
    const outcome = outcomes.get(cell.id), key = workKey({ sweep: manifest.sweep, ...cell });
    if (outcome === undefined || brought.has(key)) continue;
    const path = runFolderAt(join(folder, cell.folder)).metrics;
    const present = readLog(path).records.at(-1)?.iteration ?? 0;
    const text = present < outcome.iterations ? yield* read(key, outcome.iterations) : null;
    if (text !== null) {
      yield* writing(path, () => {
        mkdirSync(dirname(path), { recursive: true });
        writeWhole(path, text);
      });
    }
    brought.add(key);
  }
});
