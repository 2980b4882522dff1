/**
 * How a connection to a database is encrypted, in libpq's words: `sslmode` and `sslrootcert`.
 *
 * A database on another machine is talked to by `verify-full` unless something else is named; one on this machine, over
 * loopback or a socket, in plain.
 *
 * Departure: libpq's own default, `prefer`, and `allow` may send everything in plain text to whoever answers, without a
 * word. They are refused for another machine, and mean plain text on this one.
 *
 * @module
 */
import * as Result from "effect/Result";
import { readFileSync } from "node:fs";
import type { ConnectionOptions } from "node:tls";
import type { Refusal } from "./storage_url.ts";

/** disable: plain text; require: encrypted; verify-ca: and the certificate's issuer is known; verify-full: and its name is the host's. */
export type TlsMode = "disable" | "require" | "verify-ca" | "verify-full";

/** How a connection is encrypted. */
export interface Tls {
  readonly mode: TlsMode;
  /** File of issuers' certificates; null: those that the system trusts. */
  readonly issuers: string | null;
}

const plain: Tls = { mode: "disable", issuers: null };

/** What was said of TLS; null: nothing. */
export interface TlsWords {
  readonly sslmode: string | null;
  readonly ssl: string | null;
  readonly sslrootcert: string | null;
}

const modes: ReadonlyArray<string> = ["disable", "require", "verify-ca", "verify-full"] satisfies ReadonlyArray<
  TlsMode
>;

const modeOf = ({ sslmode, ssl }: TlsWords, isRemote: boolean): Result.Result<TlsMode, Refusal> => {
  if (sslmode !== null && ssl !== null) return Result.fail("sslmode and ssl must not be given both");
  if (ssl !== null && ssl !== "true") return Result.fail("ssl must be true; sslmode says more");
  if (sslmode === null) return Result.succeed(isRemote ? "verify-full" : ssl === "true" ? "require" : "disable");
  if (modes.includes(sslmode)) return Result.succeed(sslmode as TlsMode);
  if (!["allow", "prefer"].includes(sslmode)) return Result.fail(`sslmode must be one of ${modes.join(", ")}`);
  return isRemote
    ? Result.fail(
      `sslmode must be one of ${modes.join(", ")} for another machine: ${sslmode} may send everything in plain text`,
    )
    : Result.succeed("disable");
};

/** (host, words) ⇒ (how). A socket of this machine is never encrypted. */
export const resolveTls = (host: string, words: TlsWords): Result.Result<Tls, Refusal> => {
  if (host.startsWith("/")) return Result.succeed(plain);
  const found = modeOf(words, !isLoopback(host));
  if (Result.isFailure(found)) return Result.fail(found.failure);
  const issuers = words.sslrootcert === "system" ? null : words.sslrootcert;
  const mode = found.success === "require" && issuers !== null ? "verify-ca" : found.success; // as libpq does
  if (mode === "verify-ca" && issuers === null) {
    return Result.fail(
      "sslmode=verify-ca must come with sslrootcert: anyone may have a certificate of a public issuer",
    );
  }
  return Result.succeed(mode === "disable" ? plain : { mode, issuers });
};

/** (host) ⇒ whether only this machine reaches it. */
const isLoopback = (host: string): boolean => /^(localhost|127(\.\d+){3}|::1)$/i.test(host) || host.startsWith("/");

/** (how) ⇒ what the connection is made with; false: plain text. Throws where the issuers cannot be read. */
export const tlsOptions = ({ mode, issuers }: Tls): ConnectionOptions | false => {
  if (mode === "disable") return false;
  if (mode === "require") return { rejectUnauthorized: false };
  const verified = { rejectUnauthorized: true, ...(issuers === null ? {} : { ca: readFileSync(issuers, "utf8") }) };
  return mode === "verify-ca" ? { ...verified, checkServerIdentity: () => undefined } : verified;
};
