import { assert, assertEquals, assertInstanceOf } from "@std/assert";
import * as Effect from "effect/Effect";
import { existsSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import process from "node:process";
import { RunFolderBusy } from "../../src/program/errors.ts";
import { processStart, tellsStart } from "../../src/program/is_running.ts";
import { isLocked, lockPath, lockRunFolder, makeLockWatch, touchLock } from "../../src/program/run_lock.ts";

const locked = <A>(folder: string, use: () => A): Promise<A> =>
  Effect.runPromise(Effect.scoped(Effect.map(lockRunFolder(folder), use)));
const refused = (folder: string) => Effect.runSync(Effect.flip(Effect.scoped(lockRunFolder(folder))));
const temporary = (): string => Deno.makeTempDirSync();
const leave = (folder: string, owner: unknown) =>
  writeFileSync(lockPath(folder), typeof owner === "string" ? owner : JSON.stringify(owner));

Deno.test("a lock names its process, and is gone with the scope", async () => {
  const folder = temporary();
  const { started, ...owner } = await locked(folder, () => JSON.parse(readFileSync(lockPath(folder), "utf8")));
  assertEquals(owner, { pid: process.pid, host: hostname() });
  assertEquals(started ?? null, processStart(process.pid));
  assertEquals(existsSync(lockPath(folder)), false);
});

Deno.test("a lock is refused to a second one, of this process or of another that runs", async () => {
  const folder = temporary();
  assertInstanceOf(await locked(folder, () => refused(folder)), RunFolderBusy);
  leave(folder, { pid: process.ppid, host: hostname() });
  const error = refused(folder);
  assertInstanceOf(error, RunFolderBusy);
  assertEquals([error.pid, error.host, error.path], [process.ppid, hostname(), folder]);
  assertEquals(existsSync(lockPath(folder)), true);
});

Deno.test("a lock of another machine counts as held", () => {
  const folder = temporary();
  leave(folder, { pid: 2 ** 30, host: "elsewhere" });
  assertInstanceOf(refused(folder), RunFolderBusy);
});

Deno.test("a lock of a process that is gone, or one cut off, is taken over", async () => {
  const gone = new Deno.Command(Deno.execPath(), { args: ["--version"], stdout: "null" }).spawn();
  await gone.status;
  const earlier = { pid: process.pid, host: hostname() }; // a process that had this one's number
  for (const owner of [{ pid: gone.pid, host: hostname() }, earlier, '{"pi', ""]) {
    const folder = temporary();
    leave(folder, owner);
    const { pid } = await locked(folder, () => JSON.parse(readFileSync(lockPath(folder), "utf8")));
    assertEquals([pid, readdirSync(folder)], [process.pid, []]);
  }
});

const linux = { ignore: !tellsStart() };
const parent = (started?: string | null) => ({ pid: process.ppid, host: hostname(), ...(started ? { started } : {}) });

Deno.test("when a process began is told by boot and clock tick", linux, () => {
  const [boot, ticks] = processStart(process.pid)!.split("/");
  assertEquals(boot, readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim());
  const uptime = Number(readFileSync("/proc/uptime", "utf8").split(" ")[0]);
  assert(Number(ticks) / 100 < uptime && Number(ticks) > 0); // USER_HZ is 100
  assert(Number(ticks) >= Number(processStart(process.ppid)!.split("/")[1]));
  assertEquals(processStart(2 ** 30), null);
});

Deno.test(
  "a lock whose process has its number from another by now is taken over; that of the process itself is not",
  linux,
  async () => {
    const folder = temporary();
    leave(folder, parent(processStart(process.ppid)));
    assertInstanceOf(refused(folder), RunFolderBusy);
    assertEquals(isLocked(folder), true);
    const boot = processStart(process.ppid)!.split("/")[0];
    for (const started of [`${boot}/1`, "an-earlier-boot/77"]) {
      leave(folder, parent(started));
      assertEquals(isLocked(folder), false);
      await locked(folder, () => {});
    }
  },
);

const looks = async (folder: string, milliseconds: number): Promise<boolean> => {
  const isLockedStill = makeLockWatch(300);
  for (let i = 0; i < milliseconds / 50; i++) {
    if (!isLockedStill(folder)) return false;
    await new Promise((done) => setTimeout(done, 50));
  }
  return true;
};

Deno.test("a silent lock is removed, unless its process is seen to run or touches it", linux, async () => {
  const folders = Array.from({ length: 4 }, temporary);
  const [nameless, gone, seen, touched] = folders;
  leave(nameless, parent()); // of an earlier boot, for all that is known
  leave(gone, { pid: 7, host: "elsewhere" });
  leave(seen, parent(processStart(process.ppid)));
  leave(touched, { pid: 7, host: "elsewhere" });
  let beats = 0;
  const heart = setInterval(() => utimesSync(lockPath(touched), ++beats, beats), 100);
  assertEquals(await Promise.all(folders.map((folder) => looks(folder, 1000))), [false, false, true, true]);
  clearInterval(heart);
  assertEquals(folders.map((folder) => existsSync(lockPath(folder))), [false, false, true, true]);
  for (const folder of folders) assertEquals(readdirSync(folder).filter((name) => name !== "run.lock"), []);
});

Deno.test(
  "a lock is touched while it is held, also by another process for one that computes; others are left alone",
  linux,
  async () => {
    const touched = (folder: string) => statSync(lockPath(folder)).mtimeMs > 1000;
    const folder = temporary(), foreign = temporary();
    leave(folder, parent(processStart(process.ppid)));
    leave(foreign, { pid: process.ppid, host: "elsewhere" });
    for (const each of [folder, foreign]) utimesSync(lockPath(each), 1, 1);
    touchLock(folder);
    touchLock(foreign);
    assertEquals([touched(folder), touched(foreign)], [true, false]);
    assertEquals(isLocked(foreign), false); // silent since 1970
    const own = temporary();
    await Effect.runPromise(Effect.scoped(Effect.gen(function* () {
      yield* lockRunFolder(own);
      yield* Effect.sleep(50);
      utimesSync(lockPath(own), 1, 1);
      yield* Effect.sleep("2500 millis");
      assertEquals(touched(own), true);
    })));
  },
);

Deno.test("one that lost its lock leaves that of the other alone", async () => {
  const folder = temporary();
  const other = JSON.stringify({ pid: 7, host: "elsewhere" });
  await locked(folder, () => writeFileSync(lockPath(folder), other));
  assertEquals(readFileSync(lockPath(folder), "utf8"), other);
});

Deno.test("of two that wait for a silent lock, the second leaves the one that the first has taken meanwhile", async () => {
  const folder = temporary(), [first, second] = [makeLockWatch(200), makeLockWatch(200)];
  leave(folder, { pid: 7, host: "elsewhere" });
  first(folder);
  second(folder);
  await new Promise((done) => setTimeout(done, 300));
  assertEquals(first(folder), false);
  leave(folder, { pid: 8, host: "elsewhere" });
  assertEquals(second(folder), true);
  assertEquals(JSON.parse(readFileSync(lockPath(folder), "utf8")).pid, 8);
});
