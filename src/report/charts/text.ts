/**
 * Room that text takes, without a canvas.
 *
 * @module
 */

/** Characters by their advance in thousandths of the size. Source: Adobe's metrics of Helvetica, which Arial follows. */
const advances: ReadonlyArray<readonly [number, string]> = [
  [191, "'"],
  [222, "ijl"],
  [278, " !,./:;I[\\]ft·"],
  [333, "()-`r{}|"],
  [365, '"*°'],
  [500, "ckszvxyJ^"],
  [584, "+<=>~−±×"],
  [611, "FTZ"],
  [667, "ABEKPSVXY&"],
  [722, "CDHNRUw"],
  [778, "GOQ"],
  [833, "Mm"],
  [889, "%"],
  [944, "W"],
  [1000, "…—@→"],
];
const advanceOf = new Map(advances.flatMap(([advance, characters]) => [...characters].map((c) => [c, advance])));
const usualAdvance = 556; // digits and most small letters
// DejaVu Sans, which stands in where there is no Arial, is so much wider; it is widest in t, r and i, and where it is bold.
const boldFactor = 1.15;
const slack = 1.19;

/** (text, size in pixels, weight) ⇒ width that it takes at most, pixels. */
export const textWidth = (text: string, size: number, weight: "normal" | "bold" = "normal"): number => {
  const units = [...text].reduce((sum, character) => sum + (advanceOf.get(character) ?? usualAdvance), 0);
  return units / 1000 * size * slack * (weight === "bold" ? boldFactor : 1);
};

/** (text, width in pixels, size, weight) ⇒ lines that fit; a longer word has a line of its own. */
export const wrapText = (
  text: string,
  width: number,
  size: number,
  weight: "normal" | "bold" = "normal",
): ReadonlyArray<string> =>
  text.split(" ").reduce<ReadonlyArray<string>>((lines, word) => {
    const last = lines.at(-1);
    const longer = last === undefined ? word : `${last} ${word}`;
    return last === undefined || textWidth(longer, size, weight) > width
      ? [...lines, word]
      : [...lines.slice(0, -1), longer];
  }, []);

/** Names in lines that fit. */
export interface FittedNames {
  /** of each name */
  readonly lines: ReadonlyArray<ReadonlyArray<string>>;
  /** of the widest line, pixels */
  readonly width: number;
}

/** (names, most width in pixels, size, weight) ⇒ each in as many lines as it takes, and the room that all of them take. */
export const fitNames = (
  names: ReadonlyArray<string>,
  most: number,
  size: number,
  weight: "normal" | "bold" = "normal",
): FittedNames => {
  const lines = names.map((name) => wrapText(name, most, size, weight));
  return { lines, width: lines.flat().reduce((widest, line) => Math.max(widest, textWidth(line, size, weight)), 0) };
};
