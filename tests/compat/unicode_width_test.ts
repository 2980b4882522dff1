/**
 * `unicodeWidth` counts columns as `@std/cli` documents it; the classes are those of Unicode's East Asian Width (UAX #11).
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { unicodeWidth } from "@std/cli";
import { unicodeWidth as bySubPath } from "@std/cli/unicode-width";

const widths: ReadonlyArray<readonly [string, number]> = [
  ["", 0],
  ["hello world", 11],
  ["天地玄黃宇宙洪荒", 16], // wide: 2 each
  ["ｆｕｌｌｗｉｄｔｈ", 18], // full-width forms: 2 each
  ["ﾊﾝｶｸ", 4], // half-width forms
  ["голубой", 7], // ambiguous where the context is East Asian; 1 here
  ["紅色", 4],
  ["🦕", 2],
  ["─▁█·–…", 6], // what tables and sparklines are drawn with
  ["e\u0301", 1], // e with a combining acute accent
  ["\u0301", 0],
  ["a\u200bb\u200dc", 3], // zero-width space and joiner
  ["co\u00adop", 5], // the soft hyphen counts
  ["\u1112\u1161\u11ab", 2], // 한 in parts: the vowel and the final are drawn into the initial
  ["a\tb\nc\u0000\u001b\u007f\u009f", 3], // control
];

Deno.test("columns of a text: 2 for wide characters, 0 for control and combining ones, 1 for others", () => {
  for (const [text, width] of widths) assertEquals(unicodeWidth(text), width, JSON.stringify(text));
  assertEquals(bySubPath, unicodeWidth);
});
