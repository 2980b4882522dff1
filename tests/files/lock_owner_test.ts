/**
 * What a machine can tell of the owner of a lock that its kernel would give to another.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { readFileSync } from "node:fs";
import process from "node:process";
import { bootId, isRunning, processSpace, processStart } from "../../src/files/is_running.ts";
import {
  type Machine,
  type Owner,
  parseOwner,
  type Standing,
  standingOf,
  thisMachine,
} from "../../src/files/lock_owner.ts";

const here: Machine = { host: "a", boot: "b1", space: "s1", tryLock: () => "granted", isShared: () => false };
const shared: Machine = { ...here, isShared: () => true };
const blind: Machine = { ...here, boot: null, space: null }; // may read nothing of /proc
const owner: Owner = { pid: 2 ** 30, host: "a", kernel: true, started: "b1/7", space: "s1" };
const { started: _, space: __, ...untold } = owner;

Deno.test("where the owner had the lock of this kernel, which is free now, it is gone", () => {
  const cases: ReadonlyArray<readonly [string, Owner, Machine, Standing]> = [
    ["same boot", owner, here, "gone"],
    ["another container, seen by the same boot", { ...owner, host: "c", space: "s2" }, here, "gone"],
    ["the same on a shared path", { ...owner, host: "c" }, shared, "gone"],
    ["before the machine was started anew", { ...owner, started: "b0/7" }, here, "gone"],
    ["another machine of that name may be meant", { ...owner, started: "b0/7" }, shared, "unknown"],
    ["another machine", { ...owner, host: "c", started: "b0/7" }, here, "unknown"],
    ["an owner that could not see its boot", untold, here, "gone"],
    ["the same on a shared path", untold, shared, "unknown"],
    ["a process that cannot see its own", owner, blind, "gone"],
    ["both of them", untold, blind, "gone"],
    ["of another name, neither sees", { ...untold, host: "c" }, blind, "unknown"],
  ];
  for (const [name, of, machine, expected] of cases) assertEquals(standingOf(of, machine, "."), expected, name);
});

const linux = { ignore: bootId() === null || processSpace() === null };

Deno.test("where kernels have no locks, processes of the own space can be seen, and no others", linux, () => {
  const machine = thisMachine(), space = processSpace()!;
  const self: Owner = { pid: process.pid, host: machine.host, started: processStart(process.pid)!, space };
  const [boot, ticks] = self.started!.split("/");
  const cases: ReadonlyArray<readonly [string, Owner, Standing]> = [
    ["it runs", self, "alive"],
    ["its number is another's by now", { ...self, started: `${boot}/${Number(ticks) - 1}` }, "gone"],
    ["there is none of that number", { ...self, pid: 2 ** 30 }, "gone"],
    ["of another space", { ...self, space: `${space}0`, pid: 2 ** 30 }, "unknown"],
    ["of a space that it does not tell", { pid: self.pid, host: self.host, started: self.started! }, "unknown"],
    ["of a start that it does not tell", { pid: self.pid, host: self.host, space }, "unknown"],
    ["of another machine", { ...self, host: "elsewhere" }, "unknown"],
  ];
  for (const [name, of, expected] of cases) assertEquals(standingOf(of, machine, "."), expected, name);
});

Deno.test(
  "when a process began is told by boot and clock tick, and its space by the kernel's name for it",
  linux,
  () => {
    const [boot, ticks] = processStart(process.pid)!.split("/");
    assertEquals(boot, readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim());
    const uptime = Number(readFileSync("/proc/uptime", "utf8").split(" ")[0]);
    assert(Number(ticks) / 100 < uptime && Number(ticks) > 0); // USER_HZ is 100
    assert(Number(ticks) >= Number(processStart(process.ppid)!.split("/")[1]));
    assertEquals(processStart(2 ** 30), null);
    assertEquals([isRunning(process.pid), isRunning(2 ** 30)], [true, false]);
    assertEquals(Deno.readLinkSync("/proc/self/ns/pid"), `pid:[${processSpace()}]`);
  },
);

Deno.test("what names no process is nobody's", () => {
  assertEquals(["", "{", "[]", '{"pid":"7","host":"a"}', '{"pid":7}'].map(parseOwner), Array(5).fill(null));
  assertEquals(parseOwner(JSON.stringify(owner)), owner);
  assertEquals(parseOwner("null"), null);
});
