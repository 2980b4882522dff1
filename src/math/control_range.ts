/**
 * The range of a control, and how actions are clipped to it: the same in the simulator, in imagination and in rewards.
 *
 * @module
 */

/** [act] least and largest control of every dimension, in the control's own unit. */
export type ControlRange = ReadonlyArray<readonly [low: number, high: number]>;

/** (act) ⇒ ±1 in every dimension: what holds where nothing is said. */
export const unitRange = (size: number): ControlRange => Array.from({ length: size }, () => [-1, 1] as const);

/** (range, action [.., act] from `at`) ⇒ out [act] within the range; NaN stays NaN. */
export const clipControl = (range: ControlRange, action: ArrayLike<number>, at: number, out: Float64Array): void => {
  for (let j = 0; j < range.length; j++) {
    const [low, high] = range[j];
    out[j] = Math.min(high, Math.max(low, action[at + j]));
  }
};

/** The ends of a range, rounded as networks compute. */
export interface ControlEnds {
  /** [act] */
  readonly low: Float32Array;
  /** [act] */
  readonly high: Float32Array;
}

/** (range, act) ⇒ its ends; ±1 where there is no range. */
export const controlEnds = (range: ControlRange | undefined, size: number): ControlEnds => {
  const ends = range ?? unitRange(size);
  return { low: Float32Array.from(ends, ([low]) => low), high: Float32Array.from(ends, ([, high]) => high) };
};
