/**
 * From what a user names to the runs that are watched.
 * (run folder, sweep, ablation file or folder of runs) ⇒ (folders of runs, and what is known of each)
 *
 * @module
 */
import { parse } from "@std/yaml";
import * as Effect from "effect/Effect";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import type { ConfigInvalid } from "../config/problems.ts";
import { UsageInvalid } from "../config/usage.ts";
import { temporaryPrefix } from "../files/durable_file.ts";
import { isRunFolder, runFolderAt } from "../run/run_folder.ts";
import { findSweep } from "../sweep/find_sweep.ts";
import { manifestPath, readSweep, type SweepCell } from "../sweep/manifest.ts";

/** What is watched: one of these, looked at again and again. */
export type Place =
  | { readonly kind: "run"; readonly path: string }
  | { readonly kind: "sweep"; readonly path: string }
  | { readonly kind: "folder"; readonly path: string };

/** A run as its folder and its sweep describe it, without its log. */
export interface PlacedRun {
  /** Its folder. */
  readonly path: string;
  /** Name of the folder. */
  readonly name: string;
  /** Name of its task. */
  readonly task: string;
  /** As its sweep calls it; null: it is of none. */
  readonly variant: string | null;
  /** Of its training. */
  readonly seed: number;
  /** Iterations that are wanted. */
  readonly iterations: number;
  /** Return at which the task counts as solved; null: none. */
  readonly threshold: number | null;
  /** `stage.option` and the like, as text. */
  readonly options: Readonly<Record<string, string>>;
  /** As its sweep has it; null: its folder tells. */
  readonly cell: SweepCell | null;
}

const isFolder = (path: string): boolean => existsSync(path) && statSync(path).isDirectory();
const isSweep = (path: string): boolean => existsSync(manifestPath(path));

const invalid = (path: string, value: string): UsageInvalid =>
  new UsageInvalid({
    message:
      `Cannot watch ${path} as it must be a run folder, a sweep, its ablation file or a folder of run folders: ` +
      `current value is ${value}`,
  });

/** (path) ⇒ (place). Fails: UsageInvalid where there is nothing to watch, ConfigInvalid of an ablation file. */
export const placeOf: (path: string) => Effect.Effect<Place, UsageInvalid | ConfigInvalid> = Effect.fnUntraced(
  function* (path) {
    if (/\.ya?ml$/.test(path) && existsSync(path)) {
      const folder = yield* findSweep(path, null);
      if (isSweep(folder)) return { kind: "sweep", path: folder } as const;
      return yield* Effect.fail(invalid(path, "an ablation whose sweep has not begun"));
    }
    if (!isFolder(path)) return yield* Effect.fail(invalid(path, existsSync(path) ? "another file" : "nothing there"));
    if (isSweep(path)) return { kind: "sweep", path } as const;
    if (isRunFolder(path)) return { kind: "run", path } as const;
    const inside = readdirSync(path).map((name) => join(path, name));
    if (inside.some((each) => isFolder(each) && (isRunFolder(each) || isSweep(each)))) return { kind: "folder", path };
    return yield* Effect.fail(invalid(path, "a folder without runs"));
  },
);

type Tree = Readonly<Record<string, unknown>>;

const isTree = (value: unknown): value is Tree => typeof value === "object" && value !== null && !Array.isArray(value);

/** (pipeline) ⇒ its options by `stage.option`. */
const flattened = (value: unknown, path: string): ReadonlyArray<readonly [string, string]> => {
  if (isTree(value)) {
    return Object.entries(value).flatMap(([name, inner]) => flattened(inner, path === "" ? name : `${path}.${name}`));
  }
  if (Array.isArray(value) && value.every(isTree)) return value.flatMap((each) => flattened(each, path));
  return [[path.replace(/^program\./, ""), Array.isArray(value) ? value.join(" ") : String(value)]];
};

const numberIn = (value: unknown, otherwise: number): number => typeof value === "number" ? value : otherwise;

/** (path of a run folder) ⇒ what its resolved pipeline says; null where it cannot be read. */
const readPipeline = (path: string): Tree | null => {
  try {
    const value = parse(readFileSync(runFolderAt(path).pipeline, "utf8"));
    return isTree(value) ? value : null;
  } catch {
    return null;
  }
};

const hidden = /^(seed|name|iterations|task)$/;

/** (path of a run folder, its cell or null) ⇒ (run); null where it says nothing of itself. */
export const readPlaced = (path: string, cell: SweepCell | null): PlacedRun | null => {
  const pipeline = readPipeline(path);
  if (pipeline === null && cell === null) return null;
  const tree = pipeline ?? {}, threshold = cell?.threshold ?? tree.threshold;
  return {
    path,
    name: basename(path),
    task: cell?.task ?? String(tree.task ?? "?"),
    variant: cell?.variant ?? null,
    seed: cell?.seed ?? numberIn(tree.seed, 0),
    iterations: cell?.iterations ?? numberIn(tree.iterations, 0),
    threshold: typeof threshold === "number" ? threshold : null,
    options: Object.fromEntries(flattened(tree, "").filter(([name]) => !hidden.test(name))),
    cell,
  };
};

const cellsOf = (folder: string): ReadonlyArray<readonly [string, SweepCell]> => {
  try {
    return readSweep(folder)?.cells.map((cell) => [cell.folder, cell] as const) ?? [];
  } catch {
    return []; // it is being written, or gone
  }
};

type Runs = ReadonlyArray<readonly [string, SweepCell | null]>;

/** (place) ⇒ run folders with their cells, in the order in which they are shown. */
export const foldersIn = ({ kind, path }: Place): Runs => {
  if (kind === "run") return [[path, null]];
  if (kind === "sweep") return cellsOf(path);
  try {
    const names = readdirSync(path).filter((name) => !name.startsWith(temporaryPrefix)).sort();
    const folders = names.map((name) => join(path, name)).filter(isFolder);
    const runsOf = (each: string): Runs => isSweep(each) ? cellsOf(each) : isRunFolder(each) ? [[each, null]] : [];
    return folders.flatMap(runsOf);
  } catch {
    return [];
  }
};
