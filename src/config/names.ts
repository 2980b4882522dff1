/**
 * Names of pipelines, ablations, variants and runs: they name folders, also on other people's machines.
 *
 * @module
 */
import * as Schema from "effect/Schema";

/** Characters of a name; a file system allows 255, of which a cell's file needs its task, seed and hash as well. */
export const longestName = 100;

const pattern = /^[A-Za-z0-9][A-Za-z0-9_.-]*$/;

/** What a name is made of, for `must be …`. */
const made = 'made of letters, digits, ".", "_" and "-", the first a letter or a digit: it names folders';

/** (text, characters allowed) ⇒ what keeps it from being a name, for `must …`; null: nothing. */
export const nameFault = (text: string, longest: number = longestName): string | null =>
  !pattern.test(text)
    ? `be ${made}`
    : text.length > longest
    ? `have at most ${longest} characters, as it names folders: it has ${text.length}`
    : null;

/** A name, as pipelines and ablations give it. */
export const nameSchema: Schema.Codec<string, string> = Schema.String.check(
  Schema.isPattern(pattern, { expected: made }),
  Schema.isMaxLength(longestName, { expected: `a name of at most ${longestName} characters, as it names folders` }),
);

/** (path of a file) ⇒ the name that it gives: its own without folder and ending, what no name may hold left out. */
export const nameOf = (file: string): string => {
  const own = file.split("/").at(-1)!.replace(/\.(ya?ml|json)$/, "");
  const name = own.replace(/[^A-Za-z0-9_.-]+/g, "-").replace(/^[^A-Za-z0-9]+/, "").slice(0, longestName);
  return name === "" ? "unnamed" : name;
};
