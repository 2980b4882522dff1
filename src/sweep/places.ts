/**
 * From what a user names to runs: a run folder, a sweep, its ablation file, or a folder of them.
 * (path) ⇒ (place) ⇒ (folders)
 *
 * @module
 */
import * as Effect from "effect/Effect";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { ConfigInvalid } from "../config/problems.ts";
import { UsageInvalid } from "../config/usage.ts";
import { temporaryPrefix } from "../files/durable_file.ts";
import { isRunFolder } from "../run/run_folder.ts";
import { findSweep } from "./find_sweep.ts";
import { manifestPath } from "./manifest.ts";

/** What was named: one of these. */
export interface Place {
  readonly kind: "run" | "sweep" | "folder";
  /** Of a sweep that was named by its file: the sweep's folder. */
  readonly path: string;
}

const isFolder = (path: string): boolean => existsSync(path) && statSync(path).isDirectory();

/** (folder) ⇒ whether it is a sweep's. */
export const isSweep = (path: string): boolean => existsSync(manifestPath(path));

/** (folder) ⇒ runs and sweeps in it, by name. Throws what the file system does. */
export const placesIn = (folder: string): ReadonlyArray<Place> =>
  readdirSync(folder).filter((name) => !name.startsWith(temporaryPrefix)).sort().map((name) => join(folder, name))
    .filter(isFolder).flatMap((path): ReadonlyArray<Place> =>
      isSweep(path) ? [{ kind: "sweep", path }] : isRunFolder(path) ? [{ kind: "run", path }] : []
    );

/** What is done with what was named, for errors. */
export type Purpose = "report on" | "watch";

/** (purpose, path, what is there) ⇒ (error). */
export const nothingAt = (purpose: Purpose, path: string, found: string): UsageInvalid =>
  new UsageInvalid({
    message:
      `Cannot ${purpose} ${path} as it must be an ablation file, a sweep folder, a run folder or a folder of run ` +
      `folders: current value is ${found}`,
  });

/** (path, purpose) ⇒ (place). Fails: UsageInvalid where there is nothing, ConfigInvalid of an ablation file. */
export const placeOf: (path: string, purpose: Purpose) => Effect.Effect<Place, UsageInvalid | ConfigInvalid> = Effect
  .fnUntraced(function* (path, purpose) {
    if (/\.ya?ml$/.test(path) && existsSync(path)) {
      const folder = yield* findSweep(path, null);
      if (isSweep(folder)) return { kind: "sweep", path: folder } as const;
      const message =
        `Cannot ${purpose} ${path} as its sweep must have begun: there is none in ${folder}. Try: deno task ` +
        `ablate ${path}; or name the sweep's folder`;
      return yield* Effect.fail(new UsageInvalid({ message }));
    }
    if (!isFolder(path)) {
      return yield* Effect.fail(nothingAt(purpose, path, existsSync(path) ? "another file" : "nothing there"));
    }
    if (isSweep(path)) return { kind: "sweep", path } as const;
    if (isRunFolder(path)) return { kind: "run", path } as const;
    if (placesIn(path).length > 0) return { kind: "folder", path } as const;
    return yield* Effect.fail(nothingAt(purpose, path, "a folder without runs"));
  });
