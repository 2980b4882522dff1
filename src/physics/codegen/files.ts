/**
 * The files of `src/physics/generated`.
 *
 * @module
 */
import { compile } from "../compile.ts";
import type { ModelDescription } from "../description.ts";
import { hopper } from "../models/hopper.ts";
import { reacher } from "../models/reacher.ts";
import { swimmer } from "../models/swimmer.ts";
import { walker2d } from "../models/walker2d.ts";
import { moduleCode, registryCode } from "./module.ts";

/** Models with a generated module. */
const descriptions: ReadonlyArray<ModelDescription> = [hopper, reacher, swimmer, walker2d];

/** () ⇒ (file name ⇒ text). */
export const generatedFiles = (): Readonly<Record<string, string>> => ({
  ...Object.fromEntries(descriptions.map((d) => [`${d.name}.ts`, moduleCode(compile(d))])),
  "registry.ts": registryCode(descriptions.map((d) => d.name)),
});
