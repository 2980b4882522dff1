/**
 * JSON as strictly as a file format may read it: no name twice in an object, no half of a surrogate pair, no nesting
 * without end. A number that is not written as a whole one (1.0, 1e3, -0) is NaN.
 *
 * `JSON.parse` keeps the last of two equal names, and its reviver does not tell how a number was written beside a name
 * such as `__proto__`.
 *
 * @module
 */

/** Text that is no such JSON. */
export class StrictJsonInvalid extends Error {
  /** The class name, as shown in a failure. */
  override readonly name = "StrictJsonInvalid";
}

const deepest = 127; // lists and objects within each other, as in serde_json

const refuse = (reason: string): never => {
  throw new StrictJsonInvalid(reason);
};

/** (text) ⇒ the text in quotation marks, on one line, cut where it is long. */
export const quote = (text: string): string => JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);

/** Where a text is being read. */
interface Cursor {
  readonly text: string;
  at: number;
}

const spaces = /[ \t\n\r]*/y;
const literal = /true|false|null/y;
const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const wholeNumber = /^\d+$/;

/** (cursor, sticky pattern) ⇒ what matches there, which is passed; or null. */
const take = (cursor: Cursor, pattern: RegExp): string | null => {
  pattern.lastIndex = cursor.at;
  const found = pattern.exec(cursor.text)?.[0] ?? null;
  cursor.at += found?.length ?? 0;
  return found;
};

/** (cursor) ⇒ the next character that is no space, which is not passed; empty at the end. */
const peek = (cursor: Cursor): string => {
  take(cursor, spaces);
  return cursor.text.charAt(cursor.at);
};

/** Passes the next character that is no space, which must be this one. */
const expect = (cursor: Cursor, character: string): void => {
  if (peek(cursor) !== character) refuse("it must be JSON: it is not");
  cursor.at++;
};

const readString = (cursor: Cursor): string => {
  const { text, at } = cursor;
  expect(cursor, '"');
  while (cursor.at < text.length && text[cursor.at] !== '"') cursor.at += text[cursor.at] === "\\" ? 2 : 1;
  cursor.at++;
  let value = "";
  try {
    value = JSON.parse(text.slice(at, cursor.at)); // refuses wrong escapes and control characters
  } catch {
    refuse("it must be JSON: it is not");
  }
  return value.isWellFormed() ? value : refuse(`it must be Unicode: ${quote(value)} is not`);
};

/** Reads what stands between two brackets, parted by commas. */
const readParts = (cursor: Cursor, [open, close]: string, readPart: () => void): void => {
  expect(cursor, open);
  for (let first = true; peek(cursor) !== close; first = false) {
    if (!first) expect(cursor, ",");
    readPart();
  }
  cursor.at++;
};

const readObject = (cursor: Cursor, depth: number): unknown => {
  const entries = new Map<string, unknown>();
  readParts(cursor, "{}", () => {
    peek(cursor);
    const name = readString(cursor);
    if (entries.has(name)) refuse(`it must name everything once: ${quote(name)} stands twice`);
    expect(cursor, ":");
    entries.set(name, readValue(cursor, depth + 1));
  });
  return Object.fromEntries(entries);
};

const readList = (cursor: Cursor, depth: number): unknown => {
  const values: Array<unknown> = [];
  readParts(cursor, "[]", () => {
    values.push(readValue(cursor, depth + 1));
  });
  return values;
};

const readValue = (cursor: Cursor, depth: number): unknown => {
  const next = peek(cursor);
  if (depth > deepest) refuse(`it must be nested ${deepest} deep at most: it is deeper`);
  if (next === "{") return readObject(cursor, depth);
  if (next === "[") return readList(cursor, depth);
  if (next === '"') return readString(cursor);
  const word = take(cursor, literal);
  if (word !== null) return JSON.parse(word);
  const digits = take(cursor, number) ?? refuse("it must be JSON: it is not");
  return wholeNumber.test(digits) ? Number(digits) : NaN;
};

/** (text) ⇒ its value. Throws `StrictJsonInvalid`, with a reason that begins with "it". */
export const parseStrictJson = (text: string): unknown => {
  const cursor: Cursor = { text, at: 0 };
  const value = readValue(cursor, 1);
  return peek(cursor) === "" ? value : refuse("it must be JSON: it is not");
};
