/**
 * A database into which somebody else writes: what its runners and its readers make of it.
 *
 * @module
 */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { workKey } from "../../src/sweep/cell_work.ts";
import { readManifest } from "../../src/sweep/manifest.ts";
import { ended, logOf } from "../cli/child.ts";
import { type Server, startRunnerOn, startServer, startWatchingOn, stopAll } from "./postgres_server.ts";
import { canList, collect, endStarted, makePlace, type Place, startCommand, sweepOf, until } from "./processes.ts";
import { temporaryFolder } from "../temporary.ts";

const server: Server | null = canList ? await startServer() : null;
globalThis.addEventListener("unload", () => server?.close());
Deno.test.afterEach(endStarted);

const ignore = server === null;
const axes = "axes: { variant: { a: {}, b: { set: { trpoUpdate: { maxKl: 0.02 } } } }, seed: [0, 1, 2] }\n";

const startWatching = (place: Place, ...more: ReadonlyArray<string>): Deno.ChildProcess =>
  startWatchingOn(server!, place, more);

/** (key of a cell's work) ⇒ the name of its workflow, under which its element stands in the queue. */
const executionOf = (key: string): string =>
  createHash("sha256").update(`9:mscv/Cell:${key}`).digest("hex").slice(0, 32);

/** (place) ⇒ keys of its cells, in the order of the manifest. */
const keysOf = ({ out }: Place): ReadonlyArray<string> => {
  const { sweep, cells } = readManifest(out)!;
  return cells.map((cell) => workKey({ sweep, ...cell }));
};

const quote = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** Puts an element into the queue, before all others. */
const put = (id: string, element: string): void =>
  void server!.ask(
    "INSERT INTO mscv_queue (id, queue_name, element, state, attempts, visible_at, created_at, updated_at) " +
      `VALUES (${quote(id)}, 'cells', ${element}, 'pending', 0, '2001-01-01', NOW(), NOW())`,
  );

const putWork = (id: string, work: unknown): void => put(id, quote(JSON.stringify({ work })));

Deno.test({
  name:
    "elements that climb, are too large or no work at all: refused with a line, told to the sweep they stand for, and the others are trained",
  ignore,
  fn: async () => {
    const place = makePlace(0, axes), { out } = place, root = join(dirname(out), "root");
    const inside = { ...place, out: join(root, "sweep") }, outside = join(dirname(out), "outside");
    for (const folder of [root, outside]) mkdirSync(folder);
    symlinkSync(outside, join(root, "out"));
    assertEquals((await ended(startWatching(inside, "--detach"))).code, 0);
    const { sweep, cells } = readManifest(inside.out)!, [first, ...rest] = keysOf(inside);
    const work = { sweep, ...cells[0], folder: inside.out, pipeline: "task: pendulum\n" };
    putWork(executionOf(first), { ...work, folder: outside });
    put(executionOf(rest[0]), quote("no JSON"));
    put(executionOf(rest[1]), "repeat('x', 2000000)");
    putWork(executionOf(rest[2]), work); // another cell's
    const forged = [
      ...["", "..", "/", outside, join(root, "out/x"), "a\0b"].map((folder) => ({ ...work, folder })),
      { ...work, id: "../../outside/x-s0-0123abcd" },
      { ...work, iterations: "12" },
      7,
    ];
    forged.forEach((each, i) => putWork(`forged-${i}`, each));
    put("of-another-shape", quote("[1]"));
    put("large", "repeat('[', 40000000)"); // more than a client reads at once
    const runner = startRunnerOn(server!, place, ".", root), said = collect(runner);
    const { code } = await ended(startWatching(inside));
    assertEquals(code, 1);
    await until(
      "all to be refused",
      () => server!.ask("SELECT count(*) FROM mscv_queue WHERE state = 'pending'") === "0",
    );
    const ended1 = sweepOf(inside).cells.map(({ state, error }) => error?.tag ?? state);
    assertEquals(ended1, ["WorkInvalid", "WorkInvalid", "WorkInvalid", "WorkInvalid", "done", "done"]);
    const lines = said.text().split("\n").filter((line) => line.startsWith("refused "));
    assertEquals(lines.length, 3 + forged.length + 2, said.text());
    assertEquals(said.text().includes("    at "), false);
    assertEquals([readdirSync(outside), readdirSync(root).sort()], [[], ["out", "sweep"]]);
    assertEquals((await ended(startWatching(inside, "--retry-failed"))).code, 0); // the same runner lives
    assertEquals(sweepOf(inside).cells.map(({ folder }) => logOf(folder).length), Array(6).fill(12));
    await stopAll(runner);
  },
});

