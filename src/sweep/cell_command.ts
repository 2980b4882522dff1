/**
 * How a sweep starts the process of a cell: with no more permissions than `train` has, and within this process's own.
 *
 * @module
 */
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { blasPaths } from "../nn/kernels/blas_paths.ts";
import { environment } from "../nn/kernels/environment.ts";
import { allowedPaths } from "./allowed_modules.ts";
import { configurationFlags, packageFolders } from "./cell_modules.ts";
import type { CommandFor } from "./cell_process.ts";
import { realPath } from "../files/real_path.ts";
import { flagsOf, trainPermissions } from "../sandbox/permissions.ts";

const configuration = fileURLToPath(new URL("../../deno.json", import.meta.url)),
  packageFolder = dirname(configuration);

/** Libraries that this process may load: those of the system, and the one that MSCV_BLAS names. */
const loadable = (): ReadonlyArray<string> => {
  const wish = environment("MSCV_BLAS") ?? "auto", own = ["", "auto", "off"].includes(wish) ? [] : [wish];
  return [...own, ...blasPaths].filter((path) => Deno.permissions.querySync({ name: "ffi", path }).state === "granted");
};

/** Makes the root where it is missing: the process may not look above it, for where it would be. */
const makeRoot = (runs: string): void => {
  try {
    mkdirSync(runs, { recursive: true });
  } catch {
    // the process itself tells what it cannot write
  }
};

/**
 * (main module) ⇒ the command `cell` of this program, with the configuration of this process: it reads the package, the
 * files of the packages that it needs and its root, and writes the sweep's folder.
 */
export const cellCommand = (main: string): CommandFor => ({ runs, modules }, { folder }) => {
  if (Deno.build.standalone) return [Deno.execPath(), "cell"]; // its permissions were given when it was compiled
  makeRoot(runs);
  const place = realPath(folder), packages = packageFolders();
  const read = [packageFolder, ...packages, runs, place, folder, ...allowedPaths(modules)];
  return [
    Deno.execPath(),
    "run",
    ...configurationFlags(main, configuration),
    ...flagsOf({ ...trainPermissions, read, write: [place], ffi: loadable() }),
    main,
    "cell",
  ];
};
