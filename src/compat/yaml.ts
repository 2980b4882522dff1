/**
 * The part of `@std/yaml` that this project uses, over npm `yaml`: deno.json maps `@std/yaml` here because a plain npm
 * machine cannot reach that package's registry. Same names, signatures and behaviour as the original.
 *
 * Departures: integers are those of YAML 1.2's core schema (`0o17`, no underscores); `!!omap`, `!!pairs` and `!!set` are
 * refused as unknown tags; anchors are numbered from 1, and where a long text is folded may differ.
 *
 * @module
 */
import { type Document, Document as YamlDocument, isAlias, isCollection, parseDocument, visit } from "yaml";

/** How values are recognised: "failsafe" reads texts alone, "json" and "core" no dates; "default" and "extended" all. */
export type SchemaType = "failsafe" | "json" | "core" | "default" | "extended";

/** Options of `parse`. */
export interface ParseOptions {
  /** Which values there are; "default" where it is not given. */
  schema?: SchemaType;
  /** Whether the last of equal keys wins; otherwise they are an error. */
  allowDuplicateKeys?: boolean;
  /** Is told of warnings. */
  onWarning?: (error: Error) => void;
}

/** Options of `stringify`. */
export interface StringifyOptions {
  /** Spaces by which a level is indented: 2 where it is not given. */
  indent?: number;
  /** Whether lists within maps are indented: true where it is not given. */
  arrayIndent?: boolean;
  /** Whether functions, symbols and `undefined` are left out; otherwise they are an error. */
  skipInvalid?: boolean;
  /** Level from which on everything stands in one line; −1, where it is not given, for none. */
  flowLevel?: number;
  /** Whether keys are sorted, or by what. */
  sortKeys?: boolean | ((a: string, b: string) => number);
  /** Columns after which texts are folded: 80 where it is not given, −1 for never. */
  lineWidth?: number;
  /** Whether an object that comes twice is written once: true where it is not given. */
  useAnchors?: boolean;
  /** Whether texts that YAML 1.1 takes for booleans are quoted: true where it is not given. */
  compatMode?: boolean;
  /** Which values there are; "default" where it is not given. */
  schema?: SchemaType;
}

/** (schema) ⇒ options of the library. */
const schemaOf = (schema: SchemaType = "default") =>
  schema === "default" || schema === "extended"
    ? {
      schema: "core",
      customTags: ["timestamp", "binary", "merge"] as ("timestamp" | "binary" | "merge")[],
      merge: true,
    }
    : { schema, merge: false };

/**
 * (text of one document) ⇒ (value); an empty text is null. Throws SyntaxError, with line and column.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parse } from "@std/yaml";
 *
 * assertEquals(parse("id: 1\nname: Alice"), { id: 1, name: "Alice" });
 * ```
 */
export const parse = (content: string, options: ParseOptions = {}): unknown => {
  const { schema, allowDuplicateKeys = false, onWarning } = options;
  const document = parseDocument(content, {
    ...schemaOf(schema),
    uniqueKeys: !allowDuplicateKeys,
    resolveKnownTags: false,
  });
  const [error] = [...document.errors, ...document.warnings.filter(({ code }) => code === "TAG_RESOLVE_FAILED")];
  if (error !== undefined) throw new SyntaxError(error.message);
  for (const warning of document.warnings) onWarning?.(warning);
  try {
    return document.toJS({ maxAliasCount: -1 });
  } catch (error) {
    throw new SyntaxError((error as Error).message); // an alias without its anchor
  }
};

const isInvalid = (value: unknown): boolean =>
  value === undefined || typeof value === "function" || typeof value === "symbol";

/** (value) ⇒ it without what YAML cannot hold; that is an error where it may not be skipped. Shared objects stay shared. */
const writable = (value: unknown, skip: boolean, done: Map<unknown, unknown>): unknown => {
  if (isInvalid(value)) {
    if (skip) return undefined;
    throw new TypeError(`Cannot stringify ${typeof value}`);
  }
  if (value === null || typeof value !== "object" || value instanceof Date || value instanceof Uint8Array) return value;
  if (done.has(value)) return done.get(value);
  const made: unknown[] | Record<string, unknown> = Array.isArray(value) ? [] : {};
  done.set(value, made);
  for (const [key, item] of Object.entries(value)) {
    const kept = writable(item, skip, done);
    if (kept === undefined) continue;
    if (Array.isArray(made)) made.push(kept);
    else made[key] = kept;
  }
  return made;
};

/** Puts everything from a level on into one line. */
const flowFrom = (document: Document, level: number): void =>
  visit(document, {
    Collection: (_, node, path) => {
      const depth = path.filter((each) => isCollection(each)).length;
      if (!isAlias(node) && depth >= level) node.flow = true;
    },
  });

/**
 * (value) ⇒ YAML that `parse` reads as that value. Throws TypeError where a function, a symbol or `undefined` is in it.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { stringify } from "@std/yaml";
 *
 * assertEquals(stringify({ id: 1, name: "Alice" }), "id: 1\nname: Alice\n");
 * ```
 */
export const stringify = (data: unknown, options: StringifyOptions = {}): string => {
  const { indent = 2, arrayIndent = true, skipInvalid = false, flowLevel = -1, sortKeys = false } = options;
  const { lineWidth = 80, useAnchors = true, compatMode = true, schema } = options;
  const value = writable(data, skipInvalid, new Map());
  if (value === undefined) return "";
  const document = new YamlDocument(value, {
    ...schemaOf(schema),
    aliasDuplicateObjects: useAnchors,
    anchorPrefix: "ref_",
    ...(compatMode ? { compat: "yaml-1.1" as const } : {}),
    sortMapEntries: typeof sortKeys === "function" ? (a, b) => sortKeys(String(a.key), String(b.key)) : sortKeys,
  });
  if (flowLevel >= 0) flowFrom(document, flowLevel);
  return document.toString({
    indent,
    indentSeq: arrayIndent,
    lineWidth: lineWidth === -1 ? 0 : lineWidth,
    singleQuote: true,
    flowCollectionPadding: false,
  });
};
