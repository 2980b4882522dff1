/**
 * The likelihood-ratio gradient of a Gaussian policy.
 *
 * @module
 */
import { mlpParameterCount, type PolicyParams } from "../../data/parameters.ts";
import { networkGradient } from "../passes/network_gradient.ts";

/**
 * (policy, s [n, obs] normalised, a [n, act], signal [n]) ⇒ mean ∇ log π(a|s)·signal [parameters].
 *
 *   ∂ log π/∂μ = (a − μ)/σ²,   ∂ log π/∂ log σ = ((a − μ)/σ)² − 1
 */
export const likelihoodGradient = (
  { shape, theta }: PolicyParams,
  observation: Float32Array,
  action: Float32Array,
  signal: Float32Array,
): Float32Array => {
  const n = signal.length, first = mlpParameterCount(shape), size = theta.length - first;
  const precision = Float64Array.from(theta.subarray(first), (logStd) => Math.exp(-2 * logStd));
  const logStdGradient = new Float64Array(size);
  const { gradient } = networkGradient(shape, theta, observation, (mean, row, slope) => {
    for (let i = 0, at = row * size; i < mean.length; at += size, row++) {
      const weight = signal[row] / n;
      for (let j = 0; j < size; j++, i++) {
        const distance = action[at + j] - mean[i];
        slope[i] = weight * distance * precision[j];
        logStdGradient[j] += weight * (distance * distance * precision[j] - 1);
      }
    }
    return 0;
  });
  gradient.set(logStdGradient, first);
  return gradient;
};
