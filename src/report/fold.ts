/**
 * Text folded to the columns of a terminal; nothing is cut off.
 * (text, columns) ⇒ (lines)
 *
 * @module
 */
import { unicodeWidth } from "@std/cli/unicode-width";

/** (word, columns) ⇒ pieces of at most so many columns. */
const pieces = (word: string, columns: number): ReadonlyArray<string> => {
  const found: string[] = [];
  let piece = "", width = 0;
  for (const character of word) {
    const more = unicodeWidth(character);
    if (width + more > columns && piece !== "") {
      found.push(piece);
      [piece, width] = ["", 0];
    }
    piece += character;
    width += more;
  }
  return [...found, piece];
};

/**
 * (text, columns of a line, where it may be parted) ⇒ lines, each at most so wide where a single character is. The separator
 * is left out where a line ends.
 */
export const foldText = (text: string, columns: number, separator = " "): ReadonlyArray<string> => {
  const lines: string[] = [];
  for (const part of text.split(separator)) {
    const last = lines.at(-1), joined = last === undefined ? part : last + separator + part;
    if (last !== undefined && unicodeWidth(joined) <= columns) lines[lines.length - 1] = joined;
    else if (unicodeWidth(part) <= columns) lines.push(part);
    else lines.push(...(separator === " " ? pieces(part, columns) : foldText(part, columns)));
  }
  return lines;
};
