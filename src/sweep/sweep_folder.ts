/**
 * What is written into the folder of a sweep, each file whole or not at all.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import { existsSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { removeTemporaries, writeWhole, writing } from "../files/durable_file.ts";
import type { RunFolderUnwritable } from "../files/errors.ts";
import { workKey } from "./cell_work.ts";
import type { LedgerEntry } from "./ledger_entry.ts";
import { type Manifest, manifestPath, type Outcome, outcomePath, readManifest, readOutcome } from "./manifest.ts";

const writeJson = (path: string, value: unknown): Effect.Effect<void, RunFolderUnwritable> =>
  writing(path, () => {
    mkdirSync(dirname(path), { recursive: true });
    writeWhole(path, JSON.stringify(value, null, 1) + "\n");
  });

/** Removes what killed commands left in the folder of a sweep, while its lock keeps others from writing to it. */
export const cleanSweepFolder = (folder: string): Effect.Effect<void, RunFolderUnwritable> =>
  writing(folder, () => {
    for (const each of [folder, dirname(outcomePath(folder, "any"))]) if (existsSync(each)) removeTemporaries(each);
  });

/** Writes the manifest where it says something else than the present one. */
export const writeManifest = (folder: string, manifest: Manifest): Effect.Effect<void, RunFolderUnwritable> =>
  JSON.stringify(readManifest(folder)) === JSON.stringify(manifest)
    ? Effect.void
    : writeJson(manifestPath(folder), manifest);

/** (ledger, manifest) ⇒ cells with the outcome that the ledger has of their present attempt. */
export const recordedOutcomes = (
  entries: ReadonlyArray<LedgerEntry>,
  { sweep, cells }: Manifest,
): ReadonlyMap<string, Outcome> => {
  const byKey = new Map(entries.map((entry) => [entry.key, entry.outcome]));
  return new Map(cells.flatMap((cell) => {
    const outcome = byKey.get(workKey({ sweep, ...cell }));
    return outcome === null || outcome === undefined ? [] : [[cell.id, outcome]];
  }));
};

/** Writes the outcomes that the folder lacks. */
export const writeOutcomes = Effect.fnUntraced(function* (
  folder: string,
  manifest: Manifest,
  outcomes: ReadonlyMap<string, Outcome>,
): Effect.fn.Return<void, RunFolderUnwritable> {
  for (const cell of manifest.cells) {
    const outcome = outcomes.get(cell.id);
    if (outcome !== undefined && readOutcome(folder, cell) === null) {
      yield* writeJson(outcomePath(folder, cell.id), outcome);
    }
  }
});
