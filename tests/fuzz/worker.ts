/**
 * Runs inputs one after the other in a thread that can be ended, where one never comes back.
 *
 * @module
 */
import { runWithinBounds } from "./bounds.ts";
import { subjects } from "./subjects.ts";

/** One input. */
export interface Asked {
  readonly subject: string;
  readonly input: Uint8Array<ArrayBuffer>;
}

/** What became of it: its outcome, or how it broke the promise. The first word of a thread is "ready". */
export type Told = { readonly outcome: string; readonly milliseconds: number } | { readonly broken: string };

const scope = globalThis as unknown as {
  onmessage: (event: MessageEvent<Asked>) => void;
  postMessage: (told: Told | "ready") => void;
};

scope.onmessage = async ({ data: { subject, input } }) => {
  try {
    scope.postMessage(await runWithinBounds(subjects.find(({ name }) => name === subject)!, input, 2));
  } catch (error) {
    scope.postMessage({ broken: error instanceof Error ? `${error.name}: ${error.message}` : String(error) });
  }
};

scope.postMessage("ready"); // what is asked before the modules are there finds no listener
