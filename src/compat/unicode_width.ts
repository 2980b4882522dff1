/**
 * `@std/cli/unicode-width`: how many columns of a terminal a text takes.
 *
 * Departure: the original carries a table of Unicode 15; here the tables are those of the runtime and of
 * get-east-asian-width, so that characters newer than that table may have another width.
 *
 * @module
 */
import { eastAsianWidth } from "get-east-asian-width";

const isControl = (codePoint: number): boolean => codePoint < 0x20 || (codePoint >= 0x7f && codePoint < 0xa0);

/** Combining marks, formats (but the soft hyphen), and vowels and finals of Hangul: drawn over the one before. */
const isDrawnOver = (character: string, codePoint: number): boolean =>
  (codePoint >= 0x1160 && codePoint <= 0x11ff) || (codePoint !== 0xad && /[\p{Mn}\p{Me}\p{Cf}]/u.test(character));

const characterWidth = (character: string): number => {
  const codePoint = character.codePointAt(0)!;
  return isControl(codePoint) || isDrawnOver(character, codePoint) ? 0 : eastAsianWidth(codePoint);
};

/**
 * (text) ⇒ columns it takes: the sum over its characters of 2 (wide), 0 (control, combining) or 1 (others, ambiguous ones
 * too). Colour codes count as text.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { unicodeWidth } from "@std/cli";
 *
 * assertEquals(unicodeWidth("hello world"), 11);
 * assertEquals(unicodeWidth("天地玄黃宇宙洪荒"), 16);
 * ```
 */
export const unicodeWidth = (str: string): number =>
  [...str].reduce((sum, character) => sum + characterWidth(character), 0);