Deno.test({
  name: "a sweep that lies elsewhere than the runner's --runs fails with the word for it, and nothing is written there",
  ignore,
  fn: async () => {
    const place = makePlace(0, "axes: { variant: { a: {} }, seed: [0] }\n"), home = dirname(place.file);
    const start = (out: string) =>
      startCommand(
        { ...place },
        ["ablate", place.file, "--out", out, "--storage", server!.url],
        { PGPASSWORD: server!.password },
        home,
      );
    const away = temporaryFolder(), runner = startRunnerOn(server!, place, away, "runs");
    collect(runner);
    const elsewhere = await ended(start("elsewhere/study"));
    assertEquals(elsewhere.code, 1);
    assertMatch(elsewhere.err, /WorkInvalid|must lie below \S+\/runs: current value is elsewhere\/study/);
    const [{ error }] = sweepOf({ ...place, out: join(home, "elsewhere/study") }).cells;
    assertEquals(error?.tag, "WorkInvalid");
    assertStringIncludes(error!.message, "Start the runner with a --runs that holds it");
    assertEquals(readdirSync(away), []);
    assertEquals((await ended(start("runs/study"))).code, 0); // what it takes by its default flags
    await stopAll(runner);
  },
});

Deno.test({
  name: "messages of workflows that are no workflow's do not end a runner",
  ignore,
  fn: async () => {
    const place = makePlace(0, "axes: { variant: { a: {} }, seed: [0, 1] }\n");
    const runner = startRunnerOn(server!, place), said = collect(runner);
    assertEquals((await ended(startWatching(place, "--only", "seed=0"))).code, 0);
    const columns = server!.ask(
      "SELECT string_agg(quote_ident(column_name::text), ',') FROM information_schema.columns " +
        "WHERE table_name = 'mscv_cluster_messages' AND column_name NOT IN ('rowid', 'id', 'request_id', 'message_id', 'payload', " +
        "'processed', 'last_read', 'last_reply_id')",
    );
    for (const [i, payload] of ["{}", "[]", '{"folder":"../x","id":7}', "null"].entries()) {
      server!.ask(
        `INSERT INTO mscv_cluster_messages (id, request_id, message_id, payload, processed, ${columns}) SELECT ${
          i + 1
        }, ${i + 1}, ` +
          `'forged-${i}', ${quote(payload)}, FALSE, ${columns} FROM mscv_cluster_messages WHERE tag = 'run' LIMIT 1`,
      );
    }
    assertEquals(server!.ask("SELECT count(*) FROM mscv_cluster_messages WHERE message_id LIKE 'forged-%'"), "4");
    assertEquals((await ended(startWatching(place))).code, 0);
    assertEquals(sweepOf(place).cells.map(({ state }) => state), ["done", "done"]);
    assertEquals(said.text().includes("    at "), false);
    await stopAll(runner);
  },
});

Deno.test({
  name:
    "readers take outcomes and logs that are none for failures and for nothing, and write neither past their bounds",
  ignore,
  fn: async () => {
    const place = makePlace(0, axes);
    assertEquals((await ended(startWatching(place, "--detach"))).code, 0);
    const { sweep, cells } = readManifest(place.out)!, keys = keysOf(place);
    const outcome = (i: number, more = {}) => ({
      id: cells[i].id,
      attempt: 1,
      state: "done",
      iterations: 12,
      steps: 96,
      host: "h\u001b[2J",
      error: null,
      ...more,
    });
    const outcomes = [
      "no JSON",
      JSON.stringify(outcome(1, { id: "../../evil" })),
      JSON.stringify(
        outcome(2, { state: "failed", error: { tag: "T", message: "m\u001b]0;owned\u0007", log: ["l\u009b2J"] } }),
      ),
      JSON.stringify(outcome(3)),
      JSON.stringify(outcome(4)),
    ];
    for (const [i, text] of outcomes.entries()) {
      server!.ask(
        "INSERT INTO mscv_cells (work_key, sweep, iterations, steps, host, heard, outcome) " +
          `VALUES (${quote(keys[i])}, ${quote(sweep)}, 1, 8, 'h', 0, ${quote(text)})`,
      );
    }
    server!.ask(
      "INSERT INTO mscv_cells (work_key, sweep, iterations, steps, host, heard, outcome) " +
        `VALUES (${quote(keys[5])}, ${quote(sweep)}, 1, 8, 'h', 0, repeat('x', 40000000))`,
    );
    const bomb = gzipSync(Buffer.alloc(200_000_000, "\n")).toString("base64");
    const evil = gzipSync('{"iteration":1,"steps":8}\nnot a line\n').toString("base64");
    for (const [i, log] of [[3, bomb], [4, evil]] as const) {
      server!.ask(`INSERT INTO mscv_logs (work_key, log) VALUES (${quote(keys[i])}, ${quote(log)})`);
    }
    const status = await ended(startCommand(
      place,
      ["status", place.file, "--out", place.out, "--storage", server!.url],
      { PGPASSWORD: server!.password },
    ));
    assertEquals([status.code, status.err], [0, ""]);
    // deno-lint-ignore no-control-regex
    assertEquals(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/.test(status.out), false);
    const found = sweepOf(place).cells.map(({ state, error }) => error?.tag ?? state);
    assertEquals(found, ["OutcomeInvalid", "OutcomeInvalid", "T", "done", "done", "OutcomeInvalid"]);
    for (const i of [3, 4]) {
      const log = join(place.out, "cells", cells[i].id, "metrics.jsonl");
      assertEquals(existsSync(log) ? readFileSync(log, "utf8") : "", "");
    }
    assertEquals(readdirSync(join(place.out, "outcomes")).length, 6);
    rmSync(place.out, { recursive: true });
  },
});
