/**
 * Single steps of the memory with the states that they began in, for fitting the factors of a simulator.
 *
 * @module
 */
import type { Stream } from "../math/random.ts";
import { type Batch, batchSize } from "./batch.ts";
import { memorySize, type ReplayMemory } from "./memory.ts";

/** n real steps. */
export interface StepSample {
  /** n */
  readonly count: number;
  /** [n, state] before each step */
  readonly state: Float64Array;
  /** [n, act] as sampled */
  readonly action: Float32Array;
  /** [n, obs] before each step */
  readonly observation: Float32Array;
  /** [n, obs] after it */
  readonly nextObservation: Float32Array;
}

/** (index over the batches' transitions) ⇒ the batch, and the index within it. */
const locate = (batches: ReadonlyArray<Batch>, index: number): readonly [Batch, number] => {
  let rest = index;
  for (const batch of batches) {
    if (rest < batchSize(batch)) return [batch, rest];
    rest -= batchSize(batch);
  }
  throw new RangeError(`Cannot read a step as its index must be within the memory: current value is ${index}`);
};

/**
 * (memory whose batches hold their states, n, p, stream) ⇒ (sample), with replacement: the age of a step is uᵖ of the
 * memory's, u uniform. Null where a batch holds no states.
 */
export const sampleSteps = (
  { batches }: ReplayMemory,
  count: number,
  recency: number,
  stream: Stream,
): StepSample | null => {
  if (batches.some(({ state }) => state === undefined)) return null;
  const total = memorySize({ batches }), [{ observationSize: no, actionSize: na, state }] = batches;
  const size = state!.length / batchSize(batches[0]);
  const sample = {
    count,
    state: new Float64Array(count * size),
    action: new Float32Array(count * na),
    observation: new Float32Array(count * no),
    nextObservation: new Float32Array(count * no),
  };
  for (let i = 0; i < count; i++) {
    const [batch, row] = locate(batches, total - 1 - Math.floor(total * stream.uniform() ** recency));
    sample.state.set(batch.state!.subarray(row * size, (row + 1) * size), i * size);
    sample.action.set(batch.action.subarray(row * na, (row + 1) * na), i * na);
    for (const name of ["observation", "nextObservation"] as const) {
      sample[name].set(batch[name].subarray(row * no, (row + 1) * no), i * no);
    }
  }
  return sample;
};
