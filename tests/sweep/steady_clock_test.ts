/**
 * A machine whose clock is set while a sweep runs: its turns and leases do not move with it.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import * as Clock from "effect/Clock";
import * as Effect from "effect/Effect";
import * as Client from "effect/sql/SqlClient";
import { join } from "node:path";
import { embeddedEngine, SweepEngine } from "../../src/sweep/engine.ts";
import { sqliteClient } from "../../src/sweep/sqlite.ts";
import { steadyClock } from "../../src/sweep/steady_clock.ts";
import { temporaryFolder } from "../temporary.ts";

/** A clock that can be set; what has passed since it began is told apart from it. */
const makeSettable = () => {
  const state = { wall: Date.UTC(2026, 0, 2, 3, 4, 5), passed: 0n };
  const clock: Clock.Clock = {
    currentTimeMillisUnsafe: () => state.wall,
    currentTimeMillis: Effect.sync(() => state.wall),
    currentTimeNanosUnsafe: () => BigInt(state.wall) * 1_000_000n,
    currentTimeNanos: Effect.sync(() => BigInt(state.wall) * 1_000_000n),
    monotonicTimeNanosUnsafe: () => state.passed,
    monotonicTimeNanos: Effect.sync(() => state.passed),
    sleep: () => Effect.yieldNow,
  };
  return { state, clock };
};

const hour = 3_600_000;

Deno.test("a clock that is set by hours, either way, tells what has passed all the same", () => {
  const { state, clock } = makeSettable(), steady = steadyClock(clock), start = state.wall;
  state.passed += 1_500_000_000n;
  for (const step of [-hour, 5 * hour, -24 * hour]) {
    state.wall += step;
    assertEquals(steady.currentTimeMillisUnsafe(), start + 1500);
  }
});

Deno.test("SQLite's CURRENT_TIMESTAMP is that clock's", async () => {
  const { state, clock } = makeSettable();
  const now = Client.SqlClient.use((sql) =>
    Effect.map(sql`SELECT CURRENT_TIMESTAMP AS now, unixepoch(CURRENT_TIMESTAMP) AS seconds`, ([row]) => ({ ...row }))
  );
  const read = Effect.gen(function* () {
    const first = yield* now;
    state.wall -= 3 * hour;
    state.passed += 2_000_000_000n;
    return [first, yield* now];
  });
  const path = join(temporaryFolder(), "a.sqlite");
  assertEquals(
    await Effect.runPromise(
      read.pipe(Effect.provide(sqliteClient(path, () => {})), Effect.provideService(Clock.Clock, clock)),
    ),
    [
      { now: "2026-01-02 03:04:05", seconds: Date.UTC(2026, 0, 2, 3, 4, 5) / 1000 },
      { now: "2026-01-02 03:04:07", seconds: Date.UTC(2026, 0, 2, 3, 4, 7) / 1000 },
    ],
  );
});

/** The machine's own time, set by `offset` milliseconds. */
const makeShifted = () => {
  const shift = { offset: 0 };
  const real = Effect.runSync(Clock.Clock);
  const millis = () => real.currentTimeMillisUnsafe() + shift.offset;
  const clock: Clock.Clock = {
    currentTimeMillisUnsafe: millis,
    currentTimeMillis: Effect.sync(millis),
    currentTimeNanosUnsafe: () => BigInt(millis()) * 1_000_000n,
    currentTimeNanos: Effect.sync(() => BigInt(millis()) * 1_000_000n),
    monotonicTimeNanosUnsafe: () => real.monotonicTimeNanosUnsafe(),
    monotonicTimeNanos: real.monotonicTimeNanos,
    sleep: (duration) => real.sleep(duration),
  };
  return { shift, clock };
};

Deno.test("cells that are queued before the clock steps back, and after, are trained; none twice where it steps forward", async () => {
  const { shift, clock } = makeShifted(), begun: Array<string> = [];
  const sweep = "2f1c7a52-5a0e-4d0b-9c1e-0a8f6b7d3e21";
  const work = (name: string) => ({
    sweep,
    id: `pendulum-${name}-s0-00000000`,
    attempt: 1,
    iterations: 3,
    folder: "x",
    pipeline: "y",
  });
  const sweeping = Effect.scoped(Effect.gen(function* () {
    const engine = yield* SweepEngine;
    for (const name of ["a", "b"]) yield* engine.submit(work(name));
    yield* Effect.forkScoped(engine.work(1, () => true, ({ id }) => {
      begun.push(id);
      shift.offset += begun.length === 1 ? -5 * hour : 9 * hour;
      return Effect.succeed({ iterations: 3, steps: 1, host: "h" });
    }));
    yield* Effect.sleep(0);
    shift.offset -= 2 * hour;
    yield* engine.submit(work("c"));
    const ended = Effect.map(engine.read(sweep), (all) => all.filter(({ outcome }) => outcome !== null).length);
    while ((yield* ended) < 3) yield* Effect.sleep(20);
  }));
  const path = join(temporaryFolder(), "a.sqlite");
  await Effect.runPromise(
    sweeping.pipe(
      Effect.provide(embeddedEngine(sqliteClient(path, () => {}))),
      Effect.provideService(Clock.Clock, clock),
    ),
  );
  assertEquals(begun.length, 3);
});
