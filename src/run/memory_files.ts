/**
 * The replay memory on disk: each batch once, in a file named by its content, shared by the checkpoints that hold it.
 *
 * A file's tensors are the fields of `Batch`: `observation` [T, N, obs], `action` [T, N, act], `reward` [T, N] and so on.
 *
 * @module
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Batch } from "../data/batch.ts";
import { batchShape, pack, type Structure, unpack } from "./checkpoint_tensors.ts";
import { sha256, writeWhole } from "../files/durable_file.ts";
import { refuseOtherBatch } from "./expected_batch.ts";
import type { Widths } from "./expected_state.ts";
import { decodeSafetensors, encodeSafetensors } from "../files/safetensors.ts";

/** Name of the folder within `checkpoints`. */
export const memoryFolder = "memory";

/** SHA-256 of a batch's file; a batch is never mutated, so it is packed once in its life. */
const known = new WeakMap<Batch, string>();

const fileOf = (checkpoints: string, checksum: string): string =>
  join(checkpoints, memoryFolder, `${checksum}.safetensors`);

/** (folder, batch) ⇒ (checksum): writes the batch's file unless this process knows that it is there. */
export const writeBatch = (checkpoints: string, batch: Batch): string => {
  const before = known.get(batch);
  if (before !== undefined && existsSync(fileOf(checkpoints, before))) return before;
  const { structure, tensors } = pack(batch, "", batchShape(batch));
  const bytes = encodeSafetensors({ tensors, metadata: { structure: JSON.stringify(structure) } });
  const checksum = sha256(bytes);
  mkdirSync(join(checkpoints, memoryFolder), { recursive: true });
  writeWhole(fileOf(checkpoints, checksum), bytes); // over a damaged file of that name, if there is one
  known.set(batch, checksum);
  return checksum;
};

const structureIn = (metadata: Readonly<Record<string, string>>): Structure => {
  try {
    return JSON.parse(metadata.structure);
  } catch {
    throw new Error("its metadata must hold its structure as JSON: they do not");
  }
};

const decodeBatch = (bytes: Uint8Array, widths: Widths): Batch => {
  const { tensors, metadata } = decodeSafetensors(bytes), structure = structureIn(metadata);
  refuseOtherBatch(widths, { structure, tensors });
  return unpack(structure, tensors) as Batch;
};

/** (folder, checksum, widths) ⇒ (batch). Throws where the file is missing, its content is another or of another task. */
export const readBatch = (checkpoints: string, checksum: string, widths: Widths): Batch => {
  const bytes = readFileSync(fileOf(checkpoints, checksum)), name = `${memoryFolder}/${checksum}.safetensors`;
  if (sha256(bytes) !== checksum) throw new Error(`${name} has a wrong checksum`);
  try {
    const batch = decodeBatch(bytes, widths);
    known.set(batch, checksum);
    return batch;
  } catch (error) {
    throw new Error(`in ${name}, ${(error as Error).message}`);
  }
};

/** Removes the files that no kept checkpoint refers to. */
export const pruneMemory = (checkpoints: string, referenced: ReadonlySet<string>): void => {
  const folder = join(checkpoints, memoryFolder);
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) {
    if (!referenced.has(name.replace(".safetensors", ""))) rmSync(join(folder, name), { force: true });
  }
};
