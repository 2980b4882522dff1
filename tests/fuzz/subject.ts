/**
 * What is fuzzed, and the promise that every input must keep: a valid result or a typed error for the user, within bounds.
 *
 * @module
 */
import type { Stream } from "../../src/math/random.ts";

/** Something that reads what others wrote. */
export interface Subject {
  readonly name: string;
  /** (stream) ⇒ one input, mutated from a sound one. */
  readonly make: (stream: Stream) => Uint8Array<ArrayBuffer>;
  /** (input) ⇒ what became of it, in a word or two. Throws where the promise is broken. */
  readonly run: (input: Uint8Array<ArrayBuffer>) => Promise<string> | string;
}

/** (text) ⇒ (bytes). */
export const bytesOf = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

/** (bytes) ⇒ (text); what is no UTF-8 becomes U+FFFD, as when a file is read. */
export const textOf = (bytes: Uint8Array): string => new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);

/** A promise that was not kept. */
export class Broken extends Error {
  /** The class name, as shown. */
  override readonly name = "Broken";
}

/** (error, tags that may be) ⇒ the tag. Throws `Broken` where the error is no typed one, or its message is not for a user. */
export const typed = (error: unknown, tags: ReadonlyArray<string>): string => {
  const tag = error instanceof Error ? String((error as { readonly _tag?: unknown })._tag ?? error.name) : "";
  if (!tags.includes(tag)) throw new Broken(`untyped: ${error instanceof Error ? error.stack : String(error)}`);
  const { message } = error as Error;
  if (/\bat .*\.ts:\d+|\[object |undefined is not|Cannot read properties|is not a function/.test(message)) {
    throw new Broken(`words of the machine: ${message.slice(0, 400)}`);
  }
  return tag;
};
