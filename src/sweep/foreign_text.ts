/**
 * Text that someone else wrote – whoever can write into a database – made fit to be shown and kept.
 *
 * @module
 */

// deno-lint-ignore no-control-regex
const control = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

const cut = (text: string, longest: number): string => text.length <= longest ? text : `${text.slice(0, longest - 1)}…`;

/** (text, most characters) ⇒ the same without what a terminal would obey, cut; lines and tabs stay. */
export const printable = (text: string, longest: number): string => cut(text, longest).replace(control, "\ufffd");

/** (text, most characters) ⇒ the same on one line. */
export const onOneLine = (text: string, longest: number): string =>
  printable(text.trim().replace(/\s+/g, " "), longest);
