/**
 * The local files that a module is made of: itself, and what it imports, as far as that is local.
 * (file) ⇒ (files with their SHA-256)
 *
 * What a program reads while it runs is not among them; packages are known by their version.
 *
 * @module
 */
import { init, parse } from "es-module-lexer";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { dirname, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";

/** A file of a module's graph. */
export interface ModuleFile {
  /** Absolute. */
  readonly path: string;
  readonly text: string;
  /** Where it may be no text. */
  readonly bytes?: Uint8Array;
  /** SHA-256 of its bytes, in hexadecimal. */
  readonly sha256: string;
}

/** Found when it is asked for: a page has no such folder. */
const packageFolder = (): string => dirname(fileURLToPath(new URL("../../deno.json", import.meta.url)));

/** Whether a file is part of this package, which its version speaks for. */
const isOurs = (path: string): boolean =>
  ["mod.ts", "src"].some((own) =>
    path === resolve(packageFolder(), own) || path.startsWith(resolve(packageFolder(), own) + sep)
  );

const isCode = (path: string): boolean => /\.[cm]?[jt]sx?$/.test(path);

/** (code) ⇒ the same without types. Throws a SyntaxError. */
const withoutTypes = (text: string): string => {
  try {
    return stripTypeScriptTypes(text, { mode: "strip" });
  } catch {
    return stripTypeScriptTypes(text, { mode: "transform" }); // enumerations and the like become code
  }
};

/** Workers are files that `new URL` names. */
const urls = /new URL\(\s*["']([^"']+)["']\s*,\s*import\.meta\.url\s*\)/g;

/** (code) ⇒ specifiers that it imports, static or not, where they are literal. Throws a SyntaxError. */
export const specifiersOf = (text: string): ReadonlyArray<string> => {
  const code = withoutTypes(text), [imports] = parse(code);
  return [
    ...imports.flatMap(({ n }) => (n === undefined ? [] : [n])),
    ...[...code.matchAll(urls)].map(([, url]) => url),
  ];
};

const isLocal = (specifier: string): boolean => /^(\.{1,2}\/|\/|file:)/.test(specifier);

const located = (specifier: string, from: string): string =>
  specifier.startsWith("file:") ? fileURLToPath(specifier) : resolve(dirname(from), specifier);

/** What cannot be read or parsed is no part of the graph: importing it tells why. */
const attempt = <A>(get: () => A, otherwise: A): A => {
  try {
    return get();
  } catch {
    return otherwise;
  }
};

/** (absolute path) ⇒ the local files of its graph, in the order of their paths. Fails: never. */
export const moduleGraph = async (entry: string): Promise<ReadonlyArray<ModuleFile>> => {
  await init;
  const found = new Map<string, ModuleFile>(), left = [entry];
  for (let path = left.pop(); path !== undefined; path = left.pop()) {
    if (found.has(path) || isOurs(path)) continue;
    const here = path, bytes = attempt(() => readFileSync(here), null);
    if (bytes === null) continue;
    const text = bytes.toString("utf8");
    found.set(here, { path: here, text, sha256: createHash("sha256").update(bytes).digest("hex") });
    const specifiers = isCode(here) ? attempt(() => specifiersOf(text), []) : [];
    left.push(...specifiers.filter(isLocal).map((specifier) => located(specifier, here)));
  }
  return [...found.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
};
