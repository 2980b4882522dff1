/**
 * k-step pieces of the memory's trajectories, for fitting the dynamics.
 *
 * @module
 */
import type { Stream } from "../math/random.ts";
import { type Batch, stateSizeIn } from "./batch.ts";
import type { ReplayMemory } from "./memory.ts";

/** n segments of H steps, for fitting the dynamics model. */
export interface Segments {
  /** H */
  readonly horizon: number;
  /** n */
  readonly count: number;
  /** [H + 1, n, obs] */
  readonly observation: Float32Array;
  /** [H, n, act] */
  readonly action: Float32Array;
  /** [H, n] */
  readonly reward: Float32Array;
  /** [H, n] 1 while the episode has not ended before this step */
  readonly mask: Float32Array;
  /** [n, state] simulator's states of the starts; absent where batches record none */
  readonly state?: Float64Array;
}

/** Which segments are drawn. */
export interface SegmentChoice {
  /** (batch) ⇒ rewards [T, N] that segments carry; the batch's own where absent */
  readonly rewardOf?: (batch: Batch) => Float32Array;
  /**
   * p ≥ 1: the age of a start is uᵖ of the memory's, u uniform; 1 draws all alike, 2 half from the newest quarter; 1 where
   * absent
   */
  readonly recency?: number;
  /** steps of every batch within which segments lie, as fractions of T; all of them where absent */
  readonly part?: readonly [from: number, to: number];
}

/** (batch, part) ⇒ first transition of the part, and the one after its last. */
export const partOf = (
  { steps, environments }: Batch,
  [from, to]: readonly [number, number],
): readonly [number, number] => [
  Math.floor(from * steps) * environments,
  Math.floor(to * steps) * environments,
];

/** (parts of the batches, index over their transitions) ⇒ number of the batch and the index within it. */
export const locate = (parts: ReadonlyArray<readonly [number, number]>, index: number): readonly [number, number] => {
  let rest = index;
  for (let b = 0; b < parts.length; b++) {
    const [first, end] = parts[b];
    if (rest < end - first) return [b, first + rest];
    rest -= end - first;
  }
  throw new RangeError(`Cannot read a transition as its index must be within the memory: current value is ${index}`);
};

/** to[row] ← from[row], rows of a given width; faster than making a view for the few numbers of a row. */
const copyRow = (from: Float32Array, fromRow: number, to: Float32Array, toRow: number, width: number): void => {
  for (let j = 0, a = fromRow * width, b = toRow * width; j < width; j++, a++, b++) to[b] = from[a];
};

/** (memory, n, H, stream, choice) ⇒ (segments): steps beyond an episode's, a part's or a batch's end are masked. */
export const sampleSegments = (
  memory: ReplayMemory,
  count: number,
  horizon: number,
  stream: Stream,
  { rewardOf = (batch) => batch.reward, recency = 1, part = [0, 1] }: SegmentChoice = {},
): Segments => {
  const { observationSize: no, actionSize: na } = memory.batches[0];
  const parts = memory.batches.map((batch) => partOf(batch, part)), rewards = memory.batches.map(rewardOf);
  const total = parts.reduce((sum, [first, end]) => sum + end - first, 0);
  if (total === 0) throw new RangeError("Cannot draw segments as the memory must hold a step: current value is 0");
  const observation = new Float32Array((horizon + 1) * count * no);
  const action = new Float32Array(horizon * count * na);
  const reward = new Float32Array(horizon * count), mask = new Float32Array(horizon * count);
  const stateSize = stateSizeIn(memory.batches), state = new Float64Array(count * stateSize);
  for (let s = 0; s < count; s++) {
    const [b, start] = locate(parts, total - 1 - Math.floor(total * stream.uniform() ** recency));
    const batch = memory.batches[b], end = parts[b][1];
    copyRow(batch.observation, start, observation, s, no);
    if (stateSize > 0) state.set(batch.state!.subarray(start * stateSize, (start + 1) * stateSize), s * stateSize);
    for (let h = 0, i = start; h < horizon && i < end; h++, i += batch.environments) {
      const at = h * count + s;
      mask[at] = 1;
      reward[at] = rewards[b][i];
      copyRow(batch.action, i, action, at, na);
      copyRow(batch.nextObservation, i, observation, at + count, no);
      if (batch.terminated[i] || batch.truncated[i]) break;
    }
  }
  return { horizon, count, observation, action, reward, mask, ...(stateSize > 0 ? { state } : {}) };
};
