/**
 * How a command ends: 0 done, 1 failed, 2 wrong usage, 128 + n where it was ended by signal n: 129 as the terminal was
 * closed (SIGHUP), 130 interrupted (SIGINT, Ctrl-C), 141 as nobody reads its output any more (SIGPIPE), 143 terminated
 * (SIGTERM).
 *
 * @module
 */
import * as Cause from "effect/Cause";
import * as Exit from "effect/Exit";
import { isDenial } from "../files/denial.ts";
import { reasonOf } from "../files/reason.ts";

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

const signalNumbers = { SIGHUP: 1, SIGINT: 2, SIGPIPE: 13, SIGTERM: 15 } as const;

/** A signal on which a command shuts down cleanly. */
export type EndingSignal = keyof typeof signalNumbers;

/** What ended a command from outside: a signal, or why its output cannot be written. */
export type Ending = { readonly signal: EndingSignal } | { readonly failure: Error };

/** (ending) ⇒ exit code of the process. */
export const endingCode = (ending: Ending): number => "signal" in ending ? 128 + signalNumbers[ending.signal] : 1;

const tagOf = (error: unknown): string | null => error instanceof Error && "_tag" in error ? String(error._tag) : null;

const ownCode = (exit: Exit.Exit<unknown, unknown>): number => {
  if (Exit.isSuccess(exit)) return 0;
  if (Cause.hasInterruptsOnly(exit.cause)) return endingCode({ signal: "SIGINT" });
  const error = Cause.squash(exit.cause);
  const tag = tagOf(error);
  if (tag === "ShowHelp") return (error as { readonly errors: ReadonlyArray<unknown> }).errors.length === 0 ? 0 : 2;
  return tag !== null && wrongUsage.has(tag) ? 2 : 1;
};

/**
 * (exit, what ended the command from outside) ⇒ exit code of the process. A command that was done when the signal came
 * keeps its own code, unless its output was lost.
 */
export const exitCode = (exit: Exit.Exit<unknown, unknown>, ending: Ending | null): number => {
  const own = ownCode(exit);
  if (ending === null) return own;
  const isLost = !("signal" in ending) || ending.signal === "SIGPIPE";
  const isEnded = Exit.isFailure(exit) && Cause.hasInterrupts(exit.cause);
  return isEnded || (isLost && own === 0) ? endingCode(ending) : own;
};

/** (ending) ⇒ what the user is told of it; null: nothing. */
export const endingText = (ending: Ending): string | null =>
  "signal" in ending
    ? null
    : `error: Cannot write the output as it must be open and have free space: ${ending.failure.message}`;

/** (cause) ⇒ what the user is told: the message of an expected error, all of an unexpected one; null: nothing. */
export const failureText = (cause: Cause.Cause<unknown>): string | null => {
  if (Cause.hasInterruptsOnly(cause)) return null;
  const error = Cause.squash(cause);
  const tag = tagOf(error);
  if (tag === "ShowHelp") return null; // the presenter has shown it
  const message = reasonOf(error);
  const isUnexpected = Cause.hasDies(cause) || tag === null;
  if (isUnexpected && isDenial(message)) return `error: Cannot go on as that must be allowed: ${message}`;
  return isUnexpected ? Cause.pretty(cause) : `error: ${(error as Error).message}`;
};
