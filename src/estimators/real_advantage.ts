/**
 * The real advantage A of every transition of a batch.
 *
 * @module
 */
import { type BatchValues, generalisedAdvantage, kStepAdvantage } from "../data/returns.ts";
import { normalizeInto } from "../nn/normalizer.ts";
import { predictValue } from "../nn/value.ts";
import type { EstimatorInput, EstimatorOptions } from "./estimator.ts";

/** (batch, value) ⇒ V(sₜ) and V(sₜ₊₁), [T, N]. */
export const batchValues = (
  { batch, value, normalizer }: Pick<EstimatorInput, "batch" | "value" | "normalizer">,
): BatchValues => ({
  value: predictValue(value, normalizeInto(normalizer, batch.observation)),
  nextValue: predictValue(value, normalizeInto(normalizer, batch.nextObservation)),
});

/** (input, options) ⇒ A [T, N]. */
export const realAdvantage = (
  input: EstimatorInput,
  { advantage, discount, lambda, horizon, maxHorizon }: EstimatorOptions,
): Float64Array => {
  const values = batchValues(input);
  switch (advantage) {
    case "monteCarlo":
      return generalisedAdvantage(input.batch, values, { discount, lambda: 1 });
    case "gae":
      return generalisedAdvantage(input.batch, values, { discount, lambda });
    case "kStep":
      return kStepAdvantage(input.batch, values, { discount, horizon: horizon === "dynamic" ? maxHorizon : horizon });
  }
};
