/**
 * The name that a mistyped one was probably meant to be.
 *
 * @module
 */

/** Edits (insert, delete, replace, swap neighbours) that turn one word into the other. */
const editDistance = (a: string, b: string): number => {
  const rows = Array.from({ length: a.length + 1 }, (_, i) => [i, ...new Array<number>(b.length).fill(0)]);
  for (let j = 0; j <= b.length; j++) rows[0][j] = j;
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      rows[i][j] = Math.min(rows[i - 1][j] + 1, rows[i][j - 1] + 1, rows[i - 1][j - 1] + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        rows[i][j] = Math.min(rows[i][j], rows[i - 2][j - 2] + 1);
      }
    }
  }
  return rows[a.length][b.length];
};

/** (word, known words) ⇒ the nearest one within a third of its letters, whatever the case; or null. */
export const nearest = (word: string, known: Iterable<string>): string | null => {
  let best: string | null = null;
  let distance = Infinity;
  for (const candidate of known) {
    const most = Math.max(1, Math.floor(candidate.length / 3));
    if (Math.abs(word.length - candidate.length) > most) continue; // each letter more is an edit
    const d = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (d < distance && d <= most) [best, distance] = [candidate, d];
  }
  return best;
};

/** (word) ⇒ the words that it is joined of, in small letters: `obsSize` is obs and size. */
const partsOf = (word: string): ReadonlyArray<string> => word.split(/(?=[A-Z])|[_-]/).map((part) => part.toLowerCase());

const shortest = 3; // letters of an abbreviation, fewer say too little

/** (word, known words) ⇒ the only one whose parts begin as those of the word, part by part; or null. */
const abbreviated = (word: string, known: ReadonlyArray<string>): string | null => {
  const parts = word.length < shortest ? [] : partsOf(word);
  const fits = known.filter((candidate) => {
    const whole = partsOf(candidate);
    return whole.length === parts.length && parts.every((part, i) => part !== "" && whole[i].startsWith(part));
  });
  return fits.length === 1 ? fits[0] : null;
};

/** (word, known words) ⇒ the one that was probably meant: a typo's, else what it abbreviates; or null. */
const meantBy = (word: string, known: ReadonlyArray<string>): string | null =>
  nearest(word, known) ?? abbreviated(word, known);

/** (of what, word, known words) ⇒ what is wrong with a name that a module or a catalog may give as well. */
export const unknownName = (kind: string, word: string, known: ReadonlyArray<string>): string =>
  `unknown ${kind} "${word}", ` +
  didYouMeanOrOwn(
    word,
    known,
    'name its module in "use" of the pipeline, by --use where there is none, or give a catalog that has it',
  );

/** (word, known words, how a module gives more of them) ⇒ as `didYouMean`; behind the list, how one's own is found. */
export const didYouMeanOrOwn = (word: string, known: ReadonlyArray<string>, own: string): string =>
  didYouMean(word, known) + (meantBy(word, known) === null ? ` (one of your own: ${own})` : "");

/** (word, known words) ⇒ `did you mean "x"?`, or the list of what is known. */
export const didYouMean = (word: string, known: ReadonlyArray<string>): string => {
  const best = meantBy(word, known);
  return best === null ? `known are ${known.join(", ")}` : `did you mean "${best}"?`;
};
