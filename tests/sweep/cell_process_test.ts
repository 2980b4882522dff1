import { assertEquals, assertStringIncludes } from "@std/assert";
import * as Effect from "effect/Effect";
import * as Fiber from "effect/Fiber";
import * as TestClock from "effect/testing/TestClock";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pauseAfter, trainInProcess } from "../../src/sweep/cell_process.ts";
import type { Progress } from "../../src/sweep/ledger_entry.ts";
import { temporaryFolder } from "../temporary.ts";

const work = () => ({
  sweep: "s",
  id: "a",
  attempt: 1,
  iterations: 3,
  folder: temporaryFolder(),
  pipeline: "",
});

/** Trains by a shell script, with waits between processes as long as they take. */
const trainBy = (script: string, folder = work().folder) =>
  Effect.runPromise(
    Effect.result(
      trainInProcess(() => ["sh", "-c", script], { runs: folder, modules: [] }, () => Effect.void)({
        ...work(),
        folder,
      }),
    ),
  );

Deno.test("the pauses between processes grow from 0.2 s to a minute", () => {
  assertEquals([1, 2, 5, 9, 10, 15].map(pauseAfter), [200, 400, 3200, 51_200, 60_000, 60_000]);
});

Deno.test("five ends with an exit code are a failure of the cell", async () => {
  const result = await trainBy("exit 7");
  assertEquals(result._tag === "Failure" && [result.failure.tag, result.failure.reason], [
    "ProcessDied",
    "Its process must not end by itself: exit code 7, 5 times without a new iteration",
  ]);
});

Deno.test("five kills in a row are outlived, as by a machine that is short of memory for a while", async () => {
  const folder = temporaryFolder(), kills = join(folder, "kills");
  const done = `{"event":"done","iterations":3,"steps":9}`;
  const script = `echo >> ${kills}; [ $(wc -l < ${kills}) -gt 5 ] && echo '${done}' || kill -9 $$`;
  const result = await trainBy(script, folder);
  assertEquals(result._tag === "Success" && result.success.steps, 9);
  assertEquals(readFileSync(kills, "utf8").length, 6);
});

Deno.test("a process that cannot be started is told of as such, at once", async () => {
  const train = trainInProcess(() => ["/nowhere/at/all"], { runs: ".", modules: [] }, () => Effect.void);
  const { tag, reason } = await Effect.runPromise(Effect.flip(train(work())));
  assertEquals(tag, "ProcessNotStarted");
  assertStringIncludes(reason, "Cannot start a training process");
});

Deno.test("what a process says is kept in the cell's log once it has accepted its work, and nothing is written before", async () => {
  const refused = work().folder, accepted = work().folder;
  const failed = `echo '{"event":"failed","tag":"WorkInvalid","message":"no"}'`;
  const result = await trainBy(`echo early; ${failed}; cat > /dev/null`, refused);
  assertEquals(result._tag === "Failure" && [result.failure.tag, result.failure.log], ["WorkInvalid", ["early"]]);
  assertEquals(existsSync(join(refused, "logs")), false);
  await trainBy(`echo early; echo '{"event":"accepted"}'; echo late; ${failed}; cat > /dev/null`, accepted);
  assertEquals(readFileSync(join(accepted, "logs", "a.log"), "utf8"), "early\nlate\n");
});

Deno.test("a cell is heard of from its start and every ten seconds, however long an iteration takes", async () => {
  const heard: Array<Progress> = [];
  const train = trainInProcess(
    () => ["cat"],
    { runs: ".", modules: [] },
    (_, progress) => Effect.sync(() => void heard.push(progress)),
  );
  const counts = await Effect.runPromise(
    Effect.gen(function* () {
      const fiber = yield* Effect.forkScoped(train(work()));
      const counts: Array<number> = [];
      for (const step of [0, 9, 2, 30]) {
        yield* TestClock.adjust(`${step} seconds`);
        counts.push(heard.length);
      }
      yield* Effect.forkDetach(Fiber.interrupt(fiber));
      return counts;
    }).pipe(Effect.scoped, Effect.provide(TestClock.layer())),
  );
  assertEquals(counts, [1, 1, 2, 5]);
});

Deno.test("a process that has ended has ended, though a child of its own goes on and holds its pipes", async () => {
  const folder = temporaryFolder(), alive = join(folder, "alive");
  const done = `{"event":"done","iterations":3,"steps":9}`;
  const script =
    `(touch ${alive}; sleep 600) & while [ ! -e ${alive} ]; do :; done; echo $! > ${folder}/child; echo '${done}'`;
  const result = await trainBy(script, folder); // 600 s later, were it waited for
  assertEquals(result._tag === "Success" && result.success.steps, 9);
  Deno.kill(Number(readFileSync(join(folder, "child"), "utf8")), "SIGKILL");
});
