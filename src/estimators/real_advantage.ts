/**
 * The real advantage A of every transition of a batch.
 *
 * @module
 */
import { type Batch, batchSize } from "../data/batch.ts";
import type { Normalizer, ValueParams } from "../data/parameters.ts";
import { type BatchValues, generalisedAdvantage, kStepAdvantage } from "../data/returns.ts";
import { normalizeInto } from "../nn/networks/normalizer.ts";
import { predictValue } from "../nn/networks/value.ts";
import { halfOf } from "../data/halves.ts";
import type { EstimatorInput, FoldInput } from "./estimator.ts";
import { byFold } from "./cross_fitting.ts";
import type { AdvantageForm } from "./option_groups.ts";

/** Whether row i of x equals row j of y, bit for bit but for the sign of zero. */
const sameRow = (x: Float32Array, i: number, y: Float32Array, j: number, width: number): boolean => {
  for (let k = 0, a = i * width, b = j * width; k < width; k++, a++, b++) if (x[a] !== y[b]) return false;
  return true;
};

/** (batch, its observations normalised, value, normalizer) ⇒ V(sₜ), V(sₜ₊₁) [T, N]; a state that two share is evaluated once. */
export const batchValues = (
  batch: Batch,
  normalized: Float32Array,
  params: ValueParams,
  normalizer: Normalizer,
): BatchValues => {
  const { observation, nextObservation, observationSize: width, environments } = batch, n = batchSize(batch);
  const value = predictValue(params, normalized), nextValue = new Float32Array(n);
  const others: number[] = []; // ends of episodes and of the batch
  for (let i = 0, next = environments; i < n; i++, next++) {
    if (next < n && sameRow(nextObservation, i, observation, next, width)) nextValue[i] = value[next];
    else others.push(i);
  }
  const ends = new Float32Array(others.length * width);
  others.forEach((i, j) => ends.set(nextObservation.subarray(i * width, (i + 1) * width), j * width));
  predictValue(params, normalizeInto(normalizer, ends)).forEach((v, j) => nextValue[others[j]] = v);
  return { value, nextValue };
};

/** (one fold's input, the batch's observations normalised, form) ⇒ A [T, N] by that fold's V. */
export const foldAdvantage = (
  { batch, value, normalizer }: FoldInput<"value">,
  observation: Float32Array,
  { advantage, discount, lambda, advantageSteps }: AdvantageForm,
): Float64Array => {
  const values = batchValues(batch, observation, value, normalizer);
  switch (advantage) {
    case "monteCarlo":
      return generalisedAdvantage(batch, values, { discount, lambda: 1 });
    case "gae":
      return generalisedAdvantage(batch, values, { discount, lambda });
    case "kStep":
      return kStepAdvantage(batch, values, { discount, horizon: advantageSteps });
  }
};

/** (input, form) ⇒ A [T, N], that of each transition by the V that corrects its half of the batch. */
export const realAdvantage = (input: EstimatorInput<"value">, form: AdvantageForm): Float64Array => {
  const observation = normalizeInto(input.normalizer, input.batch.observation), which = halfOf(input.batch);
  const advantages = byFold(input, (own) => foldAdvantage(own, observation, form));
  return advantages[0].map((_, i) => advantages[which(i)][i]);
};
