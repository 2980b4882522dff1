import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import * as Effect from "effect/Effect";
import * as Redacted from "effect/Redacted";
import { resolveStorage, withoutSecrets } from "../../src/sweep/storage.ts";
import { fake } from "../cli/child.ts";

const good = (argument: string | null, environment: Record<string, string> = {}) =>
  Effect.runSync(resolveStorage(argument, environment));
const bad = (argument: string | null, environment: Record<string, string> = {}) =>
  Effect.runSync(Effect.flip(resolveStorage(argument, environment))).message;

Deno.test("no storage is the embedded engine", () => {
  assertEquals([good(null), good(null, { MSCV_STORAGE: "", PGPASSWORD: "x" })], [null, null]);
});

Deno.test("a URL says host, port, user and database, and nothing in the environment does", () => {
  const hostile = { PGHOST: "evil", PGPORT: "1", PGUSER: "eve", PGDATABASE: "none", PGOPTIONS: "-c a=b", USER: "eve" };
  const { host, port, user, database, options } = good("postgres://mscv@db:5433/study", hostile)!;
  assertEquals([host, port, user, database, options], ["db", 5433, "mscv", "study", null]);
  const short = good("postgresql://mscv@db", hostile)!;
  assertEquals([short.port, short.database, short.label], [5432, null, "postgres://db/"]);
  const socket = good("postgres:///study?host=/run/pg&user=mscv&options=-c%20a%3Db", hostile)!;
  assertEquals([socket.host, socket.options, socket.label], ["/run/pg", "-c a=b", "postgres://%2Frun%2Fpg/study"]);
  const escaped = good(null, { MSCV_STORAGE: "postgres://a%40b:%2F%3F%23%25@[::1]/x" })!;
  assertEquals([escaped.user, escaped.host, Redacted.value(escaped.password!)], ["a@b", "::1", "/?#%"]);
});

Deno.test("the password comes from the environment, and nothing that is shown holds it", () => {
  const storage = good("postgres://mscv@db:5433/study", { PGPASSWORD: "hush" })!;
  assertEquals([storage.label, Redacted.value(storage.password!)], ["postgres://db:5433/study", "hush"]);
  const whole = good(null, { MSCV_STORAGE: "postgres://mscv:hu%40sh@db/study", PGPASSWORD: "other" })!;
  assertEquals([whole.label, Redacted.value(whole.password!)], ["postgres://db/study", "hu@sh"]); // the URL's own counts
  const inQuery = good(null, { MSCV_STORAGE: "postgres://db/study?user=mscv&password=hush", PGPASSWORD: "other" })!;
  assertEquals([inQuery.label, Redacted.value(inQuery.password!)], ["postgres://db/study", "hush"]);
  for (const each of [storage, whole, inQuery]) {
    assertEquals(/hu.?sh/.test(`${JSON.stringify(each)}${Deno.inspect(each)}${each.password}`), false);
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
});

Deno.test("a password whose special characters are not escaped is refused, and no part of it is told", () => {
  const passwords = ["s3cr3t/w0rd", "12/s3cr3t", "s3cr3t?w0rd", "12?s3cr3t", "s3cr3t#w0rd", "12#s3cr3t", "s3cr3t@w0rd"];
  const more = [
    "12/a@s3cr3t",
    "p%zzs3cr3t",
    "s3cr3t%",
    "s3cr3t w0rd",
    "s3cr3t\tw0rd",
    "12?user=s3cr3t",
    "@/s3cr3t",
    "%00s3cr3t",
  ];
  for (const password of [...passwords, ...more]) {
    for (const scheme of ["postgres://", "postgresql://", "postgres:", "postgres:/", "POSTGRES://", ""]) {
      for (const place of ["db:5432/study", "db", "db/study?sslmode=require"]) {
        const text = `${scheme}mscv:${password}@${place}`;
        for (const told of [bad(text), bad(null, { MSCV_STORAGE: text })]) {
          assertEquals(/s3cr|w0rd|mscv:/.test(told), false, told);
          assert(told.startsWith("Cannot use the storage as "), told);
        }
      }
    }
  }
});

Deno.test("what is no URL, or says something unknown, is refused in plain words", () => {
  const expected: Record<string, string> = {
    "sqlite://x": "it must be a URL such as postgres://user@host:5432/database",
    hopper: "it must be a URL",
    "host=db password=hush": "it must be a URL",
    "postgres://db/x": "it must name a user",
    "postgres://mscv@db/x?target_session_attrs=any": "its parameters must be among host, port, user",
    "postgres://mscv@db/x?port=1&port=2": "each once",
    "postgres://mscv@db/x?port=70000": "its port must be a number from 1 to 65535",
    "postgres://mscv@db,other/x": "it must name one host",
    "postgres://mscv@db/x?connect_timeout=soon": "its connect_timeout must be a number of seconds",
    "postgres://mscv@db/x#y": "percent-encoded",
  };
  for (const [text, words] of Object.entries(expected)) assertStringIncludes(bad(text), words);
});

Deno.test("a URL in the wrong place of a command line is not repeated", async () => {
  const url = "postgres://mscv:s3cr3t/w0rd@db/study";
  for (
    const args of [["runner", url], ["runner", "--slots", url], ["ablate", "a.yaml", url], ["runner", "--only", url]]
  ) {
    const { code, out, err } = await fake(...args);
    assertEquals([code, /s3cr|w0rd/.test(out + err)], [2, false], err);
  }
});

Deno.test("training processes get every variable that could hold the password empty, which names no storage", async () => {
  assertEquals(withoutSecrets, { MSCV_STORAGE: "", PGPASSWORD: "" });
  assertEquals(await Effect.runPromise(resolveStorage(null, withoutSecrets)), null);
});
