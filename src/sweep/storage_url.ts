/**
 * A database's URL, taken apart.
 *
 * A password in which @, /, ?, # or % stands as it is would be cut in two, and a part of it shown as a host. So whatever
 * can be read in two ways is refused, and a refusal repeats nothing of it.
 *
 * @module
 */
import * as Result from "effect/Result";

/** Parameters that a URL may have behind its question mark, as libpq names them. */
const parameters = [
  "host",
  "port",
  "user",
  "password",
  "dbname",
  "sslmode",
  "ssl",
  "sslrootcert",
  "application_name",
  "connect_timeout",
  "options",
] as const;

/** What a URL says; null: nothing. */
export interface StorageUrl extends Readonly<Record<typeof parameters[number], string | null>> {
  /** host:port/database for people, percent-encoded. */
  readonly label: string;
}

/** Why a URL is refused: "it must …". */
export type Refusal = string;

const shape = "it must be a URL such as postgres://user@host:5432/database";
const escape = "a user, password or name in it must have its special characters percent-encoded: @ as %40, / as %2F, " +
  "? as %3F, # as %23, : as %3A, % as %25";

// deno-lint-ignore no-control-regex
const control = /[\u0000-\u001f\u007f]/;

/** (text) ⇒ why it may be read in two ways; null: it cannot. */
const ambiguity = (text: string): Refusal | null => {
  const scheme = /^postgres(ql)?:\/\//.exec(text);
  if (scheme === null || /\s/.test(text) || control.test(text)) return shape;
  const rest = text.slice(scheme[0].length), authority = /^[^/?#]*/.exec(rest)![0];
  const inAuthority = authority.split("@").length - 1, all = rest.split("@").length - 1;
  const database = rest.slice(authority.length + 1).split("?")[0];
  return inAuthority > 1 || all > inAuthority || rest.includes("#") || /[/:\\]/.test(database) ? escape : null;
};

const decode = (text: string): string | null => {
  try {
    const decoded = decodeURIComponent(text);
    return control.test(decoded) ? null : decoded;
  } catch {
    return null;
  }
};

const parse = (text: string): URL | null => {
  try {
    return new URL(text);
  } catch {
    return null;
  }
};

const isPort = (text: string): boolean => /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65535;

/** (text) ⇒ what it says, or why it is refused. */
export const readStorageUrl = (text: string): Result.Result<StorageUrl, Refusal> => {
  const ambiguous = ambiguity(text);
  if (ambiguous !== null) return Result.fail(ambiguous);
  const url = parse(text);
  if (url === null) return Result.fail(shape);
  const said = new Map<string, string | null>([
    ["user", url.username],
    ["password", url.password],
    ["host", url.hostname.replace(/^\[|\]$/g, "")],
    ["port", url.port],
    ["dbname", url.pathname.replace(/^\//, "")],
  ].map(([name, value]) => [name, decode(value)]));
  const keys = [...url.searchParams.keys()];
  if (new Set(keys).size < keys.length || keys.some((key) => !(parameters as ReadonlyArray<string>).includes(key))) {
    return Result.fail(`its parameters must be among ${parameters.join(", ")}, each once`);
  }
  for (const [key, value] of url.searchParams) said.set(key, control.test(value) ? null : value);
  if ([...said.values()].includes(null)) return Result.fail(escape);
  const get = (name: string) => said.get(name) || null;
  const [host, port, database] = [get("host"), get("port"), get("dbname")];
  if (port !== null && !isPort(port)) return Result.fail("its port must be a number from 1 to 65535");
  if (host?.includes(",")) return Result.fail("it must name one host");
  const shown = host === null
    ? ""
    : /^[\w.:-]+$/.test(host)
    ? (host.includes(":") ? `[${host}]` : host)
    : encodeURIComponent(host);
  const label = `${shown}${port === null ? "" : `:${port}`}/${encodeURIComponent(database ?? "")}`;
  const whole = Object.fromEntries(parameters.map((name) => [name, get(name)])) as Omit<StorageUrl, "label">;
  return Result.succeed({ ...whole, label });
};

const secretKeys = new Set(["password", "sslpassword"]);

/** (text) ⇒ whether it holds a password, as far as that can be told. */
export const holdsPassword = (text: string): boolean => {
  const url = parse(text);
  return url !== null &&
    (url.password !== "" || [...url.searchParams.keys()].some((key) => secretKeys.has(key.toLowerCase())));
};

/** (text for people) ⇒ the same without the URLs of databases: one in a wrong place may hold a password. */
export const withoutStorageUrls = (text: string): string => text.replace(/\b(postgres(?:ql)?:).*/gi, "$1…");
