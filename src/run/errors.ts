/**
 * What ends a run, or keeps it from being opened, as tagged errors with a message for the user.
 *
 * @module
 */
import * as Schema from "effect/Schema";

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
