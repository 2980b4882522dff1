/**
 * What keeps files from being written, as tagged errors with a message for the user.
 *
 * @module
 */
import * as Schema from "effect/Schema";

/** The run folder, or a file in it, cannot be written. */
export class RunFolderUnwritable extends Schema.TaggedError<RunFolderUnwritable>()("RunFolderUnwritable", {
  path: Schema.String,
  reason: Schema.String,
}) {
  /** Which file, and why. */
  override get message(): string {
    return `Cannot write ${this.path} as it must be on a writable disk with free space: ${this.reason}`;
  }
}

/** Another process trains in the run folder. */
export class RunFolderBusy extends Schema.TaggedError<RunFolderBusy>()("RunFolderBusy", {
  path: Schema.String,
  lock: Schema.String, // path of the lock file
  pid: Schema.Number,
  host: Schema.String,
}) {
  /** Which folder, which process, and what to do where there is none any more. */
  override get message(): string {
    return `Cannot train in ${this.path} as it must be free of other processes: process ${this.pid} on ${this.host} trains in it ` +
      `(where that is another machine, and gone for good, remove ${this.lock})`;
  }
}
