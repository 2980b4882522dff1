/**
 * What is told of a thrown value.
 *
 * @module
 */

/** (thrown) ⇒ why, in its own words. */
export const reasonOf = (thrown: unknown): string => thrown instanceof Error ? thrown.message : String(thrown);

/** (thrown) ⇒ the operating system's code, such as ENOENT; undefined: it has none. */
export const codeOf = (thrown: unknown): unknown =>
  thrown !== null && typeof thrown === "object" ? (thrown as { readonly code?: unknown }).code : undefined;
