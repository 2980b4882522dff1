/**
 * Random projections of scores: squared lengths in either metric without a vector of parameters per sample.
 *
 * @module
 */
import type { PolicyParams } from "../data/parameters.ts";
import { mlpParameterCount } from "../data/parameters.ts";
import { fold, type Key, makeStream } from "../math/random.ts";
import { makePolicyInference } from "../nn/inference/inference.ts";
import { likelihoodGradient } from "../nn/networks/policy_gradient.ts";
import { meanTangent } from "../nn/networks/policy_tangent.ts";
import type { FisherMetric } from "./natural.ts";

/** (policy, count, key) ⇒ directions z ~ N(0, I): the mean of (zᵀg)² is ‖g‖². */
export const euclideanDirections = ({ theta }: PolicyParams, count: number, key: Key): ReadonlyArray<Float32Array> =>
  Array.from({ length: count }, (_, i) => Float32Array.from(theta, makeStream(fold(key, i)).normal));

/**
 * (policy, metric, count, key) ⇒ y ~ N(0, F + damping), approximately: z = (F + damping)⁻¹y has the covariance
 * (F + damping)⁻¹, so that the mean of (zᵀg)² is gᵀ(F + damping)⁻¹g.
 *
 *   y = 1/√n Σᵢ ∇log π(aᵢ|sᵢ) + √damping·ζ,  aᵢ drawn anew
 */
export const fisherDraws = (
  policy: PolicyParams,
  { observation, damping }: FisherMetric,
  count: number,
  key: Key,
): ReadonlyArray<Float32Array> => {
  const { shape, theta } = policy, na = theta.length - mlpParameterCount(shape), no = shape.sizes[0];
  const n = observation.length / no, std = theta.slice(theta.length - na).map(Math.exp);
  const infer = makePolicyInference(policy, { mean: new Float32Array(no), scale: new Float32Array(no).fill(1) });
  const means = new Float64Array(n * na);
  for (let i = 0; i < n; i++) {
    infer(Float64Array.from(observation.subarray(i * no, (i + 1) * no)), means.subarray(i * na, (i + 1) * na));
  }
  const ones = new Float32Array(n).fill(1);
  return Array.from({ length: count }, (_, draw) => {
    const { normal } = makeStream(fold(key, draw));
    const action = Float32Array.from(means, (mean, i) => mean + std[i % na] * normal());
    const score = likelihoodGradient(policy, observation, action, ones);
    return score.map((g) => Math.sqrt(n) * g + Math.sqrt(damping) * normal());
  });
};

/**
 * (policy, s [S, obs] normalised, ε [S, K, act], directions [M]) ⇒ zᵀ∇log π(a|s) [S, K, M].
 *
 *   zᵀ∇log π = Σⱼ εⱼ/σⱼ·(∂μⱼ/∂θ·z) + (εⱼ² − 1)·z_{log σⱼ}
 */
export const projectScores = (
  policy: PolicyParams,
  observation: Float32Array,
  noise: Float32Array,
  directions: ReadonlyArray<Float32Array>,
): Float64Array => {
  const { shape, theta } = policy, first = mlpParameterCount(shape), na = theta.length - first;
  const states = observation.length / shape.sizes[0], rows = noise.length / na, actions = rows / states;
  const projected = new Float64Array(rows * directions.length);
  directions.forEach((z, m) => {
    const tangent = meanTangent(policy, observation, z);
    for (let row = 0; row < rows; row++) {
      const s = Math.floor(row / actions);
      let sum = 0;
      for (let j = 0; j < na; j++) {
        const epsilon = noise[row * na + j];
        sum += epsilon * Math.exp(-theta[first + j]) * tangent[s * na + j] + (epsilon ** 2 - 1) * z[first + j];
      }
      projected[row * directions.length + m] = sum;
    }
  });
  return projected;
};
