/**
 * What keeps files from being written, as tagged errors with a message for the user.
 *
 * @module
 */
import { isDenial } from "./denial.ts";

/** The run folder, or a file in it, cannot be written. */
export class RunFolderUnwritable extends Error {
  /** Discriminates typed errors. */
  readonly _tag = "RunFolderUnwritable";
  /** The class name, as shown. */
  override readonly name = "RunFolderUnwritable";
  /** Which file. */
  readonly path: string;
  /** Why. */
  readonly reason: string;

  /** (file, why) ⇒ (error) with a message for the user. */
  constructor({ path, reason }: Pick<RunFolderUnwritable, "path" | "reason">) {
    const must = isDenial(reason) ? "that must be allowed" : "it must be on a writable disk with free space";
    super(`Cannot write ${path} as ${must}: ${reason}`);
    this.path = path;
    this.reason = reason;
  }
}

/** Another process trains in the run folder. */
export class RunFolderBusy extends Error {
  /** Discriminates typed errors. */
  readonly _tag = "RunFolderBusy";
  /** The class name, as shown. */
  override readonly name = "RunFolderBusy";
  /** Which folder. */
  readonly path: string;
  /** Path of its lock file. */
  readonly lock: string;
  /** Which process. */
  readonly pid: number;
  /** On which machine. */
  readonly host: string;

  /** (folder, who has it) ⇒ (error) with a message for the user, and what to do where that process is gone. */
  constructor({ path, lock, pid, host }: Pick<RunFolderBusy, "path" | "lock" | "pid" | "host">) {
    super(
      `Cannot train in ${path} as it must be free of other processes: process ${pid} on ${host} trains in it ` +
        `(where that is another machine, and gone for good, remove ${lock})`,
    );
    this.path = path;
    this.lock = lock;
    this.pid = pid;
    this.host = host;
  }
}
