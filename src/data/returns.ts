/**
 * Advantages of real trajectories. All are weighted sums of the one-step residuals
 *
 *   δₜ = rₜ + γ·V(sₜ₊₁) − V(sₜ)     (V(sₜ₊₁) = 0 where sₜ₊₁ is terminal)
 *
 * within an episode and within the batch; an episode cut by the time limit or by the end of the batch bootstraps with V.
 *
 * @module
 */
import type { Batch } from "./batch.ts";

/** Values of a batch's observations and of their successors, not yet masked at terminal states. */
export interface BatchValues {
  /** [T, N] V(sₜ) */
  readonly value: Float32Array;
  /** [T, N] V(sₜ₊₁) */
  readonly nextValue: Float32Array;
}

/** (batch, values, γ) ⇒ δ [T, N]. */
export const temporalDifferences = (batch: Batch, values: BatchValues, discount: number): Float64Array =>
  Float64Array.from(
    batch.reward,
    (r, i) => r + (batch.terminated[i] ? 0 : discount * values.nextValue[i]) - values.value[i],
  );

/** (batch, δ, decay) ⇒ Σᵢ decayⁱ·δₜ₊ᵢ to the end of the episode or of the batch, [T, N]. */
export const discountedSums = (batch: Batch, delta: Float64Array, decay: number): Float64Array => {
  const { environments: n } = batch;
  const sums = new Float64Array(delta.length);
  for (let i = delta.length - 1; i >= 0; i--) {
    const ends = batch.terminated[i] || batch.truncated[i] || i + n >= delta.length;
    sums[i] = delta[i] + (ends ? 0 : decay * sums[i + n]);
  }
  return sums;
};

/**
 * Generalised advantage Âₜ = Σᵢ (γλ)ⁱ δₜ₊ᵢ; λ = 1 is the Monte-Carlo return minus V(sₜ).
 * Source: Schulman et al. 2016, eq. 16.
 */
export const generalisedAdvantage = (
  batch: Batch,
  values: BatchValues,
  { discount, lambda }: { readonly discount: number; readonly lambda: number },
): Float64Array => discountedSums(batch, temporalDifferences(batch, values, discount), discount * lambda);

/**
 * (batch, γ) ⇒ weight of V in the Monte-Carlo return of every transition [T, N]: γ^(steps to where the time limit or the
 * end of the batch cuts it), 0 where it ends in a terminal state.
 */
export const bootstrapWeights = (batch: Batch, discount: number): Float64Array => {
  const { environments: n, terminated, truncated } = batch, weight = new Float64Array(terminated.length);
  for (let i = weight.length - 1; i >= 0; i--) {
    const cut = truncated[i] || i + n >= weight.length;
    weight[i] = terminated[i] ? 0 : discount * (cut ? 1 : weight[i + n]);
  }
  return weight;
};

/** k-step advantage Q^π_k − V = Σ_{i<k} γⁱ δₜ₊ᵢ. Source: MSCV eq. 1 on the real trajectory. */
export const kStepAdvantage = (
  batch: Batch,
  values: BatchValues,
  { discount, horizon }: { readonly discount: number; readonly horizon: number },
): Float64Array => {
  const delta = temporalDifferences(batch, values, discount);
  const { environments: n } = batch;
  return delta.map((_, i) => {
    let sum = 0, weight = 1;
    for (let j = i, steps = 0; steps < horizon && j < delta.length; j += n, steps++) {
      sum += weight * delta[j];
      weight *= discount;
      if (batch.terminated[j] || batch.truncated[j]) break;
    }
    return sum;
  });
};

/**
 * V-trace targets vₜ = V(sₜ) + ρₜδₜ + γ·λ·cₜ·(vₜ₊₁ − V(sₜ₊₁)) with ρ = c = min(1, π/π_old).
 * Source: Espeholt et al. 2018, eq. 1, with the λ of its remark 2.
 *
 * @param ratio  [T, N] π(a|s) / π_old(a|s), unclipped
 */
export const vtraceTargets = (
  batch: Batch,
  values: BatchValues,
  ratio: Float32Array,
  { discount, lambda }: { readonly discount: number; readonly lambda: number },
): Float32Array => {
  const delta = temporalDifferences(batch, values, discount);
  const { environments: n } = batch;
  const correction = new Float64Array(delta.length);
  for (let i = delta.length - 1; i >= 0; i--) {
    const clipped = Math.min(1, ratio[i]);
    const ends = batch.terminated[i] || batch.truncated[i] || i + n >= delta.length;
    correction[i] = clipped * (delta[i] + (ends ? 0 : discount * lambda * correction[i + n]));
  }
  return Float32Array.from(correction, (c, i) => values.value[i] + c);
};
