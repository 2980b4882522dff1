/**
 * How a command ends: 0 done, 1 failed, 2 wrong usage, 130 interrupted.
 *
 * @module
 */
import * as Cause from "effect/Cause";
import * as Exit from "effect/Exit";
import * as Schema from "effect/Schema";

/** Arguments that do not go together. */
export class UsageInvalid extends Schema.TaggedError<UsageInvalid>()("UsageInvalid", {
  message: Schema.String,
}) {}

/** Cells of a sweep that failed, after all others were trained. */
export class CellsFailed extends Schema.TaggedError<CellsFailed>()("CellsFailed", {
  message: Schema.String,
}) {}

/** A machine that can train no cell now, such as one with a full disk. */
export class MachineUnfit extends Schema.TaggedError<MachineUnfit>()("MachineUnfit", {
  message: Schema.String,
}) {}

const wrongUsage: ReadonlySet<string> = new Set([
  "ConfigInvalid",
  "OnlyInvalid",
  "RunFolderBusy",
  "RunFolderExists",
  "RunFolderInvalid",
  "SettingInvalid",
  "StorageInvalid",
  "UsageInvalid",
]);

const tagOf = (error: unknown): string | null => error instanceof Error && "_tag" in error ? String(error._tag) : null;

/** (exit) ⇒ exit code of the process. */
export const exitCode = (exit: Exit.Exit<unknown, unknown>): number => {
  if (Exit.isSuccess(exit)) return 0;
  if (Cause.hasInterruptsOnly(exit.cause)) return 130;
  const error = Cause.squash(exit.cause);
  const tag = tagOf(error);
  if (tag === "ShowHelp") return (error as { readonly errors: ReadonlyArray<unknown> }).errors.length === 0 ? 0 : 2;
  return tag !== null && wrongUsage.has(tag) ? 2 : 1;
};

const brokenOutput: ReadonlySet<unknown> = new Set(["ENOSPC", "EPIPE", "EIO", "EBADF"]);

/** An untagged error of the operating system is one of the standard output: files fail with `RunFolderUnwritable`. */
const outputFailure = (error: unknown): string | null =>
  error instanceof Error && tagOf(error) === null && "code" in error && brokenOutput.has(error.code)
    ? `error: Cannot write the output as it must be open and have free space: ${error.message}`
    : null;

/** (cause) ⇒ what the user is told: the message of an expected error, all of an unexpected one; null: nothing. */
export const failureText = (cause: Cause.Cause<unknown>): string | null => {
  if (Cause.hasInterruptsOnly(cause)) return null;
  const error = Cause.squash(cause);
  const tag = tagOf(error);
  if (tag === "ShowHelp") return null; // the presenter has shown it
  const output = outputFailure(error);
  if (output !== null) return output;
  return Cause.hasDies(cause) || tag === null ? Cause.pretty(cause) : `error: ${(error as Error).message}`;
};
