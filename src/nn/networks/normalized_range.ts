/**
 * Between what ends normalised observations lie: needs no tensor library, so that web workers can have it.
 *
 * @module
 */
import type { NormalizerInUse } from "../../data/parameters.ts";

/** Normalised observations stay within ± this. */
export const NORMALIZED_BOUND = 10;

/** Ends of every column of a normalised observation, in float32, as what is normalised is. */
export interface NormalizedRange {
  /** [obs] */
  readonly low: Float32Array;
  /** [obs] */
  readonly high: Float32Array;
}

const within = (x: number): number => Math.min(NORMALIZED_BOUND, Math.max(-NORMALIZED_BOUND, x));

/**
 * (normaliser) ⇒ (range): ±10, and no further than the normaliser's bound on raw observations lies.
 *
 *   low = clip((−bound − mean)·scale, ±10),  high = clip((bound − mean)·scale, ±10)
 *
 * As rounding is monotone, (x − mean)·scale within this range has the bits in float32 that it has for x clamped first,
 * where it is computed in float64 and rounded once; the kernels of imagined rollouts round twice, a last bit apart.
 */
export const normalizedRange = ({ mean, scale, bound }: NormalizerInUse): NormalizedRange => {
  const end = (side: 1 | -1) =>
    mean.map((m, j) => {
      const most = bound?.[j] ?? Infinity;
      return most === Infinity ? side * NORMALIZED_BOUND : within((side * most - m) * scale[j]);
    });
  return { low: end(-1), high: end(1) };
};
