/**
 * Checkpoints on disk: `checkpoints/000012/` holds `state.safetensors` and `manifest.json`.
 *
 * A folder is written under a temporary name, flushed and renamed as one, so that a kill at any moment leaves the
 * checkpoints before it whole, and one that cannot be written leaves nothing. The replay memory's batches lie beside them,
 * each in one file (`memory_files.ts`). Reading is in `read_checkpoint.ts`.
 *
 * @module
 */
import type * as Effect from "effect/Effect";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { codeOf } from "../files/reason.ts";
import type { TrainState } from "../stages/stage.ts";
import { pack, stateShape } from "./checkpoint_tensors.ts";
import { sha256, syncFolder, temporaryIn, temporaryPrefix, writeFlushed, writing } from "../files/durable_file.ts";
import type { RunFolderUnwritable } from "../files/errors.ts";
import { type Manifest, parseManifest, printManifest, schemaVersion } from "./checkpoint_manifest.ts";
import { pruneMemory, writeBatch } from "./memory_files.ts";
import { encodeSafetensors } from "../files/safetensors.ts";

/** A training run between two iterations. */
export interface Checkpoint {
  /** Iterations done. */
  readonly iteration: number;
  /** Environment steps collected. */
  readonly steps: number;
  /** Root of all randomness. */
  readonly seed: number;
  /** SHA-256 of what the run must not change. */
  readonly pipelineHash: string;
  /** What the next iteration starts from. */
  readonly state: TrainState;
}

const folderName = (iteration: number): string => String(iteration).padStart(6, "0");

/** (name of a folder) ⇒ the iteration that it is of; null where no checkpoint is called so. */
const iterationOf = (name: string): number | null => {
  const iteration = /^\d+$/.test(name) ? Number(name) : NaN;
  return Number.isSafeInteger(iteration) && folderName(iteration) === name ? iteration : null;
};

/** (folder) ⇒ iterations of the checkpoints in it, whole or damaged, ascending; none where it cannot be read. */
export const listCheckpoints = (checkpoints: string): ReadonlyArray<number> => {
  try {
    return readdirSync(checkpoints).flatMap((name) => iterationOf(name) ?? []).sort((a, b) => a - b);
  } catch {
    return [];
  }
};

/** (folder, iteration) ⇒ path of a checkpoint. */
export const checkpointPath = (checkpoints: string, iteration: number): string =>
  join(checkpoints, folderName(iteration));

/** Writes a folder under a temporary name and renames it; where it cannot, nothing is left. */
const writeFolder = (path: string, state: Uint8Array, manifest: Manifest): void => {
  const temporary = temporaryIn(dirname(path));
  try {
    mkdirSync(temporary);
    writeFlushed(join(temporary, "state.safetensors"), state);
    writeFlushed(join(temporary, "manifest.json"), printManifest(manifest));
    syncFolder(temporary);
    rmSync(path, { recursive: true, force: true });
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { recursive: true, force: true });
    throw error;
  }
  syncFolder(dirname(path));
};

/** (folder, name of the checkpoint in it, checkpoint) ⇒ writes it and the batches of its memory. */
export const writeState = (checkpoints: string, name: string, { state, ...facts }: Checkpoint): void => {
  const { batches, ...memory } = state.memory;
  const packed = pack({ ...state, memory }, "", stateShape(state.envs.count));
  const bytes = encodeSafetensors({
    tensors: packed.tensors,
    metadata: { format: "mscv", version: `${schemaVersion}` },
  });
  writeFolder(join(checkpoints, name), bytes, {
    version: schemaVersion,
    ...facts,
    stateChecksum: sha256(bytes),
    state: packed.structure,
    batches: batches.map((batch) => writeBatch(checkpoints, batch)),
  });
};

/** (folder of a checkpoint) ⇒ (manifest). Throws where it is missing, damaged or of another form. */
export const readManifest = (folder: string): Manifest =>
  parseManifest(readFileSync(join(folder, "manifest.json"), "utf8"));

const isMissing = (error: unknown): boolean => ["ENOENT", "ENOTDIR", "EISDIR", "ELOOP"].includes(String(codeOf(error)));

/** Batches that any readable checkpoint refers to, set aside or not; null where the disk does not let one be read. */
const referencedBatches = (checkpoints: string): ReadonlySet<string> | null => {
  const referenced = new Set<string>();
  for (const name of readdirSync(checkpoints)) {
    try {
      for (const checksum of readManifest(join(checkpoints, name)).batches) referenced.add(checksum);
    } catch (error) {
      if (error instanceof Error && "code" in error && !isMissing(error)) return null;
      // no checkpoint, or one that could not be read back anyway
    }
  }
  return referenced;
};

/** Removes the memory's files that no checkpoint refers to, and what killed writers left behind. */
const clean = (checkpoints: string): void => {
  for (const name of readdirSync(checkpoints).filter((each) => each.startsWith(temporaryPrefix))) {
    rmSync(join(checkpoints, name), { recursive: true, force: true });
  }
  const referenced = referencedBatches(checkpoints);
  if (referenced !== null) pruneMemory(checkpoints, referenced);
};

/** Removes what killed or failed writers left behind. */
export const cleanCheckpoints = (checkpoints: string): Effect.Effect<void, RunFolderUnwritable> =>
  writing(checkpoints, () => {
    if (existsSync(checkpoints)) clean(checkpoints);
  });

const asidePrefix = "unreadable-";

/** Keeps the last `keep` checkpoints and the newest one set aside. */
const prune = (checkpoints: string, keep: number): void => {
  const iterations = listCheckpoints(checkpoints)
    .filter((iteration) => existsSync(join(checkpointPath(checkpoints, iteration), "manifest.json")));
  for (const iteration of iterations.slice(0, Math.max(0, iterations.length - keep))) {
    rmSync(checkpointPath(checkpoints, iteration), { recursive: true, force: true });
  }
  const byIteration = (a: string, b: string) =>
    Number(a.slice(asidePrefix.length)) - Number(b.slice(asidePrefix.length));
  const aside = readdirSync(checkpoints).filter((name) => name.startsWith(asidePrefix)).sort(byIteration);
  for (const name of aside.slice(0, -1)) rmSync(join(checkpoints, name), { recursive: true, force: true });
  clean(checkpoints);
};

/** (folder, checkpoint, how many to keep) ⇒ path of the new checkpoint. Fails: RunFolderUnwritable. */
export const writeCheckpoint = (
  checkpoints: string,
  checkpoint: Checkpoint,
  keep: number,
): Effect.Effect<string, RunFolderUnwritable> => {
  const path = checkpointPath(checkpoints, checkpoint.iteration);
  return writing(path, () => {
    mkdirSync(checkpoints, { recursive: true });
    try {
      writeState(checkpoints, folderName(checkpoint.iteration), checkpoint);
    } catch (error) {
      try {
        clean(checkpoints); // its batches, which no checkpoint refers to
      } catch {
        // the first error is the one that is told
      }
      throw error;
    }
    prune(checkpoints, keep);
    return path;
  });
};

/** Moves the checkpoints after `iteration` out of the way of a run that resumes from there. */
export const setAsideAfter = (checkpoints: string, iteration: number): Effect.Effect<void, RunFolderUnwritable> =>
  writing(checkpoints, () => {
    for (const later of listCheckpoints(checkpoints).filter((each) => each > iteration)) {
      const aside = join(checkpoints, `${asidePrefix}${folderName(later)}`);
      rmSync(aside, { recursive: true, force: true });
      renameSync(checkpointPath(checkpoints, later), aside);
    }
  });
