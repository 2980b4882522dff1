/**
 * Whether a process of this machine is there, and whether it is still the same one: numbers are used again.
 *
 * @module
 */
import { existsSync, readFileSync } from "node:fs";
import process from "node:process";

/** (process id) ⇒ whether such a process runs, whoever owns it. */
export const isRunning = (pid: number): boolean => {
  try {
    process.kill(pid, 0); // signal 0 is not sent, only checked
    return true;
  } catch (error) {
    return (error as { readonly code?: unknown }).code !== "ESRCH";
  }
};

const bootPath = "/proc/sys/kernel/random/boot_id";

/** Whether this machine tells when a process began. */
export const tellsStart = (): boolean => existsSync("/proc/self/stat") && existsSync(bootPath);

/**
 * (process id) ⇒ boot of the machine and the clock tick of it at which the process began, which no other process has;
 * null where there is none or the machine does not tell.
 *
 * @see proc_pid_stat(5), field 22
 */
export const processStart = (pid: number): string | null => {
  if (!tellsStart()) return null;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" "); // from field 3 on: names may hold blanks and brackets
    return `${readFileSync(bootPath, "utf8").trim()}/${fields[22 - 3]}`;
  } catch {
    return null;
  }
};
