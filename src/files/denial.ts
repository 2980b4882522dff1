/**
 * What Deno says where its sandbox forbids something.
 *
 * @module
 */

/** One such sentence: kind of access, and to what. */
export const denial = /Requires (\w+) access(?: to "([^"]*)")?, run again with the --allow-\w+ flag/g;

/** (text) ⇒ whether it tells of something that is forbidden. */
export const isDenial = (text: string): boolean => text.search(denial) >= 0;
