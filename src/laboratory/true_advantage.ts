/**
 * Advantages that real physics decides to the end: the truth, and what a perfect model would imagine.
 *
 * @module
 */
import { type Batch, batchSize } from "../data/batch.ts";
import { foldOf } from "../data/folds.ts";
import type { ReturnForm } from "../data/gradient.ts";
import { type Half, halfOf } from "../data/halves.ts";
import type { Normalizer, ValueParams } from "../data/parameters.ts";
import { type BatchValues, generalisedAdvantage, temporalDifferences } from "../data/returns.ts";
import { batchValues } from "../estimators/real_advantage.ts";
import { normalizeInto } from "../nn/networks/normalizer.ts";
import { predictValue } from "../nn/networks/value.ts";
import type { Continuation } from "../rollout/continuation.ts";
import type { Collected } from "./collection.ts";
import type { Frozen } from "./frozen.ts";

/** Who judges states. */
interface Judge {
  readonly value: ValueParams;
  readonly normalizer: Normalizer;
}

/** (frozen, half) ⇒ the V that corrects this half of a batch. */
export const judgeOf = ({ value, normalizer }: Pick<Frozen, "value" | "normalizer">, half: Half): Judge => ({
  value: foldOf(value, half).network,
  normalizer,
});

/** (V, continuation) ⇒ V of its states [length + 1]; 0 where terminal. */
export const continuationValues = ({ value, normalizer }: Judge, continuation: Continuation): Float32Array => {
  const values = predictValue(value, normalizeInto(normalizer, continuation.observation)).slice();
  if (continuation.terminated) values[continuation.length] = 0;
  return values;
};

/** (continuation, V) ⇒ δ [length]. */
export const continuationDeltas = (continuation: Continuation, values: Float32Array, discount: number): Float64Array =>
  Float64Array.from(continuation.reward, (r, i) => r + discount * values[i + 1] - values[i]);

/** (V, batch) ⇒ V(sₜ) and V(sₜ₊₁) [T, N]. */
const valuesBy = ({ value, normalizer }: Judge, batch: Batch): BatchValues =>
  batchValues(batch, normalizeInto(normalizer, batch.observation), value, normalizer);

/**
 * (collected, V, γ) ⇒ A [T, N]: Monte-Carlo returns minus V. Where the time limit or the end of the batch cuts a return off,
 * it goes on in the physics without a limit, instead of trusting V; V bootstraps the ends of the continuations alone,
 * where γ^tail has made it small.
 */
export const trueAdvantage = (
  frozen: Pick<Frozen, "value" | "normalizer">,
  { batch, ends }: Collected,
  discount: number,
): Float64Array => {
  const judge = judgeOf(frozen, 0), values = valuesBy(judge, batch); // either V: what it says is a baseline
  const nextValue = values.nextValue.slice();
  for (const [row, end] of ends) {
    let total = continuationValues(judge, end)[end.length];
    for (let i = end.length - 1; i >= 1; i--) total = end.reward[i] + discount * total;
    nextValue[row] = total;
  }
  return generalisedAdvantage(batch, { ...values, nextValue }, { discount, lambda: 1 });
};

type PerfectForm = Pick<ReturnForm, "discount" | "lambda" | "weighting">;

const perfectBy = (judge: Judge, { batch, ends }: Collected, form: PerfectForm, horizon: number): Float64Array => {
  const { discount } = form, decay = form.weighting === "kStep" ? discount : discount * form.lambda;
  const delta = temporalDifferences(batch, valuesBy(judge, batch), discount);
  const beyond = new Map([...ends].map(([row, end]) => {
    return [row, continuationDeltas(end, continuationValues(judge, end), discount)] as const;
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

/**
 * (collected, V, form, k) ⇒ Ã_k [T, N] of a perfect model: the real trajectory's own residuals over k steps, and beyond
 * its ends those of its continuation, by the V that corrects the row's half.
 *
 *   kStep: Σ_{i<k} γⁱ δₜ₊ᵢ;  lambdaWeighted: Σ_{i<k} (γλ)ⁱ δₜ₊ᵢ
 */
export const perfectAdvantage = (
  frozen: Pick<Frozen, "value" | "normalizer">,
  collected: Collected,
  form: PerfectForm,
  horizon: number,
): Float64Array => {
  const of = (half: Half) => perfectBy(judgeOf(frozen, half), collected, form, horizon), first = of(0);
  if (frozen.value.second === undefined) return first;
  const second = of(1), which = halfOf(collected.batch);
  return first.map((x, i) => (which(i) === 0 ? x : second[i]));
};
