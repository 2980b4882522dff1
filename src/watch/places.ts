/**
 * The runs of a place that is watched, looked at again and again.
 * (place) ⇒ (folders of runs, and what is known of each)
 *
 * @module
 */
import { parse } from "@std/yaml";
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { runFolderAt } from "../run/run_folder.ts";
import { readSweep, type SweepCell } from "../sweep/manifest.ts";
import { type Place, placesIn } from "../sweep/places.ts";

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
    return placesIn(path).flatMap((each): Runs => each.kind === "sweep" ? cellsOf(each.path) : [[each.path, null]]);
  } catch {
    return [];
  }
};
