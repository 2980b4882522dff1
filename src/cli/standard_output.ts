/**
 * Standard output and standard error, written synchronously. A failed write throws nothing and raises no unhandled
 * event: the listener is told of the first failure, and everything after it is dropped.
 *
 * @module
 */
import type { Console } from "effect/Console";
import process from "node:process";
import { format } from "node:util";
import { columnsOf, type Output } from "../report/display.ts";
import { explainDenials } from "../sandbox/denials.ts";
import { asTyped } from "../sandbox/typed.ts";

/** What bytes are written to. */
export interface ByteSink {
  /** (bytes) ⇒ how many of them were written. */
  readonly writeSync: (bytes: Uint8Array) => number;
}

const pause = 5; // milliseconds
const nothing = new Int32Array(new SharedArrayBuffer(4));

/** Writes all of a text, also to a pipe that another owner has made non-blocking. Throws what the sink does. */
export const writeFully = (sink: ByteSink, text: string): void => {
  const bytes = new TextEncoder().encode(text);
  for (let done = 0; done < bytes.length;) {
    try {
      done += sink.writeSync(bytes.subarray(done));
    } catch (error) {
      if (!(error instanceof Deno.errors.WouldBlock || error instanceof Deno.errors.Interrupted)) throw error;
      Atomics.wait(nothing, 0, 0, pause);
    }
  }
};

let broken: Error | null = null; // the first failure of standard output
let tell: (error: Error) => void = () => {};

const onBroken = (error: unknown): void => {
  if (broken !== null) return;
  broken = error instanceof Error ? error : new Error(String(error));
  tell(broken);
};

/** (listener) ⇒ called once when a write to standard output fails, by whatever part of the program. */
export const onOutputBroken = (listener: (error: Error) => void): void => {
  tell = listener;
  process.stdout.on("error", onBroken);
  process.stderr.on("error", () => {}); // there is no other place to tell of it
  if (broken !== null) tell(broken);
};

const write = (text: string): void => {
  if (broken !== null) return;
  try {
    writeFully(Deno.stdout, text);
  } catch (error) {
    onBroken(error);
  }
};

const writeError = (text: string): void => {
  try {
    writeFully(Deno.stderr, text);
  } catch {
    // there is no other place to tell of it
  }
};

const widthOfTerminal = (): number | undefined => {
  try {
    return Deno.consoleSize().columns;
  } catch {
    return undefined; // it tells none
  }
};

/** Standard output. */
export const standardOutput: Output = {
  isTerminal: Deno.stdout.isTerminal(), // asked before it may be closed
  columns: columnsOf(widthOfTerminal()),
  write,
};

const toOutput = (...args: ReadonlyArray<unknown>): void => write(asTyped(format(...args)) + "\n");
const toError = (...args: ReadonlyArray<unknown>): void => writeError(asTyped(explainDenials(format(...args))) + "\n");

/** The console of commands. */
export const standardConsole: Console = Object.assign(Object.create(globalThis.console), {
  log: toOutput,
  info: toOutput,
  debug: toOutput,
  error: toError,
  warn: toError,
});
