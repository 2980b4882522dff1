/**
 * A tree of plain values that remembers where each key and each value was written.
 *
 * @module
 */
import type { Path, Position, Problem } from "./problems.ts";

/** Where a key and its value stand. */
export interface Place {
  readonly key: Position;
  readonly value: Position;
  /** A number as it was written, where it may not print as that: `.inf`, `1e400`, 9007199254740993. */
  readonly text?: string;
}

/** A tree and the places of its nodes. Only the functions of this file write to it. */
export interface Located {
  root: unknown;
  /** By JSON of the path. */
  readonly places: Map<string, Place>;
  /** What was left out of it as it was merged, where and why. */
  left?: ReadonlyArray<Problem>;
}

type Tree = Record<string | number, unknown>;

/** (value) ⇒ whether it has named keys. */
export const isTree = (value: unknown): value is Tree =>
  value !== null && typeof value === "object" && !Array.isArray(value);

/** (path) ⇒ its key in `places`. */
export const keyOf = (path: Path): string => JSON.stringify(path);

/** (value, key) ⇒ what it holds there itself; undefined: nothing. */
const own = (value: unknown, step: string | number): unknown =>
  value !== null && typeof value === "object" && Object.hasOwn(value, step) ? (value as Tree)[step] : undefined;

/** (tree, path) ⇒ value there, or undefined: what an object inherits is not there. */
export const valueAt = ({ root }: Located, path: Path): unknown => path.reduce<unknown>(own, root);

/** Gives a tree a key of any name, `__proto__` too. */
const put = (tree: Tree, name: string | number, value: unknown): void => {
  Object.defineProperty(tree, name, { value, writable: true, enumerable: true, configurable: true });
};

/** (tree, path) ⇒ where the value stands; the nearest enclosing value where it was never written. */
export const positionOf = (tree: Located, path: Path, part: "key" | "value" = "value"): Position => {
  for (let length = path.length; length >= 0; length--) {
    const place = tree.places.get(keyOf(path.slice(0, length)));
    if (place !== undefined) return length === path.length ? place[part] : place.key;
  }
  throw new Error("Cannot find a position as the root of a tree must have one");
};

/** (tree, path) ⇒ the value there for people: as it was written, in JSON, or the beginning of that. */
export const showAt = (tree: Located, path: Path): string => {
  const text = tree.places.get(keyOf(path))?.text, value = valueAt(tree, path);
  const whole = text ?? (Object.is(value, -0) ? "-0" : JSON.stringify(value) ?? String(value));
  return whole.length <= longestShown ? whole : `${whole.slice(0, longestShown)} …`;
};

const longestShown = 200; // characters

/** (value, position) ⇒ a tree in which everything stands at one position. */
export const locatedAt = (root: unknown, position: Position): Located => {
  const places = new Map<string, Place>();
  const visit = (value: unknown, path: Path): void => {
    places.set(keyOf(path), { key: position, value: position });
    if (value !== null && typeof value === "object") {
      for (const [name, inner] of Object.entries(value)) {
        visit(inner, [...path, Array.isArray(value) ? Number(name) : name]);
      }
    }
  };
  visit(root, []);
  return { root, places };
};

/** (tree, key, position) ⇒ a map that holds the tree at that key, all of it at one position; numbers stay as written. */
export const movedTo = ({ root, places }: Located, step: string, position: Position): Located => {
  const moved = new Map<string, Place>([[keyOf([]), { key: position, value: position }]]);
  for (const [key, place] of places) {
    moved.set(keyOf([step, ...JSON.parse(key)]), { ...place, key: position, value: position });
  }
  return { root: { [step]: root }, places: moved };
};

/** (value, path) ⇒ paths of it and of all that it holds. */
const pathsIn = (value: unknown, path: Path = []): ReadonlyArray<Path> => [
  path,
  ...(value === null || typeof value !== "object"
    ? []
    : Object.entries(value).flatMap(([name, inner]) =>
      pathsIn(inner, [...path, Array.isArray(value) ? Number(name) : name])
    )),
];

const copyPlaces = (into: Located, at: Path, from: Located, path: Path): void => {
  for (const below of pathsIn(valueAt(into, at))) into.places.delete(keyOf([...at, ...below]));
  for (const below of pathsIn(valueAt(from, path))) {
    const place = from.places.get(keyOf([...path, ...below]));
    if (place !== undefined) into.places.set(keyOf([...at, ...below]), place);
  }
};

/** Writes `from` at `path` over `into` at `at`: maps are merged key by key, everything else is replaced. */
export const assign = (into: Located, at: Path, from: Located, path: Path): void => {
  const [old, fresh] = [valueAt(into, at), valueAt(from, path)];
  if (isTree(old) && isTree(fresh)) {
    for (const name of Object.keys(fresh)) assign(into, [...at, name], from, [...path, name]);
    return;
  }
  copyPlaces(into, at, from, path);
  if (at.length === 0) into.root = fresh;
  else put(valueAt(into, at.slice(0, -1)) as Tree, at[at.length - 1], fresh);
};

/** Notes what was left out of a tree. */
export const noteLeft = (tree: Located, note: Problem): void => {
  tree.left = [...tree.left ?? [], note];
};

/** Takes the key at `path` out of its map. */
export const remove = (from: Located, path: Path): void => {
  for (const below of pathsIn(valueAt(from, path))) from.places.delete(keyOf([...path, ...below]));
  delete (valueAt(from, path.slice(0, -1)) as Tree)[path[path.length - 1]];
};
