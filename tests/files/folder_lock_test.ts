import { assert, assertEquals, assertInstanceOf, assertMatch } from "@std/assert";
import * as Effect from "effect/Effect";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { RunFolderBusy } from "../../src/files/errors.ts";
import { processSpace, processStart } from "../../src/files/is_running.ts";
import { tryKernelLock } from "../../src/files/kernel_lock.ts";
import { lockPath, release, take, type Taken } from "../../src/files/lock_file.ts";
import { type Machine, thisMachine } from "../../src/files/lock_owner.ts";
import { isLocked, lockRunFolder, makeLockWatch, touchLock } from "../../src/files/folder_lock.ts";
import { canUnshare, inOwnSpace, intrusions, startContender, startHolder } from "./lock_processes.ts";
import { temporaryFolder } from "../temporary.ts";

const locked = <A>(folder: string, use: () => A | Promise<A>, machine?: Machine): Promise<A> =>
  Effect.runPromise(
    Effect.scoped(Effect.andThen(lockRunFolder(folder, machine), Effect.promise(async () => await use()))),
  );
const refused = (folder: string, machine?: Machine) =>
  Effect.runPromise(Effect.flip(Effect.scoped(lockRunFolder(folder, machine))));
const temporary = (): string => temporaryFolder();
const leave = (folder: string, owner: unknown) =>
  writeFileSync(lockPath(folder), typeof owner === "string" ? owner : JSON.stringify(owner));
const ownerOf = (folder: string) => JSON.parse(readFileSync(lockPath(folder), "utf8"));

/** Another machine that sees the same folder, and nothing of the locks of this one's kernel. */
const elsewhere: Machine = { ...thisMachine(), host: "elsewhere", boot: "other", tryLock: () => "granted" };

Deno.test("a lock names its process, and is gone with the scope", async () => {
  const folder = temporary();
  const { id, ...owner } = await locked(folder, () => ownerOf(folder));
  const told = { started: processStart(process.pid), space: processSpace() };
  assertEquals({ started: null, space: null, ...owner }, { pid: process.pid, host: hostname(), kernel: true, ...told });
  assertMatch(id, /^[0-9a-f-]{36}$/);
  assertEquals(readdirSync(folder), []);
});

Deno.test("a lock is refused to a second one of this process, and to another process until the first is killed", async () => {
  const folder = temporary();
  assertInstanceOf(
    await locked(folder, () => refused(folder)),
    RunFolderBusy,
  );
  const holder = await startHolder(folder);
  const error = await refused(folder);
  assertInstanceOf(error, RunFolderBusy);
  assertEquals([holder.said, error.pid, error.host, error.path], ["held", holder.pid, hostname(), folder]);
  assertEquals(isLocked(folder), true);
  const second = await startHolder(folder);
  assertEquals(second.said, `busy ${holder.pid} ${hostname()}`);
  await Promise.all([second.end("asked"), holder.end("killed")]);
  assertEquals([existsSync(lockPath(folder)), isLocked(folder)], [true, false]);
  await locked(folder, () => assertEquals(ownerOf(folder).pid, process.pid));
  assertEquals(readdirSync(folder), []);
});

Deno.test({
  name: "a lock is refused across PID namespaces of one host name, both ways, and free when its owner is killed there",
  ignore: !canUnshare,
  fn: async () => {
    const folder = temporary();
    const inside = await startHolder(folder, ["--allow-all"], inOwnSpace);
    assertEquals([inside.said, ownerOf(folder).pid, ownerOf(folder).host], ["held", 1, hostname()]);
    assertInstanceOf(await refused(folder), RunFolderBusy);
    const beside = await startHolder(folder, ["--allow-all"], inOwnSpace); // process 1 as well
    assertEquals(beside.said, `busy 1 ${hostname()}`);
    await Promise.all([beside.end("asked"), inside.end("killed")]);
    while (isLocked(folder)) await new Promise((done) => setTimeout(done, 1)); // the namespace ends with its process 1
    const again = await locked(folder, () => startHolder(folder, ["--allow-all"], inOwnSpace));
    assertEquals(again.said, `busy ${process.pid} ${hostname()}`);
    await again.end("asked");
  },
});

Deno.test("a lock needs no permission but those of its folder and the host's name", async () => {
  const folder = temporary();
  const granted = [
    "--allow-read=.," + folder,
    `--allow-write=${folder}`,
    "--allow-sys=hostname",
    "--allow-env=NO_COLOR",
  ];
  const first = await startHolder(folder, granted);
  assertEquals(first.said, "held");
  for (const permissions of [granted, ["--allow-all"]]) {
    const second = await startHolder(folder, permissions);
    assertEquals(second.said, `busy ${first.pid} ${hostname()}`);
    await second.end("asked");
  }
  await first.end("killed");
  const third = await startHolder(folder, granted);
  assertEquals(third.said, "held");
  await third.end("asked");
  assertEquals(readdirSync(folder), []);
});

