import { assertEquals, assertStringIncludes } from "@std/assert";
import * as Effect from "effect/Effect";
import * as Redacted from "effect/Redacted";
import { parseListen } from "../../src/cli/run_runner.ts";
import { resolveStorage, withoutSecrets } from "../../src/sweep/storage.ts";

const good = (argument: string | null, environment: Record<string, string> = {}) =>
  Effect.runSync(resolveStorage(argument, environment));
const bad = (argument: string | null, environment: Record<string, string> = {}) =>
  Effect.runSync(Effect.flip(resolveStorage(argument, environment))).message;

Deno.test("no storage is the embedded engine", () => {
  assertEquals([good(null), good(null, { MSCV_STORAGE: "", PGPASSWORD: "x" })], [null, null]);
});

Deno.test("the password comes from the environment, and nothing that is shown holds it", () => {
  const storage = good("postgres://mscv@db:5433/study", { PGPASSWORD: "hush" })!;
  assertEquals([storage.label, Redacted.value(storage.password!)], ["postgres://db:5433/study", "hush"]);
  const whole = good(null, { MSCV_STORAGE: "postgres://mscv:hush@db/study", PGPASSWORD: "other" })!;
  assertEquals([whole.label, whole.password], ["postgres://db/study", null]); // the URL's own counts
  for (const each of [storage, whole]) {
    assertEquals(`${JSON.stringify(each)}${Deno.inspect(each)}${each.url}`.includes("hush"), false);
  }
});

Deno.test("a password among the arguments is refused without being repeated", () => {
  const message = bad("postgres://mscv:hush@db/study");
  assertStringIncludes(message, "--storage must hold no password");
  assertStringIncludes(message, "PGPASSWORD");
  assertEquals(message.includes("hush"), false);
  for (const key of ["password", "Password", "sslpassword", "pass%77ord"]) {
    const told = bad(`postgres://mscv@db/study?sslmode=require&${key}=hush`);
    assertStringIncludes(told, "--storage must hold no password");
    assertEquals(told.includes("hush"), false);
  }
  const inQuery = good(null, { MSCV_STORAGE: "postgres://db/study?user=mscv&password=hush", PGPASSWORD: "other" })!;
  assertEquals([inQuery.label, inQuery.password], ["postgres://db/study", null]);
  assertStringIncludes(bad("sqlite://x"), "it must be a URL such as postgres://user@host:5432/database");
  assertStringIncludes(bad("hopper"), "it must be a URL");
});

Deno.test("a database is on another machine unless its host is loopback, or a socket", () => {
  const remote = (host: string) => good(`postgres://u@${host}/x`)!.remote;
  assertEquals(["db", "10.0.0.7:5432", "[2001:db8::1]", "127.evil.example"].map(remote), [true, true, true, true]);
  assertEquals(["localhost", "127.0.0.1:5432", "[::1]:1"].map(remote), [false, false, false]);
  assertEquals([good("postgres:///x")!.remote, good("postgres:///x?host=db")!.remote], [false, true]);
});

Deno.test("training processes get the environment without what could hold the password", () => {
  assertEquals(
    withoutSecrets({ PATH: "/bin", PGPASSWORD: "hush", MSCV_STORAGE: "postgres://a:hush@b/c", NO: undefined }),
    {
      PATH: "/bin",
    },
  );
});

Deno.test("an address to listen on is a host with or without a port", () => {
  const parse = (text: string) => Effect.runSync(parseListen(text));
  assertEquals(parse("127.0.0.1"), { host: "127.0.0.1", port: 0 });
  assertEquals(parse("node7.cluster:7001"), { host: "node7.cluster", port: 7001 });
  assertEquals(parse("[::1]:80"), { host: "::1", port: 80 });
  for (const text of ["0.0.0.0", "0.0.0.0:7001", "[::]:80", "0"]) {
    assertStringIncludes(
      Effect.runSync(Effect.flip(parseListen(text))).message,
      "--listen must be one address, which the other runners are told",
    );
  }
  for (const text of ["", ":80", "a:b", "a:70000"]) {
    assertStringIncludes(
      Effect.runSync(Effect.flip(parseListen(text))).message,
      "--listen must be a host, or host:port",
    );
  }
});
