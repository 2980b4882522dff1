/**
 * A run that can start: a new one, or one that goes on.
 *
 * @module
 */
import type { ConfigInvalid } from "../config/problems.ts";
import type { UsageInvalid } from "../config/usage.ts";
import type { RunFolderBusy, RunFolderUnwritable } from "../files/errors.ts";
import type { RunLock } from "../files/folder_lock.ts";
import type { StageDefect } from "../program/errors.ts";
import type { TensorsExhausted } from "../stages/errors.ts";
import type { Checkpoint } from "./checkpoint.ts";
import type { CheckpointCorrupt, RunFolderExists, RunFolderInvalid } from "./errors.ts";
import type { ConfiguredRun } from "./open_run.ts";

/** A run that can start. */
export interface Prepared {
  /** What trains, and where. */
  readonly run: ConfiguredRun;
  /** Of its folder, until the scope ends. */
  readonly lock: RunLock;
  /** What the first iteration starts from. */
  readonly start: Checkpoint;
  /** Whether its folder was made just now. */
  readonly isNew: boolean;
}

/** What keeps a new run from starting. */
export type BeginError = RunFolderExists | RunFolderUnwritable | StageDefect | TensorsExhausted | UsageInvalid;

/** What keeps a run from going on. */
export type ReopenError =
  | CheckpointCorrupt
  | ConfigInvalid
  | RunFolderBusy
  | RunFolderInvalid
  | RunFolderUnwritable
  | StageDefect
  | TensorsExhausted
  | UsageInvalid;
