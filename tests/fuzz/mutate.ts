/**
 * Mutations that know the structure of what they change: trees of values, and texts.
 *
 * @module
 */
import type { Stream } from "../../src/math/random.ts";

/** (n, stream) ⇒ one of 0 … n − 1. */
export const below = (n: number, { uniform }: Stream): number => Math.min(n - 1, Math.floor(n * uniform()));

/** (list, stream) ⇒ one of its items. */
export const pick = <A>(list: ReadonlyArray<A>, stream: Stream): A => list[below(list.length, stream)];

const numbers: ReadonlyArray<unknown> = [
  ...[0, -0, 1, -1, 2, 0.5, 1e-300, 1e12, 1e300, 2 ** 31, 2 ** 32 + 1, 2 ** 53, -(2 ** 53)],
  ...[Infinity, -Infinity, NaN, 9007199254740993n, 5e-324],
];
const words: ReadonlyArray<unknown> = [
  ...[
    "",
    " ",
    "a",
    "null",
    "true",
    "0",
    "1e9",
    ".inf",
    "../x",
    "/",
    "a/b",
    ".",
    "..",
    "~",
    "*a",
    "&a",
    "<<",
    "!!int 1",
  ],
  ...[
    "constructor",
    "__proto__",
    "toString",
    "hasOwnProperty",
    "length",
    "\u0000",
    "\u001b[2J",
    "a\nb",
    "\uFEFF",
    "é",
    "💥",
  ],
  ...["x".repeat(300), "x".repeat(70_000)],
];
const shapes = (): ReadonlyArray<unknown> => [null, true, false, [], {}, [[]], { a: 1 }, [1, 2, 3], nested(80)];

const nested = (depth: number): unknown => depth === 0 ? 1 : [nested(depth - 1)];

/** (stream) ⇒ a value that few expect. */
export const surprise = (stream: Stream): unknown => pick([...numbers, ...words, ...shapes()], stream);

type Tree = Record<string, unknown> | unknown[];

const isTree = (value: unknown): value is Tree => value !== null && typeof value === "object";

/** A place in a tree. */
interface Place {
  readonly parent: Tree;
  readonly key: string | number;
}

const placesOf = (root: Tree): ReadonlyArray<Place> => {
  const found: Place[] = [];
  const visit = (parent: Tree): void => {
    for (const [name, value] of Object.entries(parent)) {
      found.push({ parent, key: Array.isArray(parent) ? Number(name) : name });
      if (isTree(value) && !ArrayBuffer.isView(value)) visit(value as Tree);
    }
  };
  visit(root);
  return found;
};

const at = ({ parent, key }: Place): unknown => (parent as Record<string | number, unknown>)[key];
const put = ({ parent, key }: Place, value: unknown): void => {
  Object.defineProperty(parent, key, { value, writable: true, enumerable: true, configurable: true });
};

const nudged = (value: unknown, stream: Stream): unknown =>
  typeof value === "number"
    ? pick([value + 1, -value, value * 1e6, value / 3, value + 0.5, 0, `${value}`], stream)
    : typeof value === "string"
    ? pick([`${value}x`, value.slice(1), value.toUpperCase(), `${value}/../..`, `${value}\n`, 1], stream)
    : surprise(stream);

/** Changes a tree at one place: another value, a key more or less, another name, a subtree from elsewhere. */
const mutateOnce = (root: Tree, stream: Stream): void => {
  const places = placesOf(root);
  if (places.length === 0) return;
  const place = pick(places, stream), { parent, key } = place, value = at(place);
  switch (below(8, stream)) {
    case 0:
      return put(place, surprise(stream));
    case 1:
      return put(place, nudged(value, stream));
    case 2:
      if (Array.isArray(parent)) parent.splice(Number(key), 1);
      else delete parent[key];
      return;
    case 3:
      return put(place, structuredClone(at(pick(places, stream))));
    case 4:
      if (Array.isArray(parent)) parent.splice(Number(key), 0, structuredClone(value));
      else put({ parent, key: String(pick(words, stream)) }, structuredClone(value));
      return;
    case 5:
      if (isTree(value) && !Array.isArray(value)) put({ parent: value, key: `${key}x` }, surprise(stream));
      else put(place, [value]);
      return;
    case 6:
      if (!Array.isArray(parent)) {
        delete parent[key];
        put({ parent, key: `${key}`.slice(0, -1) }, value);
      }
      return;
    default:
      return put(place, { [String(key)]: value });
  }
};

/** (tree, stream) ⇒ a copy with one to four changes. */
export const mutateTree = <A extends object>(tree: A, stream: Stream): A => {
  const copy = structuredClone(tree);
  for (let i = below(4, stream); i >= 0; i--) mutateOnce(copy as Tree, stream);
  return copy;
};

const fragments: ReadonlyArray<string> = [
  ...[
    "\n",
    " ",
    "\t",
    ":",
    "- ",
    "[",
    "]",
    "{",
    "}",
    ",",
    "#",
    "'",
    '"',
    "|",
    ">",
    "? ",
    "%YAML 1.1\n",
    "---\n",
    "...\n",
  ],
  ...[
    "&a ",
    "*a",
    "*b",
    "<<: *a",
    "!!binary ",
    "!!float ",
    "!x ",
    "1e999",
    ".nan",
    "0x",
    "\\",
    "\u0000",
    "\uFEFF",
    "\ud800",
  ],
  ...["null", '"a":1', "1".repeat(400), "[".repeat(3000), "{a: ".repeat(300)],
];

/** (text, stream) ⇒ the text cut, doubled, or with fragments of syntax in it. */
export const mutateText = (text: string, stream: Stream): string => {
  let changed = text;
  for (let i = below(4, stream); i >= 0; i--) {
    const from = below(changed.length + 1, stream), to = from + below(Math.min(60, changed.length - from) + 1, stream);
    const middle = pick(["", changed.slice(from, to).repeat(2), pick(fragments, stream)], stream);
    changed = changed.slice(0, from) + middle + changed.slice(to);
  }
  return changed;
};

/** (bytes, stream) ⇒ bytes flipped, cut, doubled or put in. */
export const mutateBytes = (bytes: Uint8Array, stream: Stream): Uint8Array<ArrayBuffer> => {
  let list = [...bytes];
  for (let i = below(6, stream); i >= 0; i--) {
    const at = below(list.length + 1, stream);
    switch (below(4, stream)) {
      case 0:
        list[Math.min(at, list.length - 1)] = below(256, stream);
        break;
      case 1:
        list = list.slice(0, at);
        break;
      case 2:
        list.splice(at, 0, below(256, stream));
        break;
      default:
        list = [...list, ...list.slice(at)];
    }
  }
  return Uint8Array.from(list);
};
