/** What `pathDerivative` differentiates, at any θ of the first step. */
import type { Batch } from "../../src/data/batch.ts";
import { mlpParameterCount } from "../../src/data/parameters.ts";
import { embed } from "../../src/imagination/embed.ts";
import type { Paths } from "../../src/imagination/path.ts";
import { evaluatePolicy } from "../../src/nn/networks/evaluated_policy.ts";
import { normalizeInto } from "../../src/nn/networks/normalizer.ts";

/** (paths, θ [parameters]) ⇒ Σᵢ weightᵢ·Ã(sᵢ, μ_θ(sᵢ) + σ_θ·ε₀ᵢ, ε₁ᵢ …); later actions are those of the world's policy. */
export const imaginedValue = (
  { world, observation, noise, latent, weight, horizon, form }: Paths,
  theta: Float32Array,
): number => {
  const { policy, normalizer } = world, std = theta.subarray(mlpParameterCount(policy.shape)).map(Math.exp);
  const { mean } = evaluatePolicy({ ...policy, theta }, normalizeInto(normalizer, observation));
  const action = mean.map((mu, i) => mu + std[i % std.length] * noise[i]), n = weight.length;
  const batch = { observation, action, steps: n, environments: 1, noise: noise.subarray(0, mean.length) } as Batch;
  const advantage = embed(world, batch, noise, horizon, form, latent)[horizon - 1];
  return advantage.reduce((sum, a, i) => sum + weight[i] * a, 0);
};