Deno.test("a lock of another machine counts as held", async () => {
  const folder = temporary();
  leave(folder, { pid: 2 ** 30, host: "elsewhere", kernel: true });
  assertInstanceOf(await refused(folder), RunFolderBusy);
  assertEquals(isLocked(folder), true);
});

Deno.test("a lock that was cut off is taken over, and so are the traces of takers that were killed", async () => {
  for (const text of ['{"pi', ""]) {
    const folder = temporary();
    leave(folder, text);
    writeFileSync(join(folder, ".tmp-lock-of-one-that-was-killed"), "");
    await locked(folder, () => assertEquals(readdirSync(folder), ["run.lock"]));
    assertEquals(readdirSync(folder), []);
  }
});

Deno.test("of six processes that take a lock, and free it or are killed, one at a time has it", async () => {
  const folder = temporary(), log = join(temporary(), "log"), times = 25;
  writeFileSync(log, "");
  const endless = 1e9; // of those that are killed: they have not ended by then
  const contenders = Array.from(
    { length: 6 },
    (_, i) => startContender(folder, log, `first${i}`, i < 3 ? endless : times),
  );
  const lines = () => readFileSync(log, "utf8").split("\n").slice(0, -1);
  for (const [i, victim] of contenders.slice(0, 3).entries()) {
    while (!lines().some((line) => line.startsWith(`first${i}-`))) await new Promise((done) => setTimeout(done, 1));
    victim.kill("SIGKILL");
    contenders.push(startContender(folder, log, `second${i}`, times));
  }
  const codes = await Promise.all(contenders.map(async (each) => (await each.status).code));
  assertEquals(codes.filter((_, i) => i >= 3), Array(6).fill(0));
  assertEquals(intrusions(lines()), []);
  assertEquals(new Set(lines().filter((line) => /^(second|first[345])/.test(line))).size, 6 * times);
  await locked(folder, () => assertEquals(readdirSync(folder), ["run.lock"]));
});

Deno.test("one that has opened a lock as another takes it over finds that, and is refused", async () => {
  const folder = temporary();
  leave(folder, { pid: 2 ** 30, host: hostname(), kernel: true });
  const faster: Array<Taken> = [];
  const slower: Machine = {
    ...thisMachine(),
    tryLock: (file, mode) => {
      while (faster.length < 2) faster.push(take(folder, thisMachine())); // the first removes what the dead one left
      return tryKernelLock(file, mode);
    },
  };
  assertInstanceOf(await refused(folder, slower), RunFolderBusy);
  const [removed, taken] = faster;
  assert(removed === null && taken !== null && "held" in taken);
  assertEquals(readFileSync(lockPath(folder), "utf8"), taken.held.text);
  release(folder, taken.held);
});

Deno.test("the witness of that test sees a line that comes after another has had the lock", () => {
  assertEquals(intrusions(["a", "a", "b", "b", "c"]), []);
  assertEquals(intrusions(["a", "b", "a", "b"]), ["a", "b"]);
});

Deno.test("who only looks at a lock keeps nobody from taking it", async () => {
  const folder = temporary();
  leave(folder, ""); // one that is to be taken over
  const looking = Deno.openSync(lockPath(folder));
  assertEquals(looking.tryLockSync(false), true);
  const waiting = locked(folder, () => ownerOf(folder).pid);
  await new Promise((done) => setTimeout(done, 0)); // it has tried by now
  assertEquals(readFileSync(lockPath(folder), "utf8"), "");
  looking.close();
  assertEquals(await waiting, process.pid);
});

Deno.test("one that lost its lock leaves that of the other alone", async () => {
  const folder = temporary();
  const other = JSON.stringify({ pid: 7, host: "elsewhere" });
  await locked(folder, () => writeFileSync(lockPath(folder), other));
  assertEquals(readFileSync(lockPath(folder), "utf8"), other);
});

/** A clock that goes as it is told to. */
const makeClock = () => {
  let time = 0;
  return {
    now: () => time,
    /** (milliseconds, how often) ⇒ the answers of a look after each of them. */
    looks: (step: number, count: number, look: () => boolean): ReadonlyArray<boolean> =>
      Array.from({ length: count }, () => {
        time += step;
        return look();
      }),
  };
};

