/**
 * The running mean of parameters in training: less noisy than the last ones, without a learning rate that has to fall.
 *
 * Source: Polyak and Juditsky 1992; the exponential form with a growing decay as in `tf.train.ExponentialMovingAverage`.
 *
 * @module
 */

/** A running mean. */
export interface Average {
  /** (θ after update i, counted from 0 where it starts or goes on). */
  readonly add: (theta: Float32Array, update: number) => void;
  /** (θ last) ⇒ (mean), or what was given where nothing is averaged. */
  readonly mean: (last: Float32Array) => Float32Array;
}

const STRIDE = 4; // updates between two that count: neighbours hardly differ, and a sum over θ costs as much as Adam

/** (update, counted from 0; decay an update) ⇒ the share of θ that goes into the mean, 0 where the update does not count. */
export const averageRate = (update: number, decay: number): number =>
  decay === 0 || (update + 1) % STRIDE !== 0 ? 0 : 1 - Math.min(decay, (update + 1) / (update + 10)) ** STRIDE;

/** Where a running mean stands: itself, and the updates that it has followed. */
export interface RunningMean {
  readonly theta: Float32Array;
  readonly updates: number;
}

/** (θ, decay an update, 0: no averaging, updates so far) ⇒ (running mean, which starts at θ or goes on from there). */
export const makeAverage = (theta: Float32Array, decay: number, updates = 0): Average => {
  if (decay === 0) return { add: () => {}, mean: (last) => last };
  const average = theta.slice();
  return {
    add: (current, update) => {
      const rate = averageRate(updates + update, decay);
      if (rate === 0) return;
      for (let i = 0; i < average.length; i++) average[i] += rate * (current[i] - average[i]);
    },
    mean: () => average,
  };
};
