/**
 * What a sweep costs beside the training: cells that train nothing, through the whole engine.
 *
 * Embedded: the time of a cell from its submission to its recorded outcome, in SQLite, four at a time, as `ablate` submits
 * them; and the memory as their number grows (workflows stay for 10 s after their last message, so that the first
 * thousand or two add to it). PostgreSQL, where a server is installed: cells that wait for 100 ms, over
 * 1 to 4 runners with 2 slots each, so that a runner can do 20 a second at best.
 *
 *   deno run --allow-all tests/bench/sweep_bench.ts
 */
import { parseArgs } from "@std/cli";
import * as Effect from "effect/Effect";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { TrainCell } from "../../src/sweep/cell_queue.ts";
import type { CellWork } from "../../src/sweep/cell_work.ts";
import { embeddedEngine, submitCells, SweepEngine } from "../../src/sweep/engine.ts";
import { postgresClient, postgresRunner } from "../../src/sweep/postgres.ts";
import { sqliteClient } from "../../src/sweep/sqlite.ts";
import { resolveStorage } from "../../src/sweep/storage.ts";
import { startServer } from "../sweep/postgres_server.ts";
import { temporaryFolder } from "../temporary.ts";

const cell = (sweep: string, index: number): CellWork => ({
  sweep,
  id: `cell-s${index}-00000000`,
  attempt: 1,
  iterations: 1,
  folder: "nowhere",
  pipeline: "task: none\n".repeat(60), // about as long as a resolved pipeline
});

setFlagsFromString("--expose-gc");
const collectGarbage: () => void = runInNewContext("gc");

const untilRecorded = (sweep: string, count: number) =>
  Effect.gen(function* () {
    const engine = yield* SweepEngine;
    const recorded = Effect.map(engine.read(sweep), (all) => all.filter(({ outcome }) => outcome !== null).length);
    while ((yield* recorded) < count) yield* Effect.sleep("200 millis");
  });

const slots = 4, ahead = 8, rounds = 4, cellsARound = 1000, bar = 10;

const here = randomUUID();

const embedded = Effect.gen(function* () {
  const engine = yield* SweepEngine;
  let next = 0, last = 0;
  const submitNext = Effect.suspend(() => next < last ? engine.submit(cell(here, next++)) : Effect.void);
  const train: TrainCell = () => Effect.as(submitNext, { iterations: 1, steps: 0, host: "here" });
  yield* Effect.forkScoped(engine.work(slots, () => true, train));
  for (let round = 1; round <= rounds; round++) {
    const begin = performance.now();
    last += cellsARound;
    for (let i = 0; i < slots + ahead; i++) yield* submitNext;
    yield* untilRecorded(here, last);
    const each = (performance.now() - begin) / cellsARound;
    const verdict = each <= bar ? "met" : "MISSED";
    collectGarbage();
    const { heapUsed, rss } = Deno.memoryUsage();
    const memory = `heap ${(heapUsed / 1e6).toFixed(0)} MB, resident ${(rss / 1e6).toFixed(0)} MB`;
    console.log(
      `embedded, cells ${last - cellsARound + 1} to ${last}: ${each.toFixed(2)} ms a cell ` +
        `(bar ${bar} ms, ${verdict}), ${memory}`,
    );
  }
});

const storageOf = async (url: string) => (await Effect.runPromise(resolveStorage(url, Deno.env.toObject())))!;

const runner = async (url: string): Promise<void> => {
  const train: TrainCell = () => Effect.as(Effect.sleep("100 millis"), { iterations: 1, steps: 0, host: "here" });
  const work = Effect.gen(function* () {
    const engine = yield* SweepEngine;
    return yield* engine.work(2, () => true, train);
  });
  const layer = postgresRunner(await storageOf(url));
  await Effect.runPromise(Effect.provide(Effect.scoped(work), layer));
};

const startRunner = (url: string, password: string): Deno.ChildProcess =>
  new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", new URL(import.meta.url).pathname, "--runner", url],
    env: { PGPASSWORD: password },
    stdout: "null",
  }).spawn();

const overRunners = (sweep: string, cells: number) =>
  Effect.gen(function* () {
    const begin = performance.now();
    yield* submitCells(Array.from({ length: cells }, (_, i) => cell(sweep, i)));
    yield* untilRecorded(sweep, cells);
    return cells / (performance.now() - begin) * 1000;
  });

const postgres = async (): Promise<void> => {
  const server = await startServer();
  if (server === null) return;
  Deno.env.set("PGPASSWORD", server.password);
  const runners: Array<Deno.ChildProcess> = [];
  const measure = Effect.gen(function* () {
    for (let count = 1; count <= 4; count++) {
      runners.push(startRunner(server.url, server.password));
      yield* overRunners(randomUUID(), 4 * count);
      yield* Effect.sleep("4 seconds"); // shards move to the new runner
      const rate = yield* overRunners(randomUUID(), 100 * count);
      console.log(`PostgreSQL, ${count} runners: ${rate.toFixed(1)} cells a second of ${20 * count} at best`);
    }
  });
  try {
    await Effect.runPromise(Effect.provide(measure, postgresClient(await storageOf(server.url))));
  } finally {
    for (const child of runners) child.kill("SIGKILL");
    await Promise.all(runners.map(({ status }) => status));
    server.close();
  }
};

const { runner: address } = parseArgs(Deno.args, { string: ["runner"] });
if (address !== undefined) await runner(address);
else {
  const database = join(temporaryFolder(), "sweep.sqlite");
  const layer = embeddedEngine(sqliteClient(database, () => {}));
  await Effect.runPromise(Effect.provide(Effect.scoped(embedded), layer));
  await postgres();
}
