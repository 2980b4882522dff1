/** Surrogates of imagined rollouts: functions of θ of the first step, and their derivatives by `rollPath`. */
import type { Batch } from "../../src/data/batch.ts";
import { mlpParameterCount } from "../../src/data/parameters.ts";
import { embed } from "../../src/imagination/embed.ts";
import { linearGradient } from "../../src/estimators/linear.ts";
import { type Paths, rollPath } from "../../src/imagination/path.ts";
import { evaluatePolicy } from "../../src/nn/networks/evaluated_policy.ts";
import { normalizeInto } from "../../src/nn/networks/normalizer.ts";

/** Rollouts with a weight for each start. */
export interface WeightedPaths extends Paths {
  /** [n] */
  readonly weight: Float32Array;
}

/** Derivatives of `imaginedValue` at the θ of its world's policy. */
export interface PathDerivative {
  /** [parameters] */
  readonly gradient: Float32Array;
  /** [n, act] by the first action: weightᵢ·∂Ãᵢ/∂aᵢ */
  readonly slope: Float32Array;
}

/** (paths) ⇒ (derivatives). */
export const pathDerivative = (paths: WeightedPaths): PathDerivative => {
  const { world: { policy, normalizer }, weight, noise } = paths,
    { slope: of } = rollPath(paths),
    size = of.length / weight.length;
  const std = policy.theta.subarray(mlpParameterCount(policy.shape)).map(Math.exp),
    logStd = new Float32Array(std.length);
  const slope = of.map((x, i) => weight[Math.floor(i / size)] * x);
  slope.forEach((x, i) => logStd[i % std.length] += x * std[i % std.length] * noise[i]);
  const observation = normalizeInto(normalizer, paths.observation);
  return { gradient: linearGradient({ kind: "linear", observation, slope, logStd }, policy), slope };
};

/** (paths, θ [parameters]) ⇒ Σᵢ weightᵢ·Ã(sᵢ, μ_θ(sᵢ) + σ_θ·ε₀ᵢ, ε₁ᵢ …); later actions are those of the world's policy. */
export const imaginedValue = (
  { world, observation, noise, latent, weight, horizon, form }: WeightedPaths,
  theta: Float32Array,
): number => {
  const { policy, normalizer } = world, std = theta.subarray(mlpParameterCount(policy.shape)).map(Math.exp);
  const { mean } = evaluatePolicy({ ...policy, theta }, normalizeInto(normalizer, observation));
  const action = mean.map((mu, i) => mu + std[i % std.length] * noise[i]), n = weight.length;
  const batch = { observation, action, steps: n, environments: 1, noise: noise.subarray(0, mean.length) } as Batch;
  const advantage = embed(world, batch, noise, horizon, form, latent)[horizon - 1];
  return advantage.reduce((sum, a, i) => sum + weight[i] * a, 0);
};
