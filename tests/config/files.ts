/**
 * Pipelines in a folder of their own, resolved.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import { writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import type { Catalog } from "../../src/config/catalog.ts";
import { resolvePipeline } from "../../src/config/resolve.ts";
import { fakeCatalog } from "../program/fakes.ts";
import { temporaryFolder } from "../temporary.ts";

/** Writes the files and resolves the first. */
export const resolveFiles = (
  files: Readonly<Record<string, string>>,
  overrides: ReadonlyArray<string> = [],
  catalog: Catalog = fakeCatalog,
) => {
  const folder = temporaryFolder();
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const [first] = Object.keys(files);
  return { folder: relative(".", folder), effect: resolvePipeline(join(folder, first), overrides, catalog) };
};

/** (files, overrides) ⇒ the pipeline of the first. */
export const good = (files: Readonly<Record<string, string>>, overrides?: ReadonlyArray<string>) =>
  Effect.runSync(resolveFiles(files, overrides).effect);

/** Problems without the name of the folder. */
export const bad = (...given: Parameters<typeof resolveFiles>): ReadonlyArray<string> => {
  const { folder, effect } = resolveFiles(...given);
  return Effect.runSync(Effect.flip(effect)).problems.map((problem) => problem.replaceAll(`${folder}/`, ""));
};

/** A pipeline over fake stages. */
export const base = `task: pendulum
program:
  - collect: { steps: 6 }
  - store
  - trpoUpdate:
`;
