/**
 * The estimate of whoever needs no more than a signal: the shortest way to an estimator of one's own.
 *
 * @module
 */
import { batchSize } from "../data/batch.ts";
import type { Metrics } from "../data/gradient.ts";
import { moments } from "../math/statistics.ts";
import { normalizeInto } from "../nn/networks/normalizer.ts";
import { type Declarations, differentiate, oneTermEstimate } from "./estimate.ts";
import type { Estimated, EstimatorFrame } from "./estimator.ts";
import { ratioOf } from "./ratio.ts";

/** What an estimate declares of its mean; nothing is declared where it says nothing. */
export type Declared = Partial<Declarations>;

/**
 * (input, signal [T, N], declared, metrics) ⇒ the estimate mean ∇ log π(a|s)·signal, with all that the line search needs.
 * Reports the standard deviation of the signal as `signalStd` beside the metrics that are given.
 * The signal is computed with in single precision, whatever array holds it.
 * Throws a RangeError on a signal that is not one number for each transition.
 *
 * @example
 * ```ts ignore
 * estimate: (input, { discount }) => scoreEstimate(input, returnsOf(input.batch, discount)),
 * ```
 */
export const scoreEstimate = (
  { batch, policy, normalizer, control }: EstimatorFrame,
  signal: ArrayLike<number>,
  { unbiased = false, keepsMean = false }: Declared = {},
  metrics: Metrics = {},
): Estimated => {
  if (signal.length !== batchSize(batch)) {
    throw new RangeError(
      `Cannot estimate a gradient as its signal must hold a number for each of the ${batchSize(batch)} transitions: ` +
        `current value holds ${signal.length}`,
    );
  }
  const single = signal instanceof Float32Array ? signal : Float32Array.from(signal);
  const ratio = ratioOf(batch, normalizeInto(normalizer, batch.observation), single);
  return {
    estimate: oneTermEstimate(differentiate(policy, ratio), { unbiased, keepsMean }),
    control,
    metrics: { ...metrics, signalStd: Math.sqrt(moments(single, single).varianceX) },
  };
};
