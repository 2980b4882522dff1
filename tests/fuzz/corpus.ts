/**
 * Inputs that once broke a promise, kept in `fixtures/fuzz/<subject>/`.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const root = "fixtures/fuzz";

/** (subject) ⇒ paths of its inputs. */
export const corpusOf = (subject: string): ReadonlyArray<string> => {
  const folder = join(root, subject);
  return existsSync(folder) ? readdirSync(folder).sort().map((name) => join(folder, name)) : [];
};

/** (path) ⇒ (input). */
export const readInput = (path: string): Uint8Array<ArrayBuffer> => Uint8Array.from(readFileSync(path));

/** (subject, input) ⇒ path under which it is kept. */
export const keepInput = (subject: string, input: Uint8Array): string => {
  const path = join(root, subject, createHash("sha256").update(input).digest("hex").slice(0, 12));
  mkdirSync(join(root, subject), { recursive: true });
  writeFileSync(path, input);
  return path;
};
