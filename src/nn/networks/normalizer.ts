/**
 * Normalisation of observations: running statistics in float64, and the frozen copy that networks use. Both see raw
 * observations clamped to the normaliser's bound.
 *
 * @module
 */
import type { Normalizer, NormalizerInUse } from "../../data/parameters.ts";
import { normalizedRange } from "./normalized_range.ts";

const MINIMAL_VARIANCE = 1e-8; // added, so that a constant observation maps to 0

/** (size, bound [obs] of raw observations) ⇒ (normaliser) that has seen nothing and changes nothing within the bound. */
export const makeNormalizer = (size: number, bound?: ReadonlyArray<number>): Normalizer => ({
  mean: new Float32Array(size),
  scale: new Float32Array(size).fill(1),
  count: 0,
  runningMean: new Float64Array(size),
  runningSquares: new Float64Array(size),
  ...(bound === undefined ? {} : { bound: Float32Array.from(bound) }),
});

/**
 * (normaliser, observation [n, obs]) ⇒ (normaliser): running statistics joined with those of the batch, clamped to the
 * bound; what is in use stays.
 *
 * Source: Chan et al. 1979, pairwise update.
 */
export const accumulate = (normalizer: Normalizer, observation: Float32Array): Normalizer => {
  const size = normalizer.mean.length;
  const n = observation.length / size;
  if (n === 0) return normalizer;
  const count = normalizer.count + n;
  const runningMean = new Float64Array(size);
  const runningSquares = new Float64Array(size);
  for (let j = 0; j < size; j++) {
    const most = normalizer.bound?.[j] ?? Infinity;
    const seen = (x: number) => Math.min(most, Math.max(-most, x));
    let sum = 0;
    for (let i = j; i < observation.length; i += size) sum += seen(observation[i]);
    const mean = sum / n;
    let squares = 0;
    for (let i = j; i < observation.length; i += size) squares += (seen(observation[i]) - mean) ** 2;
    const delta = mean - normalizer.runningMean[j];
    runningMean[j] = normalizer.runningMean[j] + delta * n / count;
    runningSquares[j] = normalizer.runningSquares[j] + squares + delta * delta * normalizer.count * n / count;
  }
  return { ...normalizer, count, runningMean, runningSquares };
};

/** (normaliser) ⇒ (normaliser): the running statistics come into use; with fewer than two observations nothing does. */
export const refreshNormalizer = (normalizer: Normalizer): Normalizer => {
  const { count, runningMean, runningSquares } = normalizer;
  if (count < 2) return normalizer;
  return {
    ...normalizer,
    mean: Float32Array.from(runningMean),
    scale: Float32Array.from(runningSquares, (s) => 1 / Math.sqrt(s / count + MINIMAL_VARIANCE)),
  };
};

/** (normaliser, observation [n, obs]) ⇒ ([n, obs]): (x − mean)·scale of x clamped to the bound, clipped to ±10. */
export const normalizeInto = (normalizer: NormalizerInUse, observation: Float32Array): Float32Array => {
  const { mean, scale } = normalizer, { low, high } = normalizedRange(normalizer);
  const size = mean.length;
  const out = new Float32Array(observation.length);
  for (let i = 0; i < out.length;) {
    for (let j = 0; j < size; j++, i++) {
      const x = (observation[i] - mean[j]) * scale[j];
      out[i] = x > high[j] ? high[j] : x < low[j] ? low[j] : x;
    }
  }
  return out;
};
