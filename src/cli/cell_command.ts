/**
 * How a sweep starts the process of a cell: with no more permissions than `train` has, and those within this process's own.
 *
 * @module
 */
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { CommandFor } from "../sweep/cell_process.ts";
import { realPath } from "../sweep/work_place.ts";
import { environment } from "../nn/kernels/environment.ts";
import { flagsOf, trainPermissions } from "./permissions.ts";

const packageFolder = dirname(fileURLToPath(new URL("../../deno.json", import.meta.url)));

/** (libraries) ⇒ those that this process may load. */
const loadable = (paths: ReadonlyArray<string>): ReadonlyArray<string> =>
  paths.filter((path) => Deno.permissions.querySync({ name: "ffi", path }).state === "granted");

const runnable = (programs: ReadonlyArray<string>): ReadonlyArray<string> =>
  programs.filter((command) => Deno.permissions.querySync({ name: "run", command }).state === "granted");

/** (main module) ⇒ the command `cell` of this program: it reads the package and its root, and writes the sweep's folder. */
export const cellCommand = (main: string): CommandFor => (runs, { folder }) => {
  if (Deno.build.standalone) return [Deno.execPath(), "cell"]; // its permissions were given when it was compiled
  const { ffi = [], run = [], ...others } = trainPermissions, own = environment("MSCV_BLAS");
  const places = [runs, realPath(folder)];
  const optional = { ffi: loadable(own === undefined ? ffi : [...ffi, own]), run: runnable(run) };
  const granted = Object.entries(optional).filter(([, values]) => values.length > 0);
  const flags = flagsOf({
    ...others,
    read: [packageFolder, ...places, resolve(folder)],
    write: places.slice(1),
    ...Object.fromEntries(granted),
  });
  return [Deno.execPath(), "run", ...flags, main, "cell"];
};
