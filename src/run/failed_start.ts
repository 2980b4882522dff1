/**
 * A new run that fails before its first iteration is logged leaves no folder: there is nothing in it to go on from.
 * One that was interrupted stays, and can be resumed.
 *
 * @module
 */
import * as Cause from "effect/Cause";
import * as Effect from "effect/Effect";
import { listCheckpoints } from "./checkpoint.ts";
import { RunFolderBusy } from "../files/errors.ts";
import { TrainingFailed } from "./errors.ts";
import { removeRunFolder, type RunFolder } from "./run_folder.ts";
import { readLog } from "./run_log.ts";

/** The checkpoint that it names is gone. */
const withoutCheckpoint = <E>(error: E): E | TrainingFailed => {
  if (!(error instanceof TrainingFailed)) return error;
  const { iteration, stage, quantity, cause } = error;
  return new TrainingFailed({ iteration, stage, quantity, cause, checkpoint: "" });
};

/** Whether nothing but what the run began with is in its folder, as far as that can be read. */
const isUntouched = ({ metrics, checkpoints }: RunFolder): boolean => {
  const { records, warning } = readLog(metrics);
  return records.length === 0 && warning === null && listCheckpoints(checkpoints).every((iteration) => iteration === 0);
};

/** (folder of a new run, what works in it) ⇒ the same work, which takes the folder with it where it fails too early. */
export const orNothing = <A, E, R>(
  folder: RunFolder,
  work: Effect.Effect<A, E, R>,
): Effect.Effect<A, E | TrainingFailed, R> =>
  Effect.catchCause(work, (cause): Effect.Effect<never, E | TrainingFailed> => {
    const isOthers = Cause.squash(cause) instanceof RunFolderBusy; // another has taken the folder over
    if (isOthers || Cause.hasInterrupts(cause) || !isUntouched(folder)) return Effect.failCause(cause);
    return Effect.andThen(
      Effect.ignore(removeRunFolder(folder.path)),
      Effect.failCause(Cause.map(cause, withoutCheckpoint)),
    );
  });
