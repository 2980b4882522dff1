/**
 * Baselines beside V: what is subtracted from the residual, from samples that it does not correct.
 *
 * @module
 */
import { type Batch, batchSize, elapsedSteps } from "../data/batch.ts";
import { fitLeastSquares } from "../math/least_squares.ts";
import { mean } from "../math/statistics.ts";
import type { AdvantageOptions, BaselineOptions } from "./option_groups.ts";

/** (residual [n], which samples may decide) ⇒ (i) ⇒ baseline of sample i. */
export type Baseline = (residual: Float64Array, where: (i: number) => boolean) => (i: number) => number;

/** The mean. */
export const constantBaseline: Baseline = (residual, where) => {
  const level = mean(residual, where);
  return () => level;
};

/**
 * V(s) + b(t): linear in the time since the reset, t, e^{−t/10}, e^{−t/100}, t and t² in thousands of steps, and in
 * 1 − decayʳ with r steps left in the batch, the shape of what a constant error of V adds up to over them. The action
 * decides none of these. Source: the horizon-aware value functions of Tucker et al. 2018. Departure: those are one network
 * V(s, t), or V(s) scaled by what is left of the horizon; here a correction b(t) is added, the same in every state.
 */
const horizonAware = (batch: Batch, decay: number): Baseline => {
  const elapsed = elapsedSteps(batch), n = batchSize(batch);
  const left = (i: number) => batch.steps - Math.floor(i / batch.environments);
  const of = (feature: (t: number, i: number) => number) => Float64Array.from(elapsed, feature);
  const features = n === 0 ? [] : [
    of((t) => Math.exp(-t / 10)),
    of((t) => Math.exp(-t / 100)),
    of((t) => t / 1000),
    of((t) => (t / 1000) ** 2),
    of((_, i) => 1 - decay ** left(i)),
  ];
  return (residual, where) => fitLeastSquares(features, residual, where, LEAST_DEVIATION);
};

const LEAST_DEVIATION = 0.02; // of features within [0, 1]: e^{−t/10} says nothing in a half that holds no episode's begin

/** (batch, options) ⇒ (baseline). */
export const makeBaseline = (
  batch: Batch,
  { baseline, advantage, discount, lambda }: BaselineOptions & AdvantageOptions,
): Baseline =>
  baseline === "constant" ? constantBaseline : horizonAware(batch, advantage === "gae" ? discount * lambda : discount);
