/**
 * Whether a process of this machine is there.
 *
 * @module
 */
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
