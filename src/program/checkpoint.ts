/**
 * Checkpoints on disk: `checkpoints/000012/` holds `state.safetensors` and `manifest.json`.
 *
 * A folder is written under a temporary name, flushed and renamed as one, so that a kill at any moment leaves the
 * checkpoints before it whole. The replay memory's batches lie beside them, each in one file (`memory_files.ts`).
 *
 * @module
 */
import * as Effect from "effect/Effect";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import type { TrainState } from "../stages/stage.ts";
import { pack, stateShape, unpack } from "./checkpoint_tensors.ts";
import { sha256, syncFolder, temporaryPrefix, writeFlushed, writing } from "./durable_file.ts";
import { CheckpointCorrupt, type RunFolderUnwritable } from "./errors.ts";
import { type Manifest, parseManifest, printManifest, schemaVersion } from "./manifest.ts";
import { pruneMemory, readBatch, writeBatch } from "./memory_files.ts";
import { decodeSafetensors, encodeSafetensors } from "./safetensors.ts";

/** A training run between two iterations. */
export interface Checkpoint {
  /** Iterations done. */
  readonly iteration: number;
  /** Environment steps collected. */
  readonly steps: number;
  readonly seed: number;
  /** SHA-256 of what the run must not change. */
  readonly pipelineHash: string;
  readonly state: TrainState;
}

const folderName = (iteration: number): string => String(iteration).padStart(6, "0");

/** (folder) ⇒ iterations of the checkpoints in it, ascending. */
export const listCheckpoints = (checkpoints: string): ReadonlyArray<number> =>
  existsSync(checkpoints)
    ? readdirSync(checkpoints).filter((name) => /^\d{6,}$/.test(name)).map(Number).sort((a, b) => a - b)
    : [];

/** (folder, iteration) ⇒ path of a checkpoint. */
export const checkpointPath = (checkpoints: string, iteration: number): string =>
  join(checkpoints, folderName(iteration));

const writeFolder = (checkpoints: string, { state, ...facts }: Checkpoint): void => {
  const { batches, ...memory } = state.memory;
  const packed = pack({ ...state, memory }, "", stateShape(state.envs.count));
  const bytes = encodeSafetensors({
    tensors: packed.tensors,
    metadata: { format: "mscv", version: `${schemaVersion}` },
  });
  const manifest: Manifest = {
    version: schemaVersion,
    ...facts,
    stateChecksum: sha256(bytes),
    state: packed.structure,
    batches: batches.map((batch) => writeBatch(checkpoints, batch)),
  };
  const temporary = join(checkpoints, `${temporaryPrefix}${folderName(facts.iteration)}-${process.pid}`);
  rmSync(temporary, { recursive: true, force: true });
  mkdirSync(temporary);
  writeFlushed(join(temporary, "state.safetensors"), bytes);
  writeFlushed(join(temporary, "manifest.json"), printManifest(manifest));
  syncFolder(temporary);
  rmSync(checkpointPath(checkpoints, facts.iteration), { recursive: true, force: true });
  renameSync(temporary, checkpointPath(checkpoints, facts.iteration));
  syncFolder(checkpoints);
};

const manifestIn = (folder: string): Manifest => parseManifest(readFileSync(join(folder, "manifest.json"), "utf8"));

/** Batches that any readable checkpoint refers to, set aside or not. */
const referencedBatches = (checkpoints: string): ReadonlySet<string> => {
  const referenced = new Set<string>();
  for (const name of readdirSync(checkpoints)) {
    try {
      for (const checksum of manifestIn(join(checkpoints, name)).batches) referenced.add(checksum);
    } catch {
      // no checkpoint, or one that could not be read back anyway
    }
  }
  return referenced;
};

const asidePrefix = "unreadable-";

/** Keeps the last `keep` checkpoints and the newest one set aside, and removes what killed runs left behind. */
const prune = (checkpoints: string, keep: number): void => {
  const iterations = listCheckpoints(checkpoints);
  for (const iteration of iterations.slice(0, Math.max(0, iterations.length - keep))) {
    rmSync(checkpointPath(checkpoints, iteration), { recursive: true, force: true });
  }
  const names = readdirSync(checkpoints);
  const byIteration = (a: string, b: string) =>
    Number(a.slice(asidePrefix.length)) - Number(b.slice(asidePrefix.length));
  const aside = names.filter((name) => name.startsWith(asidePrefix)).sort(byIteration).slice(0, -1);
  for (const name of [...aside, ...names.filter((name) => name.startsWith(temporaryPrefix))]) {
    rmSync(join(checkpoints, name), { recursive: true, force: true });
  }
  pruneMemory(checkpoints, referencedBatches(checkpoints));
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
    writeFolder(checkpoints, checkpoint);
    prune(checkpoints, keep);
    return path;
  });
};

/** (folder, iteration) ⇒ (checkpoint). Fails: CheckpointCorrupt where it is cut off, changed or of another version. */
export const readCheckpoint = (
  checkpoints: string,
  iteration: number,
): Effect.Effect<Checkpoint, CheckpointCorrupt> => {
  const path = checkpointPath(checkpoints, iteration);
  return Effect.try({
    try: () => {
      const { state: structure, batches, stateChecksum, version: _, ...facts } = manifestIn(path);
      const bytes = readFileSync(join(path, "state.safetensors"));
      if (sha256(bytes) !== stateChecksum) throw new Error("state.safetensors has a wrong checksum");
      const state = unpack(structure, decodeSafetensors(bytes).tensors) as TrainState;
      const memory = { ...state.memory, batches: batches.map((checksum) => readBatch(checkpoints, checksum)) };
      return { ...facts, state: { ...state, memory } };
    },
    catch: (error) => new CheckpointCorrupt({ path, reason: error instanceof Error ? error.message : String(error) }),
  });
};

/** The newest checkpoint that can be read, and the newer ones that cannot. */
export interface LatestCheckpoint {
  readonly checkpoint: Checkpoint;
  readonly path: string;
  readonly skipped: ReadonlyArray<CheckpointCorrupt>;
}

/** (folder) ⇒ the newest readable checkpoint. Fails: CheckpointCorrupt of the newest where none can be read. */
export const readLatestCheckpoint: (
  checkpoints: string,
) => Effect.Effect<LatestCheckpoint, CheckpointCorrupt> = Effect.fnUntraced(function* (checkpoints) {
  const skipped: Array<CheckpointCorrupt> = [];
  for (const iteration of [...listCheckpoints(checkpoints)].reverse()) {
    const read = yield* Effect.result(readCheckpoint(checkpoints, iteration));
    if (read._tag === "Success") {
      return { checkpoint: read.success, path: checkpointPath(checkpoints, iteration), skipped };
    }
    skipped.push(read.failure);
  }
  return yield* skipped[0] ??
    new CheckpointCorrupt({ path: checkpoints, reason: "it must hold a checkpoint: there is none" });
});

/** Moves the checkpoints after `iteration` out of the way of a run that resumes from there. */
export const setAsideAfter = (checkpoints: string, iteration: number): Effect.Effect<void, RunFolderUnwritable> =>
  writing(checkpoints, () => {
    for (const later of listCheckpoints(checkpoints).filter((each) => each > iteration)) {
      const aside = join(checkpoints, `${asidePrefix}${folderName(later)}`);
      rmSync(aside, { recursive: true, force: true });
      renameSync(checkpointPath(checkpoints, later), aside);
    }
  });
