/**
 * The running mean of parameters in training: less noisy than the last ones, without a learning rate that has to fall.
 *
 * Source: Polyak and Juditsky 1992; the exponential form with a growing decay as in `tf.train.ExponentialMovingAverage`.
 *
 * @module
 */

const STRIDE = 4; // updates between two that count: neighbours hardly differ, and a sum over θ costs as much as Adam

/** (update, counted from 0; decay an update) ⇒ the share of θ that goes into the mean, 0 where the update does not count. */
export const averageRate = (update: number, decay: number): number =>
  decay === 0 || (update + 1) % STRIDE !== 0 ? 0 : 1 - Math.min(decay, (update + 1) / (update + 10)) ** STRIDE;

/** Where a running mean stands: itself, and the updates that it has followed. */
export interface RunningMean {
  readonly theta: Float32Array;
  readonly updates: number;
}
