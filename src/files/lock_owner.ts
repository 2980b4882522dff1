/**
 * What a lock says of its owner, and what this machine can tell from it.
 *
 * @module
 */
import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import process from "node:process";
import { bootId, isRunning, processSpace, processStart } from "./is_running.ts";
import { type Attempt, isOnSharedSystem, type LockMode, tryKernelLock } from "./kernel_lock.ts";

/** Content of a lock; what is absent was not told to its owner either. */
export interface Owner {
  /** Unique among all locks. */
  readonly id?: string;
  readonly pid: number;
  readonly host: string;
  /** As `processStart` makes it. */
  readonly started?: string;
  /** As `processSpace` makes it. */
  readonly space?: string;
  /** Whether it has the lock of its kernel, too. */
  readonly kernel?: boolean;
}

/** What a process knows of the machine that it is on; tests put another one in its place. */
export interface Machine {
  readonly host: string;
  /** As `bootId` makes it. */
  readonly boot: string | null;
  /** As `processSpace` makes it. */
  readonly space: string | null;
  readonly tryLock: (file: Deno.FsFile, mode: LockMode) => Attempt;
  /** (folder) ⇒ whether other machines may see it, too. */
  readonly isShared: (folder: string) => boolean;
}

let known: Machine | null = null;

/** ⇒ the machine that this process is on. */
export const thisMachine = (): Machine =>
  known ??= {
    host: hostname(),
    boot: bootId(),
    space: processSpace(),
    tryLock: tryKernelLock,
    isShared: isOnSharedSystem,
  };

/** (machine, whether its kernel's lock is had) ⇒ content of a lock of this process. */
export const ownText = ({ host, space }: Machine, kernel: boolean): string => {
  const started = space === null ? null : processStart(process.pid);
  const told = { ...(started === null ? {} : { started }), ...(space === null ? {} : { space }) };
  return JSON.stringify({ pid: process.pid, host, id: randomUUID(), kernel, ...told } satisfies Owner) + "\n";
};

/** (content of a lock) ⇒ its owner; null where it names none. */
export const parseOwner = (text: string): Owner | null => {
  try {
    const owner: Owner = JSON.parse(text);
    return typeof owner.pid === "number" && typeof owner.host === "string" ? owner : null;
  } catch {
    return null; // one that was cut off
  }
};

/** alive: seen to hold it; gone: seen not to; unknown: of another machine, or of a process that cannot be seen from here. */
export type Standing = "alive" | "gone" | "unknown";

/** Whether the owner is of the same run of the same kernel; null: not known. */
const isSameBoot = ({ started }: Owner, { boot }: Machine): boolean | null =>
  started === undefined || boot === null ? null : started.split("/")[0] === boot;

/** Whether the owner held the lock of this very kernel: now that the kernel gives it to others, the owner is gone. */
const sawKernel = (owner: Owner, machine: Machine, folder: string): boolean =>
  owner.kernel === true &&
  (isSameBoot(owner, machine) || (owner.host === machine.host && !machine.isShared(folder)));

const standingOfProcess = ({ pid, started }: Owner): Standing => {
  const running = isRunning(pid);
  if (running === null) return "unknown";
  if (!running) return "gone";
  const now = processStart(pid);
  if (now === null || started === undefined) return Deno.build.os === "linux" ? "unknown" : "alive";
  return now === started ? "alive" : "gone";
};

/** (owner of a lock that the kernel gives to others, machine, folder of the lock) ⇒ (standing). */
export const standingOf = (owner: Owner, machine: Machine, folder: string): Standing => {
  if (sawKernel(owner, machine, folder)) return "gone";
  if (owner.host !== machine.host) return "unknown";
  if (isSameBoot(owner, machine) === false) return machine.isShared(folder) ? "unknown" : "gone"; // rebooted since
  return machine.space !== null && owner.space === machine.space ? standingOfProcess(owner) : "unknown";
};
