/**
 * Adam and the running mean on arrays of one's own: what training is held against.
 *
 * @module
 */
import type { AdamState } from "../../../src/data/parameters.ts";
import { type AdamOptions, adamStep, applyAdam } from "../../../src/nn/training/adam.ts";
import { averageRate } from "../../../src/nn/training/average.ts";

/** (state) ⇒ (state) with arrays of its own. */
export const copyAdam = (state: AdamState): AdamState => ({
  first: state.first.slice(),
  second: state.second.slice(),
  step: state.step,
});

/** (θ, gradient, state) ⇒ (state): one step that overwrites θ and the state's arrays, for loops that own them. */
export const adamInPlace = (
  theta: Float32Array,
  gradient: Float32Array,
  state: AdamState,
  options: Partial<AdamOptions> & Pick<AdamOptions, "learningRate">,
): AdamState => {
  const { first, second } = state, step = state.step + 1;
  applyAdam(theta, gradient, first, second, adamStep(options, step));
  return { first, second, step };
};

/** A running mean. */
export interface Average {
  /** (θ after update i, counted from 0 where it starts or goes on). */
  readonly add: (theta: Float32Array, update: number) => void;
  /** (θ last) ⇒ (mean), or what was given where nothing is averaged. */
  readonly mean: (last: Float32Array) => Float32Array;
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
