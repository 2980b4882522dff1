/**
 * The replay memory M: the most recent batches, whole, so that k-step segments and V-trace targets can be read off it.
 *
 * @module
 */
import { type Batch, batchSize, fingerprint } from "./batch.ts";

/** Batches from the oldest to the newest. */
export interface ReplayMemory {
  /** Oldest first. */
  readonly batches: ReadonlyArray<Batch>;
}

/** Memory with nothing in it. */
export const emptyMemory: ReplayMemory = { batches: [] };

/** (memory) ⇒ number of transitions. */
export const memorySize = (memory: ReplayMemory): number =>
  memory.batches.reduce((total, batch) => total + batchSize(batch), 0);

/** (memory, batch) ⇒ the batches of the memory other than that one, newest first. */
export const earlierThan = ({ batches }: ReplayMemory, batch: Batch): ReadonlyArray<Batch> => {
  const own = fingerprint(batch);
  return batches.filter((each) => each !== batch && fingerprint(each) !== own).reverse();
};

/** (memory, batch) ⇒ (memory): appends, then drops the oldest batches while more than `capacity` transitions remain. */
export const storeBatch = (memory: ReplayMemory, batch: Batch, capacity: number): ReplayMemory => {
  const batches = [...memory.batches, batch];
  let size = memorySize({ batches });
  while (batches.length > 1 && size > capacity) size -= batchSize(batches.shift()!);
  return { batches };
};
