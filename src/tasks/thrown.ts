/**
 * What somebody's code threw, in words.
 *
 * @module
 */

const here: string | undefined = import.meta.url; // none in a page, where one script holds everybody's code
const ourSource = here?.replace(/tasks\/thrown\.ts$/, "");
const isOurs = (at: string): boolean => ourSource !== undefined && at.startsWith(ourSource);

/** (stack of an error) ⇒ `file:line:column` of the first line that is in no library, ours among them; null: there is none. */
export const placeOf = (stack: string): string | null => {
  const frames = [...stack.matchAll(/^\s+at (?:.*\()?((?:file|https?|blob|data):[^)\s]+:\d+:\d+)\)?$/gm)].map((
    [, at],
  ) => at);
  return frames.find((at) => !at.includes("/node_modules/") && !isOurs(at))?.replace(/^file:\/\//, "") ??
    null;
};

/** (thrown) ⇒ (words of one line, place or null). */
export const describeThrown = (thrown: unknown): { readonly reason: string; readonly place: string | null } => {
  const text = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
  return {
    reason: `it threw ${text.split("\n")[0]}`,
    place: thrown instanceof Error ? placeOf(thrown.stack ?? "") : null,
  };
};
