/**
 * Blocks of consecutive steps, each of which counts as one independent sample of a batch.
 *
 * @module
 */
import { type Batch, batchSize } from "../data/batch.ts";

const BLOCK = 20; // steps of an environment

/** (batch, which rows may decide) ⇒ rows by blocks of consecutive steps of an environment. */
export const blocksOf = (batch: Batch, where: (i: number) => boolean): ReadonlyArray<ReadonlyArray<number>> => {
  const blocks = new Map<number, number[]>();
  for (let i = 0; i < batchSize(batch); i++) {
    if (!where(i)) continue;
    const block = Math.floor(Math.floor(i / batch.environments) / BLOCK) * batch.environments + i % batch.environments;
    blocks.set(block, [...blocks.get(block) ?? [], i]);
  }
  return [...blocks.values()];
};
