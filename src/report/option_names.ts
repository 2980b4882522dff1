/**
 * What tells runs of one kind apart: the options in which they differ.
 * (options of each) ⇒ (paths that differ) ⇒ "maxKl 0.03, k 10"
 *
 * @module
 */

/** Options as text by path: `trpoUpdate.maxKl` ⇒ .03. */
export type OptionTexts = ReadonlyMap<string, string>;

const lastOf = (path: string): string => path.split(".").at(-1)!;

/** How much a path tells: the estimator most, an option that some do not even have least. */
const rankOf = (path: string, all: ReadonlyArray<OptionTexts>): number =>
  lastOf(path) === "estimator" ? 0 : all.every((options) => options.has(path)) ? 1 : 2;

/** (options of each) ⇒ the paths at which not all are equal, those that tell most first. */
export const differingOptions = (all: ReadonlyArray<OptionTexts>): ReadonlyArray<string> => {
  const paths = [...new Set(all.flatMap((options) => [...options.keys()]))];
  const differing = paths.filter((path) => new Set(all.map((options) => options.get(path))).size > 1);
  return differing.toSorted((a, b) => rankOf(a, all) - rankOf(b, all));
};

/** (path, all that differ) ⇒ its last name, with the one before it where another ends alike. */
const shortName = (path: string, all: ReadonlyArray<string>): string =>
  all.filter((other) => lastOf(other) === lastOf(path)).length === 1
    ? lastOf(path)
    : path.split(".").slice(-2).join(".");

const mostNamed = 3; // options in a name

/** (options, paths that differ) ⇒ "maxKl 0.03, k 10"; "no k" where it has none. */
export const nameByOptions = (options: OptionTexts, paths: ReadonlyArray<string>): string => {
  const named = paths.slice(0, mostNamed).map((path) => {
    const value = options.get(path);
    return value === undefined ? `no ${shortName(path, paths)}` : `${shortName(path, paths)} ${value}`;
  });
  return [...named, ...(paths.length > mostNamed ? ["…"] : [])].join(", ");
};
