import { assertEquals } from "@std/assert";
import * as Effect from "effect/Effect";
import { existsSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { waitForLock } from "../../src/cli/run_cell.ts";
import { RunFolderBusy } from "../../src/program/errors.ts";

const lockOf = (host: string): RunFolderBusy => {
  const path = Deno.makeTempDirSync(), lock = join(path, "run.lock");
  writeFileSync(lock, JSON.stringify({ pid: 77, host }));
  return new RunFolderBusy({ path, lock, pid: 77, host });
};

Deno.test("the lock of another machine is taken over once it is silent, and kept while that one lives", async () => {
  const gone = lockOf("elsewhere"), alive = lockOf("elsewhere");
  let beats = 0;
  const heart = setInterval(() => utimesSync(alive.lock, ++beats, beats), 100);
  const ended: Array<string> = [];
  const wait = (busy: RunFolderBusy, name: string) =>
    Effect.andThen(waitForLock(busy, 600), Effect.sync(() => ended.push(name)));
  const both = Effect.all([wait(gone, "gone"), wait(alive, "alive")], { concurrency: 2, discard: true });
  await Effect.runPromise(Effect.timeoutOption(both, "2 seconds"));
  clearInterval(heart);
  assertEquals([ended, existsSync(gone.lock), existsSync(alive.lock)], [["gone"], false, true]);
});
