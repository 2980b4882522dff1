import { assertEquals, assertStringIncludes } from "@std/assert";
import * as Effect from "effect/Effect";
import * as Client from "effect/sql/SqlClient";
import { join } from "node:path";
import { embeddedEngine, SweepEngine } from "../../src/sweep/engine.ts";
import { sqliteClient } from "../../src/sweep/sqlite.ts";
import { temporaryFolder } from "../temporary.ts";

const newFile = () => join(temporaryFolder(), "a.sqlite");

const within = <A, E>(path: string, use: Effect.Effect<A, E, Client.SqlClient>, failed = (_: unknown) => {}) =>
  Effect.runPromise(Effect.provide(use, sqliteClient(path, failed)));

Deno.test("rows, values, parameters, and integers beyond 2^53 where they are asked for", async () => {
  await within(
    newFile(),
    Effect.gen(function* () {
      const sql = yield* Client.SqlClient;
      yield* sql`CREATE TABLE t (a INTEGER, b TEXT, c REAL)`;
      yield* sql`INSERT INTO t VALUES (${2n ** 60n}, ${null}, ${true})`;
      const big = sql`SELECT a FROM t`.pipe(Effect.provideService(Client.SafeIntegers, true));
      assertEquals([...(yield* big)].map((row) => ({ ...row })), [{ a: 2n ** 60n }]);
      assertEquals(yield* sql`SELECT b, c FROM t`.values, [[null, 1]]);
    }),
  );
});

Deno.test("a transaction that fails leaves nothing behind, one inside another neither", async () => {
  await within(
    newFile(),
    Effect.gen(function* () {
      const sql = yield* Client.SqlClient;
      yield* sql`CREATE TABLE t (a INTEGER)`;
      const count = Effect.map(sql`SELECT count(*) AS n FROM t`.values, ([[n]]) => n);
      yield* Effect.flip(sql.withTransaction(Effect.andThen(sql`INSERT INTO t VALUES (1)`, Effect.fail("no"))));
      assertEquals(yield* count, 0);
      const inner = Effect.flip(sql.withTransaction(Effect.andThen(sql`INSERT INTO t VALUES (2)`, Effect.fail("no"))));
      yield* sql.withTransaction(Effect.andThen(sql`INSERT INTO t VALUES (1)`, inner));
      assertEquals(yield* count, 1);
    }),
  );
});

Deno.test("errors are told to the caller and to the listener", async () => {
  const heard: Array<string> = [];
  const error = await within(
    newFile(),
    Effect.flip(Effect.flatMap(Client.SqlClient, (sql) => sql`SELECT * FROM nowhere`)),
    (each) => heard.push((each as Error).message),
  );
  assertEquals(error._tag, "SqlError");
  assertStringIncludes(heard[0], "no such table: nowhere");
});

Deno.test("an outcome is recorded once: the engine that comes after a kill neither loses nor repeats a cell", async () => {
  const path = newFile();
  const sweep = "2f1c7a52-5a0e-4d0b-9c1e-0a8f6b7d3e21", idOf = (name: string) => `pendulum-${name}-s0-00000000`;
  const work = { sweep, attempt: 1, iterations: 3, folder: "x", pipeline: "y" };
  const begun: Array<string> = [];
  const engine = (hangs: ReadonlyArray<string>) =>
    Effect.scoped(Effect.gen(function* () {
      const { submit, work: workThrough, read } = yield* SweepEngine;
      yield* Effect.forkScoped(workThrough(1, () => true, ({ id }) => {
        begun.push(id.split("-")[1]);
        return hangs.includes(begun.at(-1)!)
          ? Effect.never
          : Effect.succeed({ iterations: 3, steps: begun.length, host: "h" });
      }));
      for (const id of ["a", "b", "c"]) yield* submit({ ...work, id: idOf(id) });
      const recorded = Effect.map(read(sweep), (all) => all.filter(({ outcome }) => outcome !== null));
      while ((yield* recorded).length < (hangs.length > 0 ? 1 : 3) || begun.length < 2) yield* Effect.sleep(10);
      return (yield* recorded).map(({ key, outcome }) => [key.split("-").at(-3), outcome!.steps]).sort();
    })).pipe(Effect.provide(embeddedEngine(sqliteClient(path, () => {}))), Effect.runPromise);
  assertEquals(await engine(["b"]), [["a", 1]]); // b hangs until the engine ends
  assertEquals(await engine([]), [["a", 1], ["b", 3], ["c", 4]]);
  assertEquals(begun, ["a", "b", "b", "c"]);
});
