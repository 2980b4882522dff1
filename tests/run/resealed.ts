/**
 * Checkpoints changed after they were written, with checksums that are right again.
 *
 * @module
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { checkpointPath } from "../../src/run/checkpoint.ts";
import { sha256 } from "../../src/files/durable_file.ts";
import { decodeSafetensors, encodeSafetensors, type TensorRecord } from "../../src/files/safetensors.ts";

/** JSON that a test may change. */
// deno-lint-ignore no-explicit-any
export type Json = any;

/** Tensors that a test may change. */
export type Tensors = Map<string, TensorRecord>;

/** Changes a checkpoint's manifest and tensors, and seals it anew. */
export const reseal = (
  checkpoints: string,
  iteration: number,
  change: (manifest: Json, tensors: Tensors) => void,
): void => {
  const path = checkpointPath(checkpoints, iteration), stateFile = join(path, "state.safetensors");
  const { checksum: _, ...manifest } = JSON.parse(readFileSync(join(path, "manifest.json"), "utf8"));
  const { tensors, metadata } = decodeSafetensors(readFileSync(stateFile));
  change(manifest, tensors as Tensors);
  const bytes = encodeSafetensors({ tensors, metadata });
  writeFileSync(stateFile, bytes);
  const sealed = { ...manifest, stateChecksum: sha256(bytes) };
  writeFileSync(join(path, "manifest.json"), JSON.stringify({ ...sealed, checksum: sha256(JSON.stringify(sealed)) }));
};

/** Changes the newest batch of a checkpoint's memory, and seals both anew. */
export const resealBatch = (
  checkpoints: string,
  iteration: number,
  change: (structure: Json, tensors: Tensors) => void,
): void =>
  reseal(checkpoints, iteration, (manifest) => {
    const file = (checksum: string) => join(checkpoints, "memory", `${checksum}.safetensors`);
    const { tensors, metadata } = decodeSafetensors(readFileSync(file(manifest.batches.at(-1))));
    const structure = JSON.parse(metadata.structure);
    change(structure, tensors as Tensors);
    const bytes = encodeSafetensors({ tensors, metadata: { structure: JSON.stringify(structure) } });
    manifest.batches[manifest.batches.length - 1] = sha256(bytes);
    writeFileSync(file(sha256(bytes)), bytes);
  });
