/**
 * How connections to a database are encrypted: what is resolved, what goes over the wire, and what a real server with a
 * certificate of its own making is answered.
 *
 * @module
 */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import * as Layer from "effect/Layer";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { postgresClient } from "../../src/sweep/postgres.ts";
import { resolveStorage } from "../../src/sweep/storage.ts";
import { startServer } from "./postgres_server.ts";
import { canList } from "./processes.ts";

const server = canList ? await startServer() : null;
globalThis.addEventListener("unload", () => server?.close());

const resolve = (url: string, environment: Record<string, string> = {}) =>
  Effect.runSync(Effect.match(resolveStorage(url, environment), {
    onSuccess: (storage) => `${storage!.tls.mode} ${storage!.tls.issuers}`,
    onFailure: ({ message }) => message,
  }));

Deno.test("another machine is talked to by verify-full unless something else is named; this one in plain", () => {
  const hosts = ["db", "10.0.0.7:5432", "[2001:db8::1]", "127.evil.example", "localhost.evil.example", "%31%30.0.0.1"];
  for (const host of hosts) {
    const at = (query: string, environment = {}) => resolve(`postgres://u@${host}/x${query}`, environment);
    assertEquals([at(""), at("?ssl=true"), at("", { PGSSLMODE: "" })], Array(3).fill("verify-full null"));
    assertEquals(at("?sslrootcert=/a.pem"), "verify-full /a.pem");
    assertEquals(at("", { PGSSLROOTCERT: "/b.pem" }), "verify-full /b.pem");
    assertEquals([at("?sslmode=disable"), at("?sslmode=require")], ["disable null", "require null"]);
    assertEquals([at("", { PGSSLMODE: "disable" }), at("", { PGSSLMODE: "require" })], [
      "disable null",
      "require null",
    ]);
    assertEquals(at("?sslmode=verify-full", { PGSSLMODE: "disable" }), "verify-full null"); // the URL counts
    for (const mode of ["allow", "prefer"]) {
      for (const told of [at(`?sslmode=${mode}`), at("", { PGSSLMODE: mode })]) {
        assertStringIncludes(told, `for another machine: ${mode} may send everything in plain text`);
      }
    }
  }
  for (const host of ["localhost", "127.0.0.1:5432", "[::1]:1", "127.9.9.9", "%2Ftmp"]) {
    assertEquals(resolve(`postgres://u@${host}/x`), "disable null");
  }
  assertEquals(resolve("postgres:///x?host=db&user=u"), "verify-full null");
});

Deno.test("sslmode, ssl and sslrootcert have libpq's meanings, or are refused", () => {
  const at = (query: string) => resolve(`postgres://u@127.0.0.1/x?${query}`);
  assertEquals([at("ssl=true"), at("sslmode=require")], ["require null", "require null"]);
  assertEquals(at("sslmode=require&sslrootcert=/a.pem"), "verify-ca /a.pem"); // as libpq, where there are issuers
  assertEquals(at("sslmode=verify-ca&sslrootcert=/a.pem"), "verify-ca /a.pem");
  assertEquals(at("sslmode=verify-full&sslrootcert=system"), "verify-full null");
  assertEquals([at("sslmode=prefer"), at("sslmode=allow")], ["disable null", "disable null"]);
  assertStringIncludes(at("sslmode=verify-ca"), "sslmode=verify-ca must come with sslrootcert");
  assertStringIncludes(at("sslmode=on"), "sslmode must be one of disable, require, verify-ca, verify-full");
  assertStringIncludes(at("ssl=1"), "ssl must be true");
  assertStringIncludes(at("ssl=true&sslmode=disable"), "sslmode and ssl must not be given both");
});

/** (query, environment) ⇒ the code that a client sends first: 80877103 asks for TLS, 196608 begins in plain text. */
const firstCode = async (query: string, environment: Record<string, string> = {}): Promise<number> => {
  const heard = Promise.withResolvers<number>();
  const listening = createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", (bytes) => {
      heard.resolve(new DataView(bytes.buffer, bytes.byteOffset).getUint32(4));
      socket.destroy();
    });
  });
  await new Promise<void>((done) => listening.listen(0, "127.0.0.1", done));
  const { port } = listening.address() as AddressInfo;
  const exit = await Effect.runPromiseExit(connect(`postgres://mscv@127.0.0.1:${port}/x${query}`, environment));
  listening.close();
  assertEquals(Exit.isFailure(exit), true);
  return await heard.promise;
};

const connect = (url: string, environment: Record<string, string>) =>
  Effect.scoped(Effect.flatMap(
    resolveStorage(url, environment),
    (storage) => Effect.asVoid(Layer.build(postgresClient(storage!))),
  ));

Deno.test("over the wire: TLS is asked for before anything is said, however it was asked for", async () => {
  for (const query of ["?ssl=true", "?sslmode=require", "?sslmode=verify-full"]) {
    assertEquals(await firstCode(query), 80877103, query);
  }
  assertEquals(await firstCode("", { PGSSLMODE: "require" }), 80877103);
  assertEquals(await firstCode("", { PGSSLMODE: "verify-full" }), 80877103);
  for (const query of ["", "?sslmode=disable"]) assertEquals(await firstCode(query), 196608, query);
  assertEquals(await firstCode("?sslmode=disable", { PGSSLMODE: "require" }), 196608);
});

Deno.test("a server that has no TLS is not gone on with in plain text", async () => {
  let after = 0;
  const listening = createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => {
      socket.write("N");
      socket.on("data", () => after++);
    });
  });
  await new Promise<void>((done) => listening.listen(0, "127.0.0.1", done));
  const { port } = listening.address() as AddressInfo;
  const error = await Effect.runPromise(
    Effect.flip(connect(`postgres://mscv@127.0.0.1:${port}/x?sslmode=require`, {})),
  );
  listening.close();
  assertMatch(error.message, /must be reachable by sslmode=require: .*TLS/);
  assertEquals(after, 0);
});

Deno.test({
  name: "a server with a certificate of its own making: require works, verify-full where its issuer is named",
  ignore: server === null,
  fn: async () => {
    const certificate = server!.encrypt();
    const at = (query: string, host = "127.0.0.1") =>
      Effect.runPromise(Effect.match(
        connect(`postgres://mscv@${host}:${server!.port}/postgres?${query}`, { PGPASSWORD: server!.password }),
        { onSuccess: () => "connected", onFailure: ({ message }) => message },
      ));
    const known = `sslrootcert=${certificate}`;
    assertEquals(await at("sslmode=require"), "connected");
    assertMatch(
      await at("sslmode=verify-full"),
      /^Cannot use postgres:\S+ as its certificate must pass sslmode=verify-full: self-signed .*by sslrootcert in the URL, or by PGSSLROOTCERT$/i,
    );
    assertEquals(await at(`sslmode=verify-full&${known}`), "connected");
    assertEquals(await at(`sslmode=verify-ca&${known}`), "connected");
    // The certificate names 127.0.0.1 and no other.
    assertMatch(await at(`sslmode=verify-full&${known}`, "localhost"), /must pass sslmode=verify-full: .*localhost/);
    assertEquals(await at(`sslmode=verify-ca&${known}`, "localhost"), "connected");
    assertStringIncludes(
      await at("sslmode=verify-full&sslrootcert=/nowhere.pem"),
      "sslrootcert must be a readable file",
    );
  },
});
