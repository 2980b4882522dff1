/**
 * A SQL client on `node:sqlite`, for one process and one file.
 *
 * @module
 */
import * as Clock from "effect/Clock";
import * as Context from "effect/Context";
import * as Effect from "effect/Effect";
import * as Layer from "effect/Layer";
import * as Reactivity from "effect/reactivity/Reactivity";
import * as Semaphore from "effect/Semaphore";
import * as Client from "effect/sql/SqlClient";
import type { Connection } from "effect/sql/SqlConnection";
import { classifySqliteError, SqlError } from "effect/sql/SqlError";
import * as Statement from "effect/sql/Statement";
import * as Stream from "effect/Stream";
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import { steadyClock } from "./steady_clock.ts";

/** How long a statement waits for another process, milliseconds. */
const busyTimeout = 10_000;

const cachedStatements = 128;

const toInput = (value: unknown): SQLInputValue => {
  if (value === undefined) return null;
  if (typeof value === "boolean") return value ? 1 : 0;
  return value instanceof Date ? value.toISOString() : value as SQLInputValue;
};

const toSqlError = (cause: unknown): SqlError =>
  new SqlError({ reason: classifySqliteError(cause, { message: "Cannot run a statement", operation: "execute" }) });

/** A connection that tells `failed` of every error, so that one that lasts can end the program. */
class SqliteConnection implements Connection {
  readonly #database: DatabaseSync;
  readonly #failed: (error: unknown) => void;
  readonly #statements = new Map<string, StatementSync>();

  constructor(database: DatabaseSync, failed: (error: unknown) => void) {
    this.#database = database;
    this.#failed = failed;
  }

  #prepare(sql: string): StatementSync {
    const cached = this.#statements.get(sql);
    if (cached !== undefined) return cached;
    const statement = this.#database.prepare(sql);
    if (this.#statements.size >= cachedStatements) this.#statements.clear();
    this.#statements.set(sql, statement);
    return statement;
  }

  // deno-lint-ignore no-explicit-any
  #run(sql: string, params: ReadonlyArray<unknown>, rows: "objects" | "arrays"): Effect.Effect<any, SqlError> {
    return Effect.withFiber((fiber) => {
      try {
        const statement = this.#prepare(sql);
        statement.setReadBigInts(Context.get(fiber.context, Client.SafeIntegers));
        const found = statement.all(...params.map(toInput)) as Array<Record<string, unknown>>;
        return Effect.succeed(rows === "objects" ? found : found.map((row) => Object.values(row)));
      } catch (cause) {
        this.#failed(cause);
        return Effect.fail(toSqlError(cause));
      }
    });
  }

  execute: Connection["execute"] = (sql, params, transform) => {
    const rows = this.#run(sql, params, "objects");
    return transform === undefined ? rows : Effect.map(rows, transform);
  };
  executeRaw: Connection["executeRaw"] = (sql, params) => this.#run(sql, params, "objects");
  executeValues: Connection["executeValues"] = (sql, params) => this.#run(sql, params, "arrays");
  executeValuesUnprepared: Connection["executeValuesUnprepared"] = (sql, params) => this.executeValues(sql, params);
  executeUnprepared: Connection["executeUnprepared"] = (sql, params, transform) => this.execute(sql, params, transform);
  executeStream: Connection["executeStream"] = (sql, params, transform) =>
    Stream.unwrap(Effect.map(this.execute(sql, params, transform), Stream.fromIterable));

  get isTransaction(): boolean {
    return this.#database.isTransaction;
  }
}

/** (milliseconds) ⇒ as SQLite writes its CURRENT_TIMESTAMP. */
const timestamp = (millis: number): string => new Date(millis).toISOString().slice(0, 19).replace("T", " ");

/** Opens the file; CURRENT_TIMESTAMP, where the engine's statements take the time, is a clock that nobody can set. */
const open = (path: string, clock: Clock.Clock): DatabaseSync => {
  const database = new DatabaseSync(path), steady = steadyClock(clock);
  database.function("current_timestamp", () => timestamp(steady.currentTimeMillisUnsafe()));
  database.exec(`PRAGMA busy_timeout = ${busyTimeout}; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;`);
  return database;
};

const make = Effect.fnUntraced(function* (path: string, failed: (error: unknown) => void) {
  const clock = yield* Clock.Clock;
  const database = yield* Effect.acquireRelease(
    Effect.try({ try: () => open(path, clock), catch: toSqlError }),
    (each) => Effect.sync(() => each.close()),
  );
  const semaphore = yield* Semaphore.make(1);
  const acquirers = Client.makeSqliteAcquirers({
    connection: Effect.succeed(new SqliteConnection(database, failed)),
    semaphore,
    isTransaction: (connection) => connection.isTransaction,
  });
  return yield* Client.make({
    ...acquirers,
    driver: "sqlite-node",
    compiler: Statement.makeCompilerSqlite(),
    spanAttributes: [],
    beginTransaction: "BEGIN IMMEDIATE",
    releaseSavepoint: (name) => `RELEASE SAVEPOINT ${name}`,
  });
});

/** (path, called with every error) ⇒ a client of the database file there, made where it is missing. */
export const sqliteClient = (
  path: string,
  failed: (error: unknown) => void,
): Layer.Layer<Client.SqlClient, SqlError> =>
  Layer.effect(Client.SqlClient, make(path, failed)).pipe(Layer.provide(Reactivity.layer));
