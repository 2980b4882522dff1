/**
 * A process that takes locks, as the tests start it:
 *
 *   hold FOLDER                      says "held" or "busy PID HOST", and holds until its standard input ends
 *   contend FOLDER LOG NAME TIMES    takes the lock so many times, writes a few lines while it has it, and frees it or
 *                                    leaves it as one does that is killed
 *
 * @module
 */
import * as Effect from "effect/Effect";
import { appendFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { RunFolderBusy } from "../../src/files/errors.ts";
import { lockRunFolder } from "../../src/files/folder_lock.ts";

const linesOfOne = 4;

/** What a process that was killed leaves behind: nobody has the number, nor the kernel's lock. */
const leftByDead = JSON.stringify({ pid: 2 ** 30, host: hostname(), kernel: true });

const hold = (folder: string) =>
  Effect.scoped(Effect.gen(function* () {
    yield* lockRunFolder(folder);
    console.log("held");
    yield* Effect.promise(() => Deno.stdin.read(new Uint8Array(1)));
  })).pipe(
    Effect.catch((error) =>
      Effect.sync(() =>
        console.log(error instanceof RunFolderBusy ? `busy ${error.pid} ${error.host}` : `failed ${error.message}`)
      )
    ),
  );

const contend = Effect.fnUntraced(function* (folder: string, log: string, name: string, times: number) {
  for (let time = 0; time < times;) {
    const use = Effect.gen(function* () {
      yield* lockRunFolder(folder);
      for (let line = 0; line < linesOfOne; line++) {
        appendFileSync(log, `${name}-${time}\n`);
        yield* Effect.sleep(0);
      }
      if (time % 4 > 0) writeFileSync(join(folder, "run.lock"), leftByDead);
      time++;
    });
    yield* Effect.catchTag(Effect.scoped(use), "RunFolderBusy", () => Effect.yieldNow);
  }
});

const [mode, folder, log, name, times] = Deno.args;
await Effect.runPromise(mode === "hold" ? hold(folder) : contend(folder, log, name, Number(times)));
