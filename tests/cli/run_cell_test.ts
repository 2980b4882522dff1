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
  await Effect.runPromise(Effect.all([waitForLock(gone, 600), waitForLock(alive, 600)], { concurrency: 2 }));
  clearInterval(heart);
  assertEquals([existsSync(gone.lock), existsSync(alive.lock)], [false, true]);
});
