/**
 * Tells processes apart, and whether one still runs. A process id alone does not: ids are reused, and every container
 * counts from 1.
 *
 * Nothing here asks for a permission: what may not be read is not known.
 *
 * @module
 */
import process from "node:process";
import { codeOf } from "./reason.ts";

const isGranted = (descriptor: Deno.PermissionDescriptor): boolean =>
  Deno.permissions.querySync(descriptor).state === "granted";

/** (path, how to read it) ⇒ what it holds; null where it is not there, or where that would take a permission. */
const readGranted = <A>(path: string, read: (path: string) => A): A | null => {
  try {
    return isGranted({ name: "read", path }) ? read(path) : null;
  } catch {
    return null; // some files of /proc take every permission
  }
};

const readText = (path: string): string | null => readGranted(path, Deno.readTextFileSync);

/** (process id) ⇒ whether such a process runs, whoever owns it; null where that may not be asked. */
export const isRunning = (pid: number): boolean | null => {
  if (!isGranted({ name: "run" })) return null;
  try {
    process.kill(pid, 0); // signal 0 is not sent, only checked
    return true;
  } catch (error) {
    return codeOf(error) !== "ESRCH";
  }
};

/** ⇒ what names the machine's present run of its kernel; null where the machine does not tell. */
export const bootId = (): string | null => readText("/proc/sys/kernel/random/boot_id")?.trim() ?? null;

/**
 * ⇒ the space that process numbers count in: the inode of the PID namespace; "" on systems that have one space alone; null
 * where it is not known.
 *
 * @see pid_namespaces(7)
 */
export const processSpace = (): string | null => {
  if (Deno.build.os !== "linux") return "";
  if (readGranted("/proc/self", Deno.readLinkSync) !== String(process.pid)) return null; // /proc of another space
  return readGranted("/proc/self/ns/pid", Deno.statSync)?.ino?.toString() ?? null;
};

/**
 * (process id) ⇒ boot of the machine and the clock tick of it at which the process began, which no other process of its
 * space has; null where there is none or the machine does not tell.
 *
 * @see proc_pid_stat(5), field 22
 */
export const processStart = (pid: number): string | null => {
  const boot = bootId(), stat = readText(`/proc/${pid}/stat`);
  if (boot === null || stat === null) return null;
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" "); // from field 3 on: names may hold blanks and brackets
  return `${boot}/${fields[22 - 3]}`;
};
