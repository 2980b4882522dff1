/**
 * YAML of users ⇒ a tree that knows where everything was written, within bounds that no honest file meets.
 *
 * One document of YAML 1.2's core schema. An alias stands for what its anchor names; what would take for ever is refused
 * where it stands: an alias without an anchor, one within its own anchor, nesting without end, more values than a pipeline
 * has.
 *
 * @module
 */
import {
  type Alias,
  type Document,
  type DocumentOptions,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  type Node,
  type ParsedNode,
  parseDocument,
  type ParseOptions,
  type SchemaOptions,
  visit,
  type YAMLError,
} from "yaml";
import { didYouMean } from "../options/did_you_mean.ts";
import { keyOf, type Located, type Place } from "./located.ts";
import type { Path, Position, Problem } from "./problems.ts";

/** A tree, and what keeps it from being used. */
export interface Parsed {
  readonly tree: Located;
  readonly problems: ReadonlyArray<Problem>;
}

const longestText = 1_000_000; // characters
const mostValues = 5_000; // aliases counted as what they stand for
const deepest = 64; // levels

const tooDeep = `must be nested at most ${deepest} levels deep: it is deeper`;

/** A value that makes the whole text unusable; thrown where it is met, caught in `parseLocated`. */
class Refused {
  constructor(readonly position: Position, readonly path: Path, readonly message: string) {}
}

/** (error of the library) ⇒ its message, in words for those who write the file. */
const wordsOf = ({ code, message }: YAMLError): string => {
  if (code === "DUPLICATE_KEY") return "must be given once: it is there already";
  if (code === "TAG_RESOLVE_FAILED") return "must have no tag: values are numbers, texts, lists and maps";
  if (code === "MULTIPLE_DOCS") return "must hold one document: a second one begins here";
  return message;
};

/** What each alias of a document stands for, and the anchors that there are. */
interface Anchors {
  readonly target: ReadonlyMap<Alias, Node>;
  readonly names: ReadonlyArray<string>;
}

/** (document) ⇒ (anchors): an alias stands for the node of that anchor which was begun last before it. */
const anchorsOf = (document: Document): Anchors => {
  const latest = new Map<string, Node>(), target = new Map<Alias, Node>();
  visit(document, {
    Alias: (_, alias) => {
      const node = latest.get(alias.source);
      if (node !== undefined) target.set(alias, node);
    },
    Value: (_, node) => {
      if (node.anchor !== undefined) latest.set(node.anchor, node);
    },
  });
  return { target, names: [...latest.keys()] };
};

/** (number as it was written, its value) ⇒ the writing, where the value prints as another number. */
const writing = (source: string | undefined, value: unknown): Pick<Place, "text"> =>
  typeof value === "number" && source !== undefined && (!Number.isFinite(value) || !Number.isSafeInteger(value))
    ? { text: source }
    : {};

/** (document, place of an offset) ⇒ its tree. Throws `Refused`. */
const readDocument = (document: Document.Parsed, positionAt: (offset: number) => Position): Located => {
  const places = new Map<string, Place>();
  let values = 0;
  const { target: targets, names } = anchorsOf(document);
  const resolve = (alias: Alias, path: Path, at: Position, open: ReadonlySet<unknown>): Node => {
    const target = targets.get(alias);
    if (target === undefined) {
      const hint = names.length === 0
        ? "there is none in this file"
        : names.includes(alias.source)
        ? "it must be set before it is used"
        : didYouMean(alias.source, names);
      throw new Refused(at, path, `unknown anchor "${alias.source}", ${hint}`);
    }
    if (open.has(target)) {
      throw new Refused(at, path, `must not contain itself: "*${alias.source}" is within its anchor`);
    }
    return target;
  };
  const read = (node: Node | null, path: Path, key: Position, within: ReadonlySet<unknown>): unknown => {
    const start = (node as ParsedNode | null)?.range?.[0];
    const at = start === undefined ? key : positionAt(start);
    if (++values > mostValues) throw new Refused(at, path, `must hold at most ${mostValues} values: it holds more`);
    if (path.length > deepest) {
      throw new Refused(at, path, tooDeep);
    }
    const target = isAlias(node) ? resolve(node, path, at, within) : node;
    const place = (more: Pick<Place, "text"> = {}) => places.set(keyOf(path), { key, value: at, ...more });
    if (isMap(target)) {
      place();
      const inside = new Set(within).add(target), names = new Set<string>();
      const entries = target.items.map((pair) => {
        const keyStart = positionAt((pair.key as ParsedNode | null)?.range?.[0] ?? 0);
        const named = isAlias(pair.key) ? resolve(pair.key, path, keyStart, inside) : pair.key;
        const name = isScalar(named) ? String(named.value) : String(named);
        if (names.has(name)) throw new Refused(keyStart, [...path, name], "must be given once: it is there already");
        names.add(name);
        return [name, read(pair.value as Node | null, [...path, name], keyStart, inside)] as const;
      });
      return Object.fromEntries(entries);
    }
    if (isSeq(target)) {
      place();
      const inside = new Set(within).add(target);
      return target.items.map((item, i) => {
        const from = (item as ParsedNode | null)?.range?.[0];
        return read(item as Node, [...path, i], from === undefined ? at : positionAt(from), inside);
      });
    }
    const value = isScalar(target) ? target.value : null;
    place(isScalar(target) ? writing(target.source, value) : {});
    return value;
  };
  return { root: read(document.contents, [], positionAt(0), new Set()), places };
};

