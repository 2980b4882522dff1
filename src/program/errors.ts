/**
 * What ends a training run, as tagged errors with a message for the user.
 *
 * @module
 */
import * as Schema from "effect/Schema";

/** A stage wrote something that is not finite. */
export class NonFiniteSlot extends Error {
  /** Discriminates typed errors. */
  readonly _tag = "NonFiniteSlot";
  /** The class name, as shown. */
  override readonly name = "NonFiniteSlot";
  /** Which stage. */
  readonly stage: string;
  /** What is not finite. */
  readonly quantity: string;

  /** (what failed, where) ⇒ (error) with a message for the user. */
  constructor({ stage, quantity }: { readonly stage: string; readonly quantity: string }) {
    super(`Cannot accept what "${stage}" wrote as ${quantity} must be finite: it is not`);
    this.stage = stage;
    this.quantity = quantity;
  }
}

/** A stage threw, or did not return what it declares: a fault of its code, not of the data. */
export class StageDefect extends Error {
  /** Discriminates typed errors. */
  readonly _tag = "StageDefect";
  /** The class name, as shown. */
  override readonly name = "StageDefect";
  /** Which stage. */
  readonly stage: string;

  /** (stage, what it did, where it stands or null) ⇒ (error) with a message of one line for the user. */
  constructor({ stage, reason, place }: {
    readonly stage: string;
    readonly reason: string;
    readonly place: string | null;
  }) {
    super(
      `Cannot go on after "${stage}" as its code must be sound: ${reason}${place === null ? "" : ` (at ${place})`}`,
    );
    this.stage = stage;
  }
}

/** A stage stopped the run. */
export class TrainingFailed extends Schema.TaggedError<TrainingFailed>()("TrainingFailed", {
  iteration: Schema.Number,
  stage: Schema.String,
  quantity: Schema.String, // what was not finite or did not fit; empty where the cause names none
  cause: Schema.Defect(),
  checkpoint: Schema.String, // path of the last good checkpoint; empty where there is none
}) {
  /** What failed, where, and what is left. */
  override get message(): string {
    const cause = this.cause instanceof Error ? this.cause.message : String(this.cause);
    return `Cannot finish iteration ${this.iteration} as stage "${this.stage}" failed. ${cause}` +
      (this.checkpoint === "" ? "" : `\nThe last good checkpoint is ${this.checkpoint}`);
  }
}

/** A checkpoint that cannot be read back. */
export class CheckpointCorrupt extends Schema.TaggedError<CheckpointCorrupt>()("CheckpointCorrupt", {
  path: Schema.String,
  reason: Schema.String,
}) {
  /** Which checkpoint, and what is wrong with it. */
  override get message(): string {
    return `Cannot read checkpoint ${this.path} as ${this.reason}`;
  }
}

/** A run folder of that name is there already. */
export class RunFolderExists extends Schema.TaggedError<RunFolderExists>()("RunFolderExists", {
  path: Schema.String,
}) {
  /** Which folder, and what to do. */
  override get message(): string {
    return `Cannot start a run in ${this.path} as it must be a new folder: it exists already ` +
      `(go on with it by --resume ${this.path}, or choose another name by --run)`;
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

/** A folder that is no run folder, or one whose files do not belong together. */
export class RunFolderInvalid extends Schema.TaggedError<RunFolderInvalid>()("RunFolderInvalid", {
  path: Schema.String,
  reason: Schema.String,
}) {
  /** Which folder, and what is wrong with it. */
  override get message(): string {
    return `Cannot go on with ${this.path} as it must be the folder of a run: ${this.reason}`;
  }
}
