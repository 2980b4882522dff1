/**
 * A tree of plain values that remembers where each key and each value was written.
 *
 * @module
 */
import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, type ParsedNode, parseDocument } from "yaml";
import type { Path, Position, Problem } from "./problems.ts";

/** Where a key and its value stand. */
interface Place {
  readonly key: Position;
  readonly value: Position;
}

/** A tree and the places of its nodes. Only the functions of this file write to it. */
export interface Located {
  root: unknown;
  /** By JSON of the path. */
  readonly places: Map<string, Place>;
}

type Tree = Record<string | number, unknown>;

/** (value) ⇒ whether it has named keys. */
export const isTree = (value: unknown): value is Tree =>
  value !== null && typeof value === "object" && !Array.isArray(value);

const keyOf = (path: Path): string => JSON.stringify(path);

/** (tree, path) ⇒ value there, or undefined. */
export const valueAt = ({ root }: Located, path: Path): unknown =>
  path.reduce<unknown>((value, step) => (value as Tree | undefined | null)?.[step], root);

/** (tree, path) ⇒ where the value stands; the nearest enclosing value where it was never written. */
export const positionOf = (tree: Located, path: Path, part: "key" | "value" = "value"): Position => {
  for (let length = path.length; length >= 0; length--) {
    const place = tree.places.get(keyOf(path.slice(0, length)));
    if (place !== undefined) return length === path.length ? place[part] : place.key;
  }
  throw new Error("Cannot find a position as the root of a tree must have one");
};

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

/** (text, source) ⇒ the tree, and YAML's own problems. */
export const parseLocated = (
  text: string,
  source: string,
): { readonly tree: Located; readonly problems: ReadonlyArray<Problem> } => {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, prettyErrors: false });
  const positionAt = (offset: number): Position => {
    const { line, col } = lineCounter.linePos(offset);
    return { source, line, column: col };
  };
  const places = new Map<string, Place>();
  const visit = (node: Node | null, path: Path, key: Position): unknown => {
    const start = (node as ParsedNode | null)?.range?.[0];
    const value = start === undefined ? key : positionAt(start);
    places.set(keyOf(path), { key, value });
    const target = isAlias(node) ? node.resolve(document) : node;
    if (isMap(target)) {
      const entries = target.items.map((pair) => {
        const name = isScalar(pair.key) ? String(pair.key.value) : String(pair.key);
        const keyStart = positionAt((pair.key as ParsedNode).range?.[0] ?? 0);
        return [name, visit(pair.value as Node | null, [...path, name], keyStart)] as const;
      });
      return Object.fromEntries(entries);
    }
    if (isSeq(target)) {
      return target.items.map((item, i) => {
        const start = (item as ParsedNode | null)?.range?.[0];
        return visit(item as Node, [...path, i], start === undefined ? value : positionAt(start));
      });
    }
    return isScalar(target) ? target.value : null;
  };
  const problems = [...document.errors, ...document.warnings].map((error): Problem => ({
    position: positionAt(error.pos[0]),
    path: [],
    message: error.message,
  }));
  return { tree: { root: visit(document.contents, [], positionAt(0)), places }, problems };
};

const copyPlaces = (into: Located, at: Path, from: Located, path: Path): void => {
  const [source, target] = [keyOf(path).slice(0, -1), keyOf(at).slice(0, -1)];
  const inside = (key: string, prefix: string) =>
    key === `${prefix}]` || key.startsWith(prefix === "[" ? "[" : `${prefix},`);
  for (const key of [...into.places.keys()]) if (inside(key, target)) into.places.delete(key);
  for (const [key, place] of from.places) {
    if (inside(key, source)) {
      into.places.set(target + (target === "[" ? key.slice(source.length + 1) : key.slice(source.length)), place);
    }
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
  else (valueAt(into, at.slice(0, -1)) as Tree)[at[at.length - 1]] = fresh;
};