const touchedAt = (folder: string, seconds: number) => utimesSync(lockPath(folder), seconds, seconds);

Deno.test("where kernels do not see each other's locks, a lock is refused until it was silent for long enough", async () => {
  const folder = temporary(), { now, looks } = makeClock();
  const watch = makeLockWatch(10_000, elsewhere, now);
  await locked(folder, async () => {
    assertInstanceOf(await refused(folder, elsewhere), RunFolderBusy);
    touchedAt(folder, 1e9);
    // The first look shows nothing of how long it was silent before: of 2 s steps, the sixth makes it 10 s.
    assertEquals(looks(2000, 6, () => watch(folder)), [true, true, true, true, true, false]);
    assertEquals(await locked(folder, () => ownerOf(folder).host, elsewhere), "elsewhere");
  });
  assertEquals(readdirSync(folder), []);
});

Deno.test("silence is what was listened to: neither a sleep nor a clock that jumps, forth or back, makes it", () => {
  const folder = temporary(), hour = 3600;
  leave(folder, { pid: 7, host: "elsewhere" });
  const { now, looks } = makeClock(), watch = makeLockWatch(90_000, undefined, now);
  let beat = 1e9;
  // A lock of one that slept along with us: nobody listened for the hour, of which a look counts 4 s.
  assertEquals(looks(hour * 1000, 22, () => watch(folder)), Array(22).fill(true));
  for (const jump of [hour, -2 * hour, 0]) { // the owner's clock, at each of its touches
    beat += jump + 2;
    touchedAt(folder, beat);
    assertEquals(looks(4000, 22, () => watch(folder)), Array(22).fill(true)); // 84 s of silence
  }
  assertEquals(looks(4000, 2, () => watch(folder)), [true, false]);
});

Deno.test("a silent lock is left to its owner where that is seen to hold it, and to one that was faster", async () => {
  const held = temporary(), renewed = temporary(), { now, looks } = makeClock();
  const holder = await startHolder(held);
  const watch = makeLockWatch(10_000, undefined, now);
  touchedAt(held, 1e9);
  assertEquals(looks(3000, 9, () => watch(held)), Array(9).fill(true));
  await holder.end("killed");
  assertEquals(watch(held), false);
  const [first, second] = [makeLockWatch(10_000, undefined, now), makeLockWatch(10_000, undefined, now)];
  leave(renewed, { pid: 7, host: "elsewhere" });
  first(renewed);
  second(renewed);
  assertEquals(looks(4000, 3, () => first(renewed)), [true, true, false]);
  leave(renewed, { pid: 8, host: "elsewhere" });
  assertEquals([second(renewed), ownerOf(renewed).pid], [true, 8]);
});

Deno.test("a lock is touched while it is held, also by another process for one that computes; others are left alone", async () => {
  const mine = temporary(), other = temporary(), foreign = temporary();
  const isTouched = (folder: string) => statSync(lockPath(folder)).mtimeMs > 1000;
  const holder = await startHolder(other);
  leave(foreign, { pid: holder.pid, host: "elsewhere" });
  holder.stop();
  for (const each of [other, foreign]) {
    touchedAt(each, 1);
    touchLock(each);
  }
  assertEquals([isTouched(other), isTouched(foreign)], [true, false]);
  await holder.end("killed");
  touchedAt(other, 1);
  touchLock(other);
  assertEquals(isTouched(other), false); // its owner is gone
  await Effect.runPromise(Effect.scoped(Effect.gen(function* () {
    yield* lockRunFolder(mine);
    yield* Effect.yieldNow; // the first touch
    touchedAt(mine, 1);
    while (!isTouched(mine)) yield* Effect.sleep(10);
  })));
});

Deno.test("a folder that is not there is not locked", () => {
  const folder = join(temporary(), "none");
  assertEquals([isLocked(folder), makeLockWatch(0)(folder)], [false, false]);
  touchLock(folder);
  mkdirSync(folder);
  assertEquals(isLocked(folder), false);
});

Deno.test("an owner that was halted for too long sees that another has its folder", async () => {
  const folder = temporary();
  await Effect.runPromise(Effect.scoped(Effect.gen(function* () {
    const { stillOurs } = yield* lockRunFolder(folder);
    yield* stillOurs;
    rmSync(lockPath(folder));
    leave(folder, { pid: 7, host: "elsewhere", id: "x", kernel: true });
    const { pid, host } = yield* Effect.flip(stillOurs);
    assertEquals([pid, host], [7, "elsewhere"]);
  })));
  assertEquals(ownerOf(folder).host, "elsewhere"); // whose lock it leaves alone
});
