/**
 * Advantages that real physics decides to the end: the truth, and what a perfect model would imagine.
 *
 * @module
 */
import { type Batch, batchSize } from "../data/batch.ts";
import type { ReturnForm } from "../data/gradient.ts";
import { type BatchValues, generalisedAdvantage, temporalDifferences } from "../data/returns.ts";
import { batchValues } from "../estimators/real_advantage.ts";
import { normalizeInto } from "../nn/networks/normalizer.ts";
import { predictValue } from "../nn/networks/value.ts";
import type { Continuation } from "../rollout/continuation.ts";
import type { Collected } from "./collection.ts";
import type { Frozen } from "./frozen.ts";

type Judges = Pick<Frozen, "value" | "normalizer">;

/** (continuation) ⇒ V of its states [length + 1]; 0 where terminal. */
export const continuationValues = ({ value, normalizer }: Judges, continuation: Continuation): Float32Array => {
  const values = predictValue(value.first.network, normalizeInto(normalizer, continuation.observation)).slice();
  if (continuation.terminated) values[continuation.length] = 0;
  return values;
};

/** (continuation, V) ⇒ δ [length]. */
export const continuationDeltas = (continuation: Continuation, values: Float32Array, discount: number): Float64Array =>
  Float64Array.from(continuation.reward, (r, i) => r + discount * values[i + 1] - values[i]);

/** (V, batch) ⇒ V(sₜ) and V(sₜ₊₁) [T, N]. */
const frozenValues = ({ value, normalizer }: Judges, batch: Batch): BatchValues =>
  batchValues(batch, normalizeInto(normalizer, batch.observation), value.first.network, normalizer);

/**
 * (collected, V, γ) ⇒ A [T, N]: Monte-Carlo returns minus V. Where the time limit or the end of the batch cuts a return off,
 * it goes on in the physics without a limit, instead of trusting V; V bootstraps the ends of the continuations alone,
 * where γ^tail has made it small.
 */
export const trueAdvantage = (frozen: Judges, { batch, ends }: Collected, discount: number): Float64Array => {
  const values = frozenValues(frozen, batch);
  const nextValue = values.nextValue.slice();
  for (const [row, end] of ends) {
    let total = continuationValues(frozen, end)[end.length];
    for (let i = end.length - 1; i >= 1; i--) total = end.reward[i] + discount * total;
    nextValue[row] = total;
  }
  return generalisedAdvantage(batch, { ...values, nextValue }, { discount, lambda: 1 });
};

/**
 * (collected, V, form, k) ⇒ Ã_k [T, N] of a perfect model: the real trajectory's own residuals over k steps, and beyond
 * its ends those of its continuation.
 *
 *   kStep: Σ_{i<k} γⁱ δₜ₊ᵢ;  lambdaWeighted: Σ_{i<k} (γλ)ⁱ δₜ₊ᵢ
 */
export const perfectAdvantage = (
  frozen: Judges,
  { batch, ends }: Collected,
  form: Pick<ReturnForm, "discount" | "lambda" | "weighting">,
  horizon: number,
): Float64Array => {
  const { discount } = form, decay = form.weighting === "kStep" ? discount : discount * form.lambda;
  const delta = temporalDifferences(
    batch,
    frozenValues(frozen, batch),
    discount,
  );
  const beyond = new Map([...ends].map(([row, end]) => {
    return [row, continuationDeltas(end, continuationValues(frozen, end), discount)] as const;
  }));
  return Float64Array.from({ length: batchSize(batch) }, (_, start) => {
    let sum = 0, weight = 1;
    for (let row = start, i = 0; i < horizon; row += batch.environments, i++, weight *= decay) {
      const end = beyond.get(row);
      if (end === undefined) {
        sum += weight * delta[row];
        if (batch.terminated[row]) break;
        continue;
      }
      for (let j = 0; j < end.length && i < horizon; j++, i++, weight *= decay) sum += weight * end[j];
      break;
    }
    return sum;
  });
};
