/**
 * How the process of a cell finds the modules that this process has found: the same configuration, and the files that
 * packages read of themselves.
 *
 * @module
 */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { realPath } from "../files/real_path.ts";

/** Flags of `deno run` that decide what a module's name means, and those of them whose value may stand in the next word. */
const resolving = ["--config", "--import-map", "--lock", "--no-config", "--no-lock", "--node-modules-dir"];
const withFile = ["--config", "--import-map"];

/**
 * (words of a command that starts `main`, main module's path, working directory) ⇒ those of its flags that decide what a
 * module's name means, paths absolute.
 */
export const resolvingFlags = (
  words: ReadonlyArray<string>,
  main: string,
  folder: string,
): ReadonlyArray<string> => {
  const flags: Array<string> = [];
  for (let i = 1; i < words.length; i++) {
    if (pathOf(words[i], folder) === main) return flags;
    const [said, ...rest] = words[i].split("="), flag = said === "-c" ? "--config" : said;
    if (!resolving.includes(flag)) continue;
    const value = rest.length > 0 ? rest.join("=") : withFile.includes(flag) ? words[++i] ?? "" : null;
    const path = value === null || !withFile.includes(flag) ? value : pathOf(value, folder);
    flags.push(path === null ? flag : `${flag}=${path}`);
  }
  return []; // it was not started by its file
};

const isAddress = (word: string): boolean => /^(https?|data|blob|npm|jsr):/.test(word);

const pathOf = (word: string, folder: string): string =>
  isAddress(word) ? word : word.startsWith("file:") ? fileURLToPath(word) : resolve(folder, word);

/** The words of the command that started this process, where the system tells and this process may ask; else null. */
const startedBy = (): ReadonlyArray<string> | null => {
  if (Deno.build.os !== "linux" || Deno.permissions.querySync({ name: "read" }).state !== "granted") return null;
  try {
    return readFileSync("/proc/self/cmdline", "utf8").split("\0");
  } catch {
    return null; // it is told only to those who may do everything
  }
};

/** (path of a module) ⇒ whether a configuration lies in its folder or above, which Deno finds by itself. */
const hasConfiguration = (path: string): boolean => {
  const folder = dirname(path);
  if (["deno.json", "deno.jsonc", "package.json"].some((name) => seen(join(folder, name)))) return true;
  return folder !== dirname(folder) && hasConfiguration(folder);
};

const seen = (path: string): boolean => {
  try {
    return existsSync(path);
  } catch {
    return false; // the sandbox forbids to look
  }
};

/**
 * (main module's address, configuration of this package) ⇒ flags by which another process of it resolves modules as this
 * one does. Where nobody tells how this process was started, a main module without a configuration of its own gets this
 * package's, by which it must have been started.
 */
export const configurationFlags = (main: string, ownConfiguration: string): ReadonlyArray<string> => {
  if (!main.startsWith("file:")) return [];
  const path = fileURLToPath(main), words = startedBy(), flags = words && resolvingFlags(words, path, Deno.cwd());
  if (flags !== null && flags.length > 0) return flags;
  return hasConfiguration(path) ? [] : [`--config=${ownConfiguration}`];
};

/** Packages that read files of their own as cells train: the tensor library's and the engine's WebAssembly. */
const reading = ["@tensorflow/tfjs-backend-wasm", "@mujoco/mujoco"];

/** Folders of those files, where packages lie for this process: in Deno's cache, or a folder `node_modules` anywhere. */
export const packageFolders = (): ReadonlyArray<string> =>
  reading.map((name) => import.meta.resolve(name)).filter((address) => address.startsWith("file:")).flatMap(
    (address) => {
      const folder = dirname(fileURLToPath(address));
      return [...new Set([folder, realFolder(folder)])];
    },
  );

const realFolder = (folder: string): string => {
  try {
    return realPath(folder);
  } catch {
    return folder; // the process itself tells what it cannot read
  }
};
