/**
 * Small batches as literals.
 *
 * @module
 */
import type { Batch } from "../../src/data/batch.ts";
import { type Key, makeStream } from "../../src/math/random.ts";

/** (size, fields) ⇒ a batch of zeros with these fields. */
export const batchOf = (
  size: Pick<Batch, "steps" | "environments" | "observationSize" | "actionSize">,
  fields: Partial<Batch> = {},
): Batch => {
  const n = size.steps * size.environments;
  return {
    ...size,
    observation: new Float32Array(n * size.observationSize),
    nextObservation: new Float32Array(n * size.observationSize),
    action: new Float32Array(n * size.actionSize),
    noise: new Float32Array(n * size.actionSize),
    logProb: new Float32Array(n),
    reward: new Float32Array(n),
    terminated: new Uint8Array(n),
    truncated: new Uint8Array(n),
    episodeReturns: new Float64Array(0),
    episodeLengths: new Int32Array(0),
    ...fields,
  };
};

/**
 * (T, N, key) ⇒ a batch whose every number tells where it stands: observation 1000·n + t + ½ [1], its successor 1 more,
 * reward 1000·n + t, noise and action their negatives; episodes end at random, about one step in four.
 */
export const labelledBatch = (steps: number, environments: number, key: Key): Batch => {
  const stream = makeStream(key), n = steps * environments;
  const labels = Float32Array.from({ length: n }, (_, i) => 1000 * (i % environments) + Math.floor(i / environments));
  const ends = Array.from({ length: n }, () => stream.integer(8)); // 0: terminated, 1: truncated
  return batchOf({ steps, environments, observationSize: 1, actionSize: 1 }, {
    observation: labels.map((x) => x + 0.5),
    nextObservation: labels.map((x) => x + 1.5),
    reward: labels,
    noise: labels.map((x) => -x),
    action: labels.map((x) => -x),
    terminated: Uint8Array.from(ends, (x) => (x === 0 ? 1 : 0)),
    truncated: Uint8Array.from(ends, (x) => (x === 1 ? 1 : 0)),
  });
};
