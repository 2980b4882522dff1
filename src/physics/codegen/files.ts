/**
 * The files of `src/physics/generated`.
 *
 * @module
 */
import { compile } from "../compile.ts";
import { models } from "../models/models.ts";
import { fileOf, moduleCode, registryCode } from "./module.ts";

/** () ⇒ (file name ⇒ text). */
export const generatedFiles = (): Readonly<Record<string, string>> => ({
  ...Object.fromEntries(Object.entries(models).map(([name, d]) => [fileOf(name), moduleCode(compile(d))])),
  "registry.ts": registryCode(Object.keys(models)),
});
