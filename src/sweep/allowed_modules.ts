/**
 * Which modules the work of a sweep may import: what asks for them may come out of a database, so that whoever writes to
 * that would otherwise run code here.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import { isAbsolute, resolve, sep } from "node:path";
import { fileOfModule, isRobot } from "../config/robot_in_pipeline.ts";
import { realPath } from "../files/real_path.ts";
import { WorkInvalid } from "./cell_work.ts";

/** Where a cell is trained, as this machine's own command line says. */
export interface Confines {
  /** Folder below which it writes. */
  readonly runs: string;
  /** Files, folders and `npm:name@version`: what it may import, besides this package. */
  readonly modules: ReadonlyArray<string>;
}

const isPackage = (module: string): boolean => module.startsWith("npm:");

/** (path) ⇒ where it really is; itself where that cannot be seen. */
const real = (path: string): string => {
  try {
    return realPath(path);
  } catch {
    return resolve(path);
  }
};

/** (modules) ⇒ the files and folders among them, by the paths that are given and the real ones. */
export const allowedPaths = (modules: ReadonlyArray<string>): ReadonlyArray<string> => [
  ...new Set(modules.filter((each) => !isPackage(each)).flatMap((each) => [resolve(each), real(each)])),
];

const isAllowed = (module: string, allowed: ReadonlyArray<string>): boolean => {
  if (isPackage(module)) return allowed.includes(module);
  if (isRobot(module)) return isAllowed(fileOfModule(module), allowed); // it reads files, as it names them
  if (!isAbsolute(module)) return false; // it would be another file wherever the pipeline is written and read again
  const file = real(module);
  return allowedPaths(allowed).some((path) => file === path || file.startsWith(path + sep));
};

/** (what a pipeline uses, what may be imported) ⇒ nothing. Fails: WorkInvalid, before anything is imported. */
export const refuseForeignModules = (
  use: ReadonlyArray<string>,
  allowed: ReadonlyArray<string>,
): Effect.Effect<void, WorkInvalid> => {
  const foreign = use.find((module) => !isAllowed(module, allowed));
  return foreign === undefined ? Effect.void : Effect.fail(
    new WorkInvalid({
      message: "Cannot train this cell as its modules must lie in folders that the runner's --modules names: current " +
        `value is ${JSON.stringify(foreign)}`,
    }),
  );
};
