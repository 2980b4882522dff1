/**
 * Which database a sweep is in; its password is never shown.
 *
 * The command line and four variables of the environment say all of it; nothing else steers a connection.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import * as Redacted from "effect/Redacted";
import * as Result from "effect/Result";
import * as Schema from "effect/Schema";
import { resolveTls, type Tls } from "./storage_tls.ts";
import { holdsPassword, readStorageUrl, type StorageUrl } from "./storage_url.ts";

/** A database that cannot be used as it was named. */
export class StorageInvalid extends Schema.TaggedError<StorageInvalid>()("StorageInvalid", {
  message: Schema.String,
}) {}

/** A PostgreSQL database. */
export interface Storage {
  /** Name, address, or folder of a socket. */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** Null: the one that has the user's name. */
  readonly database: string | null;
  readonly password: Redacted.Redacted<string> | null;
  readonly tls: Tls;
  /** Settings of the session, as libpq's `options`; null: none. */
  readonly options: string | null;
  /** Name under which the server lists the connections. */
  readonly application: string;
  /** Seconds that connecting may take; 0: any. */
  readonly connectTimeout: number;
  /** The same for people: host, port and database. */
  readonly label: string;
}

/** Environment variable of the URL; it may hold the password. */
export const storageVariable = "MSCV_STORAGE";

const secretVariables: ReadonlySet<string> = new Set([storageVariable, "PGPASSWORD"]);

type Environment = Readonly<Record<string, string | undefined>>;

const inArguments =
  "--storage must hold no password, which the process list would show: give it by the environment variable " +
  `PGPASSWORD, or the whole URL by ${storageVariable}`;

const storageOf = (url: StorageUrl, environment: Environment): Result.Result<Storage, string> => {
  if (url.user === null) return Result.fail("it must name a user, as in postgres://user@host:5432/database");
  const timeout = url.connect_timeout ?? "5", host = url.host ?? "localhost";
  if (!/^\d{1,6}$/.test(timeout)) return Result.fail("its connect_timeout must be a number of seconds");
  const mode = url.ssl === null ? url.sslmode ?? (environment.PGSSLMODE || null) : url.sslmode;
  const words = { sslmode: mode, ssl: url.ssl, sslrootcert: url.sslrootcert ?? (environment.PGSSLROOTCERT || null) };
  const password = url.password ?? environment.PGPASSWORD;
  return Result.map(resolveTls(host, words), (tls): Storage => ({
    host,
    port: Number(url.port ?? 5432),
    user: url.user!,
    database: url.dbname,
    password: password === undefined ? null : Redacted.make(password),
    tls,
    options: url.options,
    application: url.application_name ?? "mscv",
    connectTimeout: Number(timeout),
    label: `postgres://${url.label}`,
  }));
};

/**
 * (--storage or null, environment) ⇒ (storage), null for the embedded engine.
 *
 * Fails: StorageInvalid, also on a password among the arguments, which every user of the machine could read.
 */
export const resolveStorage = (
  argument: string | null,
  environment: Environment,
): Effect.Effect<Storage | null, StorageInvalid> => {
  const text = argument ?? environment[storageVariable] ?? null;
  if (text === null || text === "") return Effect.succeed(null);
  const refuse = (reason: string) =>
    Effect.fail(new StorageInvalid({ message: `Cannot use the storage as ${reason}` }));
  if (argument !== null && holdsPassword(argument)) return refuse(inArguments);
  return Result.match(Result.flatMap(readStorageUrl(text), (url) => storageOf(url, environment)), {
    onSuccess: (storage) => Effect.succeed(storage),
    onFailure: refuse,
  });
};

/** What training processes are started with: variables that could hold the password are empty there. */
export const withoutSecrets: Readonly<Record<string, string>> = Object.fromEntries(
  [...secretVariables].map((name) => [name, ""]),
);