/** (text) ⇒ offset at which it is nested deeper than anything could be, or null: the parser would spend seconds on that. */
const tooDeepAt = (text: string): number | null => {
  let offset = 0, open = 0, onLine = 0;
  for (const token of new Lexer().lex(text)) {
    if (token === "[" || token === "{") open++;
    else if (token === "]" || token === "}") open = Math.max(0, open - 1);
    else if (token === "-" || token === "?") onLine++;
    else if (token === "\n" || token === "\r\n") onLine = 0;
    const indent = /^ *$/.test(token) && text[offset - 1] === "\n" ? token.length : 0;
    if (open > deepest || onLine > deepest || indent > 8 * deepest) return offset;
    if (!controls.has(token)) offset += token.length;
  }
  return null;
};

/** Tokens of the lexer that stand for nothing in the text: document, end of flow, scalar. */
const controls: ReadonlySet<string> = new Set(["\x02", "\x18", "\x1f"]);

/** Whatever a `%YAML` directive says: the core schema, no merge keys, no tags of other schemas. */
const options = (lineCounter: LineCounter): ParseOptions & DocumentOptions & SchemaOptions => ({
  lineCounter,
  prettyErrors: false,
  schema: "core",
  merge: false,
  resolveKnownTags: false,
});

const positionIn = (text: string, offset: number, source: string): Position => {
  const before = text.slice(0, offset), line = before.split("\n").length;
  return { source, line, column: offset - before.lastIndexOf("\n") };
};

/** (text, source) ⇒ the tree, and every problem of the text; with a problem, the tree is not worth a look. */
export const parseLocated = (text: string, source: string): Parsed => {
  const lineCounter = new LineCounter();
  const positionAt = (offset: number): Position => {
    const { line, col } = lineCounter.linePos(offset);
    return { source, line, column: col };
  };
  const start = { source, line: 1, column: 1 };
  const nothing: Located = { root: {}, places: new Map([[keyOf([]), { key: start, value: start }]]) };
  const refused = (position: Position, path: Path, message: string): Parsed => ({
    tree: nothing,
    problems: [{ position, path, message }],
  });
  if (text.length > longestText) {
    return refused(start, [], `must hold at most ${longestText} characters: it holds ${text.length}`);
  }
  const deep = tooDeepAt(text);
  if (deep !== null) return refused(positionIn(text, deep, source), [], tooDeep);
  try {
    const document = parseDocument(text, options(lineCounter));
    const errors = [...document.errors, ...document.warnings];
    if (errors.some(({ code }) => code === "RESOURCE_EXHAUSTION")) throw new RangeError("the parser's stack is full");
    const said = errors.map((error): Problem => ({
      position: positionAt(error.pos[0]),
      path: [],
      message: wordsOf(error),
    }));
    return said.length > 0
      ? { tree: nothing, problems: said }
      : { tree: readDocument(document, positionAt), problems: [] };
  } catch (error) {
    if (error instanceof Refused) return refused(error.position, error.path, error.message);
    if (error instanceof RangeError) {
      return refused(start, [], tooDeep);
    }
    throw error;
  }
};
