/**
 * Which database a sweep is in, with its password out of everyone's sight.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import * as Redacted from "effect/Redacted";
import * as Schema from "effect/Schema";

/** A database that cannot be used as it was named. */
export class StorageInvalid extends Schema.TaggedError<StorageInvalid>()("StorageInvalid", {
  message: Schema.String,
}) {}

/** A PostgreSQL database. */
export interface Storage {
  /** The whole URL; prints as <redacted>. */
  readonly url: Redacted.Redacted<string>;
  readonly password: Redacted.Redacted<string> | null;
  /** Whether it may be on another machine. */
  readonly remote: boolean;
  /** The same for people: host, port and database. */
  readonly label: string;
}

/** Environment variable of the URL; it may hold the password. */
export const storageVariable = "MSCV_STORAGE";

const parse = (text: string): URL | null => {
  try {
    const url = new URL(text);
    return ["postgres:", "postgresql:"].includes(url.protocol) ? url : null;
  } catch {
    return null;
  }
};

const secretKeys = new Set(["password", "sslpassword"]);

/** (URL) ⇒ whether it holds a password, wherever one may stand. */
const holdsPassword = ({ password, searchParams }: URL): boolean =>
  password !== "" || [...searchParams.keys()].some((key) => secretKeys.has(key.toLowerCase()));

/** (host) ⇒ whether only this machine reaches it. */
export const isLoopback = (host: string): boolean => /^(localhost|127(\.\d+){3}|\[?::1\]?)$/i.test(host);

type Environment = Readonly<Record<string, string | undefined>>;

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
    Effect.fail(
      new StorageInvalid({
        message: `Cannot use the storage as ${reason}`,
      }),
    );
  const url = parse(text);
  if (url === null) return refuse("it must be a URL such as postgres://user@host:5432/database");
  if (argument !== null && holdsPassword(url)) {
    return refuse(
      "--storage must hold no password, which the process list would show: give it by the environment variable " +
        `PGPASSWORD, or the whole URL by ${storageVariable}`,
    );
  }
  const password = environment.PGPASSWORD;
  return Effect.succeed({
    url: Redacted.make(text),
    password: !holdsPassword(url) && password !== undefined ? Redacted.make(password) : null,
    remote: !isLoopback(url.hostname || (url.searchParams.get("host") ?? "localhost")),
    label: `postgres://${url.host}${url.pathname}`,
  });
};

/** (environment) ⇒ the same without anything that could hold the password: what training processes get. */
export const withoutSecrets = (environment: Environment): Record<string, string> =>
  Object.fromEntries(
    Object.entries(environment).filter(([name, value]) =>
      value !== undefined && name !== storageVariable && name !== "PGPASSWORD"
    ),
  ) as Record<string, string>;
