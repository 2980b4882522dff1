/**
 * Checkpoints read back: whole by their checksums, and like what the run's own pipeline makes.
 * (folder, iteration, expected) ⇒ (checkpoint)
 *
 * @module
 */
import * as Effect from "effect/Effect";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { codeOf, reasonOf } from "../files/reason.ts";
import type { TrainState } from "../stages/stage.ts";
import { type Checkpoint, checkpointPath, listCheckpoints, readManifest } from "./checkpoint.ts";
import { unpack } from "./checkpoint_tensors.ts";
import { sha256 } from "../files/durable_file.ts";
import { bestName, bestPath } from "./best_checkpoint.ts";
import { CheckpointCorrupt, RunFolderInvalid } from "./errors.ts";
import { type Expected, refuseOtherState } from "./expected_state.ts";
import type { Manifest } from "./checkpoint_manifest.ts";
import { readBatch } from "./memory_files.ts";
import { decodeSafetensors } from "../files/safetensors.ts";
import type { Which } from "./run_place.ts";

const refuseOtherRun = (
  manifest: Manifest,
  iteration: number | null,
  { seed, pipelineHash }: Expected,
  run: string,
): void => {
  if (iteration !== null && manifest.iteration !== iteration) {
    throw new Error(`iteration must be its folder's, ${iteration}: current value is ${manifest.iteration}`);
  }
  if (pipelineHash !== null && manifest.pipelineHash !== pipelineHash) {
    throw new RunFolderInvalid({
      path: run,
      reason: "pipeline.yaml is not the one that its checkpoints were made with",
    });
  }
  if (manifest.seed !== seed) {
    throw new Error(`seed must be the pipeline's, ${seed}: current value is ${manifest.seed}`);
  }
};

/** @param wanted iteration that the checkpoint's folder is named after; null: it has another name */
const read = (path: string, wanted: number | null, expected: Expected): Checkpoint => {
  const checkpoints = dirname(path), manifest = readManifest(path);
  refuseOtherRun(manifest, wanted, expected, dirname(checkpoints));
  const { iteration, steps, seed, pipelineHash, state: structure, batches, stateChecksum } = manifest;
  const bytes = readFileSync(join(path, "state.safetensors"));
  if (sha256(bytes) !== stateChecksum) throw new Error("state.safetensors has a wrong checksum");
  const { tensors } = decodeSafetensors(bytes);
  refuseOtherState(expected, { structure, tensors });
  const state = unpack(structure, tensors) as TrainState;
  const memory = {
    ...state.memory,
    batches: batches.map((checksum) => readBatch(checkpoints, checksum, expected.widths)),
  };
  return { iteration, steps, seed, pipelineHash, state: { ...state, memory } };
};

const readAt = (
  path: string,
  wanted: number | null,
  expected: Expected,
): Effect.Effect<Checkpoint, CheckpointCorrupt | RunFolderInvalid> =>
  Effect.try({
    try: () => read(path, wanted, expected),
    catch: (error) =>
      error instanceof RunFolderInvalid ? error : new CheckpointCorrupt({ path, reason: reasonOf(error) }),
  });

/**
 * (folder, iteration, what the run's pipeline makes) ⇒ (checkpoint).
 *
 * Fails: CheckpointCorrupt where it is cut off, changed, of another version or no state of that pipeline, naming the field
 * or the tensor; RunFolderInvalid where it was made with another pipeline.
 */
export const readCheckpoint = (
  checkpoints: string,
  iteration: number,
  expected: Expected,
): Effect.Effect<Checkpoint, CheckpointCorrupt | RunFolderInvalid> =>
  readAt(checkpointPath(checkpoints, iteration), iteration, expected);

/** A checkpoint that was read: where the newest was asked for, with the newer ones that cannot be. */
export interface ReadCheckpoint {
  readonly checkpoint: Checkpoint;
  readonly path: string;
  readonly skipped: ReadonlyArray<CheckpointCorrupt>;
}

/** (folder of the checkpoints) ⇒ "2, 4, best": how they are called; "none" where there is none. */
const listed = (checkpoints: string): string =>
  [...listCheckpoints(checkpoints), ...(existsSync(bestPath(checkpoints)) ? [bestName] : [])]
    .join(", ") || "none";

const nothingReadable = (checkpoints: string): CheckpointCorrupt => {
  try {
    readdirSync(checkpoints);
  } catch (error) {
    if (codeOf(error) !== "ENOENT") {
      return new CheckpointCorrupt({ path: checkpoints, reason: reasonOf(error) });
    }
  }
  return new CheckpointCorrupt({ path: checkpoints, reason: "it must hold a checkpoint: there is none" });
};

/**
 * (folder, what the run's pipeline makes) ⇒ the newest readable checkpoint.
 *
 * Fails: CheckpointCorrupt of the newest where none can be read; RunFolderInvalid where the newest that is whole was made
 * with another pipeline.
 */
export const readLatestCheckpoint: (
  checkpoints: string,
  expected: Expected,
) => Effect.Effect<ReadCheckpoint, CheckpointCorrupt | RunFolderInvalid> = Effect.fnUntraced(
  function* (checkpoints, expected) {
    const skipped: Array<CheckpointCorrupt> = [];
    for (const iteration of [...listCheckpoints(checkpoints)].reverse()) {
      const read = yield* Effect.result(readCheckpoint(checkpoints, iteration, expected));
      if (read._tag === "Success") {
        return { checkpoint: read.success, path: checkpointPath(checkpoints, iteration), skipped };
      }
      if (read.failure._tag === "RunFolderInvalid") return yield* Effect.fail(read.failure);
      skipped.push(read.failure);
    }
    return yield* Effect.fail(skipped[0] ?? nothingReadable(checkpoints));
  },
);

/** (folder, which checkpoint, what the run's pipeline makes) ⇒ that one. Fails as `readCheckpoint` does. */
export const readWhich = (
  checkpoints: string,
  which: Which,
  expected: Expected,
): Effect.Effect<ReadCheckpoint, CheckpointCorrupt | RunFolderInvalid> => {
  if (which === "latest") return readLatestCheckpoint(checkpoints, expected);
  const [path, wanted] = which === "best"
    ? [bestPath(checkpoints), null] as const
    : [checkpointPath(checkpoints, which), which] as const;
  if (!existsSync(path)) {
    const reason = `it must be one that is there: those are ${listed(checkpoints)}`;
    return Effect.fail(new CheckpointCorrupt({ path, reason }));
  }
  return Effect.map(readAt(path, wanted, expected), (checkpoint) => ({ checkpoint, path, skipped: [] }));
};
