import { assertEquals, assertInstanceOf } from "@std/assert";
import * as Effect from "effect/Effect";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import process from "node:process";
import { RunFolderBusy } from "../../src/program/errors.ts";
import { lockPath, lockRunFolder } from "../../src/program/run_lock.ts";

const locked = <A>(folder: string, use: () => A): Promise<A> =>
  Effect.runPromise(Effect.scoped(Effect.map(lockRunFolder(folder), use)));
const refused = (folder: string) => Effect.runSync(Effect.flip(Effect.scoped(lockRunFolder(folder))));
const temporary = (): string => Deno.makeTempDirSync();
const leave = (folder: string, owner: unknown) =>
  writeFileSync(lockPath(folder), typeof owner === "string" ? owner : JSON.stringify(owner));

Deno.test("a lock names its process, and is gone with the scope", async () => {
  const folder = temporary();
  const owner = await locked(folder, () => JSON.parse(readFileSync(lockPath(folder), "utf8")));
  assertEquals(owner, { pid: process.pid, host: hostname() });
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
