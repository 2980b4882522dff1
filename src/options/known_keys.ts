/**
 * Keys of a definition that nobody reads: a mistyped one would be a wish that is not heard.
 *
 * @module
 */
import { didYouMean } from "./did_you_mean.ts";

/** Every key of `T`, each once: the compiler misses none. */
export type KeysOf<T> = Readonly<Record<T extends unknown ? keyof T & string : never, true>>;

/** (record, its known keys) ⇒ what is wrong with the first key that is none of them, as in "Cannot … as …"; or null. */
export const unknownKeyIn = (record: object, known: Readonly<Record<string, true>>): string | null => {
  const unknown = Object.keys(record).find((key) => !Object.hasOwn(known, key));
  return unknown === undefined
    ? null
    : `its keys must be known: "${unknown}" is not, ${didYouMean(unknown, Object.keys(known))}`;
};
