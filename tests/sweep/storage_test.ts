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
  assertStringIncludes(bad("sqlite://x"), "it must be a URL such as postgres://user@host:5432/database");
  assertStringIncludes(bad("hopper"), "it must be a URL");
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
  for (const text of ["", ":80", "a:b", "a:70000"]) {
    assertStringIncludes(
      Effect.runSync(Effect.flip(parseListen(text))).message,
      "--listen must be a host, or host:port",
    );
  }
});
