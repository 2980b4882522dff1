/**
 * What a user types: paths as seen from where they stand, built-in pipelines by name, flags that tell their defaults.
 *
 * @module
 */
import * as Argument from "effect/cli/Argument";
import * as Flag from "effect/cli/Flag";
import { existsSync } from "node:fs";
import { dirname, isAbsolute, join, relative, resolve } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { environment } from "../nn/kernels/environment.ts";

/** Variable in which `deno task` tells where the user stands: the command itself runs beside deno.json. */
const standing = "INIT_CWD";

/** (path) ⇒ whether something is there; a path that may not be read counts as absent. */
const isThere = (path: string): boolean => {
  try {
    return existsSync(path);
  } catch {
    return false;
  }
};

/** (path as typed) ⇒ the path from the working folder: what is there as seen from where the user stands comes first. */
export const givenPath = (path: string): string => {
  const from = environment(standing);
  if (from === undefined || isAbsolute(path) || resolve(from) === process.cwd()) return path;
  const seen = resolve(from, path);
  return isThere(seen) ? relative(process.cwd(), seen) || "." : path;
};

const pipelineFolders = (): ReadonlyArray<string> => {
  const url = new URL("../../deno.json", import.meta.url);
  if (url.protocol !== "file:") return [];
  const folder = join(dirname(fileURLToPath(url)), "pipelines"), fromHere = relative(process.cwd(), folder);
  const shown = fromHere.startsWith("..") ? folder : fromHere;
  return [shown, join(shown, "ablations")];
};

/** (path or name) ⇒ a file as `givenPath` finds it; else the built-in pipeline or ablation of that name, if there is one. */
export const givenPipeline = (named: string): string => {
  const path = givenPath(named);
  if (isThere(path) || !/^[\w-]+$/.test(named)) return path;
  return pipelineFolders().map((folder) => join(folder, `${named}.yaml`)).find(isThere) ?? path;
};

/** (name, description) ⇒ an argument that is a path. */
export const pathArgument = (name: string, description: string): Argument.Argument<string> =>
  Argument.String(name).pipe(Argument.withDescription(description), Argument.map(givenPath));

/** (name, description) ⇒ an argument that is a file, or a built-in pipeline or ablation by its name. */
export const pipelineArgument = (name: string, description: string): Argument.Argument<string> =>
  Argument.String(name).pipe(Argument.withDescription(description), Argument.map(givenPipeline));

/** (name) ⇒ a flag that is a path. */
export const pathFlag = (name: string): Flag.Flag<string> => Flag.String(name).pipe(Flag.map(givenPath));

/** (flag, description, default) ⇒ the flag, its default told in its help. */
export const withDefault = <A extends string | number>(
  flag: Flag.Flag<A>,
  description: string,
  byDefault: A,
): Flag.Flag<A> =>
  flag.pipe(Flag.withDescription(`${description} (default: ${byDefault})`), Flag.withDefault(byDefault));
