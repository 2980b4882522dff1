/**
 * What ends a command from outside: a signal, a terminal that is closed, an output that nobody reads any more or that
 * cannot be written. Each asks the command once to shut down cleanly; a second signal ends the process at once.
 *
 * @module
 */
import process from "node:process";
import { type Ending, endingCode, type EndingSignal } from "./exit.ts";
import { onOutputBroken, standardOutput } from "./standard_output.ts";

/** One press of Ctrl-C may come twice, by the terminal and by `deno task`; so may the end of a session. */
const samePress = 500; // milliseconds

/** (error of standard output, whether that is a terminal) ⇒ what it means. */
export const endingOf = (error: Error, isTerminal: boolean): Ending => {
  const code = (error as { readonly code?: unknown }).code;
  if (isTerminal && (code === "EIO" || code === "EPIPE")) return { signal: "SIGHUP" };
  return code === "EPIPE" ? { signal: "SIGPIPE" } : { failure: error };
};

const signals: ReadonlyArray<EndingSignal> = ["SIGINT", "SIGTERM", "SIGHUP"];

/** (told of the first ending) ⇒ how to listen no more. */
export const listenForEndings = (ended: (ending: Ending) => void): () => void => {
  let first: number | null = null;
  const endBy = (ending: Ending) => {
    if (first !== null) return;
    first = performance.now();
    ended(ending);
  };
  const listeners = signals.map((signal) => {
    const listener = () => {
      if (first !== null && performance.now() - first > samePress) process.exit(endingCode({ signal }));
      endBy({ signal });
    };
    process.on(signal, listener);
    return () => process.removeListener(signal, listener);
  });
  onOutputBroken((error) => endBy(endingOf(error, standardOutput.isTerminal)));
  return () => listeners.forEach((remove) => remove());
};
