/**
 * Where the work of a sweep may be done: below a root that this machine's own command line names, by real paths, and in
 * a folder that is that very sweep's.
 *
 * What asks for it comes out of a database, so that nothing is written, renamed or removed before both are known.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import { linkSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { dirname, isAbsolute, join, relative, sep } from "node:path";
import { reasonOf } from "../files/reason.ts";
import { isThere, realPath } from "../files/real_path.ts";
import { temporaryIn, temporaryPrefix, writeFlushed, writing } from "../files/durable_file.ts";
import type { RunFolderUnwritable } from "../files/errors.ts";
import { type CellWork, WorkInvalid } from "./cell_work.ts";
import { cellFolder, logPath, pipelinePath, readManifest } from "./manifest.ts";

const isWithin = (root: string, path: string): boolean => {
  const way = relative(root, path);
  return way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
};

/** What a run, a sweep or a folder of checkpoints holds: nothing of another sweep may be made within one. */
const others = [
  "pipeline.yaml",
  "manifest.json",
  "sweep.key",
  "run.lock",
  "checkpoints",
  "state.safetensors",
  "memory",
];

/** (root, place) ⇒ the folder on the way, or the root itself, in which nothing may be made; null: there is none. */
const takenBy = (root: string, place: string): string | null => {
  if (place === root) return null; // whose it is, is decided by `claimPlace`
  for (let up = dirname(place); isWithin(root, up); up = dirname(up)) {
    if (others.some((name) => isThere(join(up, name)))) return up;
  }
  return null;
};

/** Paths that are written for a cell; none may lead out of the sweep's folder. */
const pathsOf = (folder: string, id: string): ReadonlyArray<string> => [
  join(folder, cellFolder(id)),
  pipelinePath(folder, id),
  logPath(folder, id),
];

const invalid = (message: string): WorkInvalid => new WorkInvalid({ message });

/**
 * (root, work) ⇒ the real path of the sweep's folder. Nothing is written.
 *
 * Fails: WorkInvalid where that, or a path of the cell, does not lie below the root.
 */
export const placeOf = (root: string, work: CellWork): Effect.Effect<string, WorkInvalid> =>
  Effect.suspend(() => {
    try {
      const base = realPath(root), place = realPath(work.folder);
      if (!isWithin(base, place)) {
        return Effect.fail(invalid(
          `Cannot train ${work.id} as its sweep's folder must lie below ${base}: current value is ${work.folder}, which ` +
            `is ${place}. Start the runner with a --runs that holds it`,
        ));
      }
      const taken = takenBy(base, place);
      if (taken !== null) {
        return Effect.fail(
          invalid(`Cannot train ${work.id} as ${place} must lie in no run and no other sweep: ${taken} is one`),
        );
      }
      const out = pathsOf(place, work.id).find((path) => realPath(path) !== path);
      return out === undefined ? Effect.succeed(place) : Effect.fail(
        invalid(`Cannot train ${work.id} as ${out} must lie in its sweep's folder: it leads to ${realPath(out)}`),
      );
    } catch (error) {
      return Effect.fail(
        invalid(`Cannot train ${work.id} as ${work.folder} must be the path of a folder: ${reasonOf(error)}`),
      );
    }
  });

/** (sweep folder) ⇒ path of the marker that a runner leaves in a folder it has made: the key of its sweep. */
export const markerPath = (folder: string): string => join(folder, "sweep.key");

const readMarker = (folder: string): string | null => {
  try {
    return readFileSync(markerPath(folder), "utf8").trim();
  } catch {
    return null; // there is none
  }
};

/** (folder) ⇒ key of the sweep that it is the folder of; null: of none. */
export const sweepIn = (folder: string): string | null => {
  try {
    return readManifest(folder)?.sweep ?? readMarker(folder);
  } catch {
    return null; // of another version
  }
};

/** (folder) ⇒ names in it that mean something; none where it is not there. */
export const contentOf = (folder: string): ReadonlyArray<string> =>
  isThere(folder) ? readdirSync(folder).filter((name) => !name.startsWith(temporaryPrefix)) : [];

/** Writes the marker whole, unless another is faster. */
const mark = (folder: string, sweep: string): void => {
  const path = markerPath(folder), temporary = temporaryIn(folder);
  writeFlushed(temporary, sweep + "\n");
  try {
    linkSync(temporary, path);
  } catch {
    if (!isThere(path)) renameSync(temporary, path); // where files cannot have two names
  } finally {
    rmSync(temporary, { force: true });
  }
};

/**
 * (real path of a sweep's folder, work) ⇒ the folder, made and marked where it was not there or empty.
 *
 * Fails: WorkInvalid where it is there and not this sweep's; RunFolderUnwritable.
 */
export const claimPlace = Effect.fnUntraced(function* (
  place: string,
  { id, sweep }: CellWork,
): Effect.fn.Return<void, WorkInvalid | RunFolderUnwritable> {
  const content = yield* writing(place, () => {
    mkdirSync(place, { recursive: true });
    const content = contentOf(place);
    if (content.length === 0) mark(place, sweep);
    return content;
  });
  const found = sweepIn(place);
  if (found === sweep) return;
  const what = found === null ? `something else, which holds ${content.slice(0, 3).join(", ")}` : `that of ${found}`;
  return yield* invalid(`Cannot train ${id} as ${place} must be the folder of its sweep, ${sweep}: it is ${what}`);
});
