/**
 * Bias and variance of an estimator, each without bias, from m independent estimates g₁ … g_m and R independent estimates
 * r₁ … r_R of the true gradient r.
 *
 *   variance = 1/(m−1) Σ ‖gᵢ − ḡ‖²                            trace of the covariance of one estimate
 *   bias²    = ‖ḡ − r̄‖² − variance/m − Var(r)/R               mean ‖E g − r‖²; may be negative
 *   signal   = ‖ḡ‖² − variance/m                              ‖E g‖²; that of the truth likewise
 *   cosine   = mean ⟨r̄, gᵢ⟩/‖gᵢ‖ / ‖r‖                        share of the steepest ascent that a step along gᵢ gets
 *
 * The cosine is, to second order, the product of what bias leaves of it and of what variance leaves of it:
 *
 *   direction = ⟨r̄, ḡ⟩ / ‖r‖‖E g‖                             1 for an unbiased estimator
 *   coherence = √(signal / (signal + variance))                1 without noise
 *
 * Noise is subtracted from every square, so that a short reference pulls no cosine to zero.
 *
 * @module
 */
import { bilinear, type Gram, gram, type Metric, type SolvedEstimate } from "./gram.ts";

/** Inner products of one estimator's estimates and those of the truth, in one metric. */
export interface Products {
  readonly own: Gram; // [m, m]
  readonly cross: Gram; // [m, R]
  readonly truth: Gram; // [R, R]
}

/** (estimates [m], truth [R], metric) ⇒ (products). */
export const productsOf = (
  estimates: ReadonlyArray<SolvedEstimate>,
  truth: ReadonlyArray<SolvedEstimate>,
  metric: Metric,
): Products => ({
  own: gram(estimates, estimates, metric),
  cross: gram(estimates, truth, metric),
  truth: gram(truth, truth, metric),
});

/** Moments in one metric. */
export interface BiasVariance {
  /** ‖E g − r‖², without bias: may be negative */
  readonly biasSquared: number;
  /** trace of the covariance of one estimate */
  readonly variance: number;
  /** ‖E g‖², without bias */
  readonly signal: number;
  /** mean cosine of an estimate and the truth */
  readonly cosine: number;
  /** cosine of E g and the truth: what bias leaves */
  readonly direction: number;
  /** cosine of an estimate and E g, in the root mean square: what variance leaves */
  readonly coherence: number;
  /** mean cosine of an estimate and the mean of the others: the same without the truth */
  readonly selfCosine: number;
  /** mean ⟨r̄, gᵢ⟩/‖gᵢ‖: first-order gain of a step of unit length along the estimate */
  readonly improvement: number;
}

interface Square {
  readonly meanSquare: number; // mean ‖gᵢ‖²
  readonly variance: number;
  readonly signal: number; // ‖E g‖²
}

const squareOf = (own: Gram, weight: Float64Array): Square => {
  const n = own.rows;
  let meanSquare = 0;
  for (let i = 0; i < n; i++) meanSquare += weight[i] * own.values[i * n + i] / n;
  const squaredMean = bilinear(own, weight, weight) / n ** 2;
  const variance = (meanSquare - squaredMean) * n / (n - 1);
  return { meanSquare, variance, signal: squaredMean - variance / n };
};

/** (gram, weights, ‖E g‖²) ⇒ mean over i of ⟨mean of the others, gᵢ⟩/‖gᵢ‖‖E g‖. */
const selfCosineOf = ({ rows: n, values }: Gram, weight: Float64Array, signal: number): number => {
  let total = 0;
  for (let i = 0; i < n; i++) {
    if (weight[i] === 0) continue;
    let sum = 0;
    for (let j = 0; j < n; j++) if (j !== i) sum += weight[j] * values[i * n + j];
    total += weight[i] * sum / ((n - weight[i]) * Math.sqrt(values[i * n + i]));
  }
  return total / (n * Math.sqrt(signal));
};

/** (m) ⇒ every unit once. */
export const once = (count: number): Float64Array => new Float64Array(count).fill(1);

/** (products, how often each estimate counts, how often each of the truth) ⇒ (moments). */
export const biasVariance = (
  { own, cross, truth }: Products,
  weight: Float64Array = once(own.rows),
  truthWeight: Float64Array = once(truth.rows),
): BiasVariance => {
  const { variance, signal } = squareOf(own, weight), { signal: trueSignal } = squareOf(truth, truthWeight);
  const overlap = bilinear(cross, weight, truthWeight) / (own.rows * truth.rows);
  const scaled = weight.map((w, i) => w / Math.sqrt(own.values[i * own.rows + i]));
  const improvement = bilinear(cross, scaled, truthWeight) / (own.rows * truth.rows);
  return {
    biasSquared: signal - 2 * overlap + trueSignal,
    variance,
    signal,
    cosine: improvement / Math.sqrt(trueSignal),
    direction: overlap / Math.sqrt(trueSignal * signal),
    coherence: Math.sqrt(signal / (signal + variance)),
    selfCosine: selfCosineOf(own, weight, signal),
    improvement,
  };
};
