/**
 * A PostgreSQL server on a free port of loopback, with its data in a temporary folder.
 *
 * @module
 */
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import process from "node:process";
import { type Place, startCommand } from "./processes.ts";

/** A server that a test has alone. */
export interface Server {
  /** Without its password. */
  readonly url: string;
  readonly password: string;
  readonly port: number;
  readonly stop: () => void;
  readonly start: () => void;
  /** (statement) ⇒ its rows as text, columns apart by |. */
  readonly ask: (statement: string) => string;
  /** Turns encryption on, with a certificate for 127.0.0.1 that is signed by itself. (…) ⇒ path of the certificate. */
  readonly encrypt: () => string;
  /** Stops it and removes its data. */
  readonly close: () => void;
}

const folders = (): ReadonlyArray<string> => {
  const debian = "/usr/lib/postgresql";
  const versions = existsSync(debian) ? readdirSync(debian).sort().reverse() : [];
  return [...versions.map((version) => join(debian, version, "bin")), ...(process.env.PATH ?? "").split(":")];
};

const programs = folders().find((folder) => existsSync(join(folder, "initdb")) && existsSync(join(folder, "pg_ctl")));
const isRoot = Deno.build.os !== "windows" && Deno.uid() === 0;

/** Runs a program as the user that Debian makes for PostgreSQL, which refuses to be run by root. */
const runAsOwner = (...words: ReadonlyArray<string>): void => {
  const line = words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
  const [shell, ...rest] = isRoot ? ["su", "postgres", "-s", "/bin/sh", "-c", line] : ["/bin/sh", "-c", line];
  const { success, stderr } = new Deno.Command(shell, { args: rest, stdout: "null", stderr: "piped", cwd: "/" })
    .outputSync();
  if (!success) throw new Error(`Cannot run ${words[0]}: ${new TextDecoder().decode(stderr)}`);
};

const run = (program: string, ...args: ReadonlyArray<string>): void => runAsOwner(join(programs!, program), ...args);

const freePort = (): Promise<number> =>
  new Promise((done) => {
    const server = createServer();
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => done(port));
    });
  });

/** Makes and starts a server; null, and a line that says why, where there can be none. */
export const startServer = async (): Promise<Server | null> => {
  if (programs === undefined) {
    console.log("No PostgreSQL server is installed: sweeps over many machines are not tested");
    return null;
  }
  const folder = mkdtempSync(join(Deno.makeTempDirSync(), "postgres-"));
  chmodSync(join(folder, ".."), 0o755);
  chmodSync(folder, 0o777);
  const password = "hush-3f9a1c", port = await freePort(), data = join(folder, "data");
  const passwordFile = join(folder, "password");
  writeFileSync(passwordFile, password);
  chmodSync(passwordFile, 0o644);
  const settings = `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=${folder} -c fsync=off`;
  const start = () => run("pg_ctl", "-D", data, "-o", settings, "-l", join(folder, "log"), "-w", "start");
  const stop = () => run("pg_ctl", "-D", data, "-m", "fast", "-w", "stop");
  try {
    run("initdb", "-D", data, "-U", "mscv", "-A", "scram-sha-256", `--pwfile=${passwordFile}`, "--no-sync");
    start();
  } catch (error) {
    console.log(`No PostgreSQL server can be started: sweeps over many machines are not tested. ${error}`);
    rmSync(join(folder, ".."), { recursive: true, force: true });
    return null;
  }
  const ask = (statement: string): string => {
    const args = [
      "-h",
      "127.0.0.1",
      "-p",
      String(port),
      "-U",
      "mscv",
      "-d",
      "postgres",
      "-AtXq",
      "-v",
      "ON_ERROR_STOP=1",
    ];
    const script = join(folder, "statement.sql");
    writeFileSync(script, statement);
    const { success, stdout, stderr } = new Deno.Command(join(programs!, "psql"), {
      args: [...args, "-f", script],
      env: { PGPASSWORD: password, PGSSLMODE: "prefer" },
      stderr: "piped",
    }).outputSync();
    if (!success) throw new Error(`Cannot ask the server: ${new TextDecoder().decode(stderr)}`);
    return new TextDecoder().decode(stdout).trim();
  };
  const encrypt = (): string => {
    const key = join(data, "server.key"), certificate = join(data, "server.crt"), shown = join(folder, "server.crt");
    const name = ["-subj", "/CN=mscv", "-addext", "subjectAltName=IP:127.0.0.1"];
    runAsOwner(
      "openssl",
      "req",
      "-x509",
      "-newkey",
      "rsa:2048",
      "-nodes",
      "-days",
      "2",
      ...name,
      "-keyout",
      key,
      "-out",
      certificate,
    );
    runAsOwner("chmod", "600", key);
    runAsOwner("cp", certificate, shown);
    ask("ALTER SYSTEM SET ssl = on");
    ask("SELECT pg_reload_conf()");
    return shown;
  };
  const close = () => {
    stop();
    rmSync(join(folder, ".."), { recursive: true, force: true });
  };
  return { url: `postgres://mscv@127.0.0.1:${port}/postgres`, password, port, stop, start, ask, encrypt, close };
};

/** Starts a runner of one slot in a working folder; it may write where the place is, or below `runs`. */
export const startRunnerOn = (
  { url, password }: Server,
  place: Place,
  folder = ".",
  runs = dirname(place.out),
): Deno.ChildProcess =>
  startCommand(place, ["runner", "--storage", url, "--slots", "1", "--runs", runs], { PGPASSWORD: password }, folder);

/** Starts `ablate`, which leaves the cells to runners. */
export const startWatchingOn = (
  { url, password }: Server,
  place: Place,
  more: ReadonlyArray<string>,
): Deno.ChildProcess =>
  startCommand(place, ["ablate", place.file, "--out", place.out, "--storage", url, ...more], { PGPASSWORD: password });

/** Interrupts commands, and waits until they have ended. */
export const stopAll = async (...children: ReadonlyArray<Deno.ChildProcess>): Promise<void> => {
  for (const child of children) child.kill("SIGINT");
  await Promise.all(children.map((child) => child.status));
};
