/**
 * Single steps of the memory with the states that they began in, for fitting the factors of a simulator.
 *
 * @module
 */
import type { Stream } from "../math/random.ts";
import { stateSizeIn } from "./batch.ts";
import { memorySize, type ReplayMemory } from "./memory.ts";
import { locate, partOf } from "./training_segments.ts";

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
  /** [n] number of the step within the memory: a step that was drawn twice has it twice */
  readonly origin: Int32Array;
}

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
  const size = stateSizeIn(batches);
  if (size === 0) return null;
  const total = memorySize({ batches }), [{ observationSize: no, actionSize: na }] = batches;
  const parts = batches.map((batch) => partOf(batch, [0, 1]));
  const sample = {
    count,
    state: new Float64Array(count * size),
    action: new Float32Array(count * na),
    observation: new Float32Array(count * no),
    nextObservation: new Float32Array(count * no),
    origin: new Int32Array(count),
  };
  for (let i = 0; i < count; i++) {
    const at = total - 1 - Math.floor(total * stream.uniform() ** recency);
    const [b, row] = locate(parts, at), batch = batches[b];
    sample.origin[i] = at;
    sample.state.set(batch.state!.subarray(row * size, (row + 1) * size), i * size);
    sample.action.set(batch.action.subarray(row * na, (row + 1) * na), i * na);
    for (const name of ["observation", "nextObservation"] as const) {
      sample[name].set(batch[name].subarray(row * no, (row + 1) * no), i * no);
    }
  }
  return sample;
};
