/**
 * What ends a run, or keeps it from being opened, as tagged errors with a message for the user.
 *
 * @module
 */
import { StageDefect } from "../program/errors.ts";

/** (path of a checkpoint) ⇒ path of its run. */
const runOf = (checkpoint: string): string => checkpoint.replace(/[\\/]checkpoints[\\/][^\\/]+$/, "");

/** (path of a run) ⇒ what goes on with it. */
const goingOn = (run: string): string => `deno task train --resume ${run}`;

/** (iteration, stage, what it failed with) ⇒ why the run stopped; a fault of the stage's code in one sentence. */
const whyStopped = ({ iteration, stage, cause }: Pick<TrainingFailed, "iteration" | "stage" | "cause">): string =>
  cause instanceof StageDefect
    ? `Cannot finish iteration ${iteration} at stage "${stage}" as ${cause.fault}`
    : `Cannot finish iteration ${iteration} as stage "${stage}" failed. ` +
      (cause instanceof Error ? cause.message : String(cause));

/** A stage stopped the run. */
export class TrainingFailed extends Error {
  /** Discriminates typed errors. */
  readonly _tag = "TrainingFailed";
  /** The class name, as shown. */
  override readonly name = "TrainingFailed";
  /** The one that was not finished. */
  readonly iteration: number;
  /** Which stage. */
  readonly stage: string;
  /** What was not finite or did not fit; empty where the cause names none. */
  readonly quantity: string;
  /** What the stage failed with. */
  override readonly cause: unknown;
  /** Path of the last good checkpoint; empty where there is none. */
  readonly checkpoint: string;

  /** (what failed, where, what is left) ⇒ (error) with a message for the user. */
  constructor(
    { iteration, stage, quantity, cause, checkpoint }: Pick<
      TrainingFailed,
      "iteration" | "stage" | "quantity" | "cause" | "checkpoint"
    >,
  ) {
    super(
      whyStopped({ iteration, stage, cause }) +
        (checkpoint === ""
          ? ""
          : `\nThe last good checkpoint is ${checkpoint}. Go on by: ${goingOn(runOf(checkpoint))}`),
    );
    this.iteration = iteration;
    this.stage = stage;
    this.quantity = quantity;
    this.cause = cause;
    this.checkpoint = checkpoint;
  }
}

/** A checkpoint that cannot be read back. */
export class CheckpointCorrupt extends Error {
  /** Discriminates typed errors. */
  readonly _tag = "CheckpointCorrupt";
  /** The class name, as shown. */
  override readonly name = "CheckpointCorrupt";
  /** Which checkpoint. */
  readonly path: string;
  /** What is wrong with it. */
  readonly reason: string;

  /** (checkpoint, what is wrong) ⇒ (error) with a message for the user. */
  constructor({ path, reason }: Pick<CheckpointCorrupt, "path" | "reason">) {
    super(`Cannot read checkpoint ${path} as ${reason}`);
    this.path = path;
    this.reason = reason;
  }
}

/** A run folder of that name is there already. */
export class RunFolderExists extends Error {
  /** Discriminates typed errors. */
  readonly _tag = "RunFolderExists";
  /** The class name, as shown. */
  override readonly name = "RunFolderExists";
  /** Which folder. */
  readonly path: string;

  /** (folder) ⇒ (error) with a message for the user, and what to do. */
  constructor({ path }: Pick<RunFolderExists, "path">) {
    super(
      `Cannot start a run in ${path} as it must be a new folder: it exists already ` +
        `(go on with it by ${goingOn(path)}, or choose another name by --run)`,
    );
    this.path = path;
  }
}

/** A folder that is no run folder, or one whose files do not belong together. */
export class RunFolderInvalid extends Error {
  /** Discriminates typed errors. */
  readonly _tag = "RunFolderInvalid";
  /** The class name, as shown. */
  override readonly name = "RunFolderInvalid";
  /** Which folder. */
  readonly path: string;
  /** What is wrong with it. */
  readonly reason: string;

  /** (folder, what is wrong) ⇒ (error) with a message for the user. */
  constructor({ path, reason }: Pick<RunFolderInvalid, "path" | "reason">) {
    super(`Cannot go on with ${path} as it must be the folder of a run: ${reason}`);
    this.path = path;
    this.reason = reason;
  }
}
