/**
 * The reference: the likelihood-ratio gradient of Monte-Carlo returns over a very large batch, block by block.
 *
 * @module
 */
import { crossFittedSignal } from "../estimators/cross_fitting.ts";
import { scoreGradient } from "../estimators/ratio.ts";
import type { Key } from "../math/random.ts";
import { normalizeInto } from "../nn/networks/normalizer.ts";
import { type BatchShape, collectStationary } from "./collection.ts";
import type { Frozen } from "./frozen.ts";
import { trueAdvantage } from "./true_advantage.ts";

/** What is to be taken from one block. */
export interface TruthPlan {
  readonly shape: BatchShape;
  /** steps beyond the ends */
  readonly tail: number;
  /** γ */
  readonly discount: number;
  /** states for the Fisher matrix: of the environments in turn, evenly spaced over the block's steps */
  readonly states: number;
}

/** One block of the reference. */
export interface TruthBlock {
  /** [parameters] */
  readonly gradient: Float32Array;
  /** [states, obs] normalised */
  readonly states: Float32Array;
  /** undiscounted returns of the episodes that ended */
  readonly returns: Float64Array;
}

/** (γ) ⇒ steps after which γ^steps, the weight of V at a cut return's end, is at most .01; 2000 where that takes more. */
export const tailOf = (discount: number): number =>
  discount < 1 ? Math.min(2000, Math.ceil(Math.log(0.01) / Math.log(discount))) : 2000;

/** (frozen, plan, key) ⇒ (block). Fails: throws SimulationError. */
export const truthBlock = (frozen: Frozen, { shape, tail, discount, states }: TruthPlan, key: Key): TruthBlock => {
  const { policy, normalizer } = frozen;
  const collected = collectStationary(frozen, shape, tail, key), { batch } = collected;
  const advantage = trueAdvantage(frozen, collected, discount);
  const signal = crossFittedSignal(batch, () => advantage, "otherHalf");
  const { observationSize: width, environments, steps } = batch, chosen = new Float32Array(states * width);
  for (let i = 0; i < states; i++) {
    const row = Math.floor((i * steps) / states) * environments + i % environments;
    chosen.set(batch.observation.subarray(row * width, (row + 1) * width), i * width);
  }
  return {
    gradient: scoreGradient(policy, normalizer, batch, signal),
    states: normalizeInto(normalizer, chosen),
    returns: batch.episodeReturns,
  };
};
