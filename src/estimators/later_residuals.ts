/**
 * Correction of the residuals after the imagined steps: a trajectory-wise control variate.
 *
 *   A_t = Σⱼ decayʲ δ_{t+j},   decay = γλ
 *   c_m = ½ (Ã_k(s_m, μ + σ·ε_m, ε′) − Ã_k(s_m, μ − σ·ε_m, ε′))     at every real state, ε′ fresh and shared
 *   L_t = Σ_{j≥k} decayʲ c_{t+j}, to the end of the episode or of the batch
 *
 * Given s_m, ε_m is as likely as −ε_m, so that c_m has mean zero for any model: subtracting v·L_t leaves the mean of
 * ∇ log π(a_t|s_t)·A_t. The noise of the first k actions is in Ã_t itself, hence j ≥ k.
 *
 * Source: Cheng, Yan and Boots 2019, "Trajectory-wise control variates for variance reduction in policy gradient methods".
 * Departure: the expectation over the action is taken by mirroring the real noise, which is exact for what is odd in ε_m
 * and adds no noise of its own; what is even in ε_m stays. With stochastic dynamics η is inferred for either action, which
 * leaves no exact mean of zero: such estimates are declared biased.
 *
 * @module
 */
import { type Batch, batchSize } from "../data/batch.ts";
import type { ReturnForm } from "../data/gradient.ts";
import { mlpParameterCount } from "../data/parameters.ts";
import { discountedSums } from "../data/returns.ts";
import { embed } from "../imagination/embed.ts";
import { type Key, makeStream } from "../math/random.ts";
import type { EstimatorInput, EstimatorOptions } from "./estimator.ts";

/** (γ, λ, advantage) ⇒ how the real residuals decay; null where none comes after k steps. */
const decayOf = ({ advantage, discount, lambda }: EstimatorOptions): number | null => {
  switch (advantage) {
    case "monteCarlo":
      return discount;
    case "gae":
      return discount * lambda;
    case "kStep":
      return null;
  }
};

/** (batch, c [n], k, decay) ⇒ L [n] = decayᵏ Σ_{i≥0} decayⁱ c_{t+k+i} where the episode goes on for k steps, else 0. */
export const laterSums = (batch: Batch, c: Float64Array, horizon: number, decay: number): Float64Array => {
  const sums = discountedSums(batch, c, decay), { environments: n } = batch;
  return sums.map((_, i) => {
    let at = i;
    for (let j = 0; j < horizon; j++, at += n) {
      if (batch.terminated[at] || batch.truncated[at] || at + n >= sums.length) return 0;
    }
    return decay ** horizon * sums[at];
  });
};

/** (input, longest k) ⇒ (k) ⇒ L_k [n]; null where later residuals are kept. The rollouts run once, when first asked for. */
export const laterResiduals = (
  input: EstimatorInput,
  options: EstimatorOptions,
  form: ReturnForm,
  longest: number,
  key: Key,
): (horizon: number) => Float64Array | null => {
  const decay = decayOf(options);
  if (options.laterResiduals === "kept" || decay === null) return () => null;
  let controls: ReadonlyArray<Float64Array> | null = null;
  return (horizon) => {
    controls ??= mirroredControls(input, form, longest, key);
    return laterSums(input.batch, controls[horizon - 1], horizon, decay);
  };
};

/** (input) ⇒ c for each horizon up to the longest, each [n]. */
const mirroredControls = (input: EstimatorInput, form: ReturnForm, longest: number, key: Key): Float64Array[] => {
  const { batch, policy } = input, { actionSize } = batch;
  const std = policy.theta.subarray(mlpParameterCount(policy.shape)).map(Math.exp);
  const mirrored = batch.action.map((a, i) => a - 2 * std[i % actionSize] * batch.noise[i]);
  const noise = Float32Array.from({ length: longest * batchSize(batch) * actionSize }, makeStream(key).normal);
  const real = embed(input, batch, noise, longest, form);
  const mirror = embed(input, { ...batch, action: mirrored }, noise, longest, form);
  return real.map((a, k) => Float64Array.from(a, (x, i) => (x - mirror[k][i]) / 2));
};
