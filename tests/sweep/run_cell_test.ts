import { assertEquals } from "@std/assert";
import * as Effect from "effect/Effect";
import { existsSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { waitForLock } from "../../src/sweep/run_cell.ts";
import { RunFolderBusy } from "../../src/files/errors.ts";
import { temporaryFolder } from "../temporary.ts";

const lockOf = (host: string): RunFolderBusy => {
  const path = temporaryFolder(), lock = join(path, "run.lock");
  writeFileSync(lock, JSON.stringify({ pid: 77, host }));
  return new RunFolderBusy({ path, lock, pid: 77, host });
};

Deno.test("the lock of another machine is taken over once it is silent, and kept while that one lives", async () => {
  const gone = lockOf("elsewhere"), alive = lockOf("elsewhere");
  let beats = 0;
  const heart = setInterval(() => utimesSync(alive.lock, ++beats, beats), 50);
  const ended: Array<string> = [];
  const wait = (busy: RunFolderBusy, name: string, silence: number) =>
    Effect.andThen(waitForLock(busy, silence), Effect.sync(() => ended.push(name)));
  const waiting = Effect.runFork(wait(alive, "alive", 2000));
  await Effect.runPromise(wait(gone, "gone", 2000)); // by when the other was looked at for as long
  waiting.interruptUnsafe();
  clearInterval(heart);
  assertEquals([ended, existsSync(gone.lock), existsSync(alive.lock)], [["gone"], false, true]);
});
