/**
 * Correction of later residuals: a trajectory-wise control variate.
 *
 *   A_t = Σⱼ decayʲ δ_{t+j},   decay = γλ
 *   c_i = ½ (Ã_m(s_i, μ + σ·ε_i, ε_{i+1} …) − Ã_m(s_i, μ − σ·ε_i, ε_{i+1} …))     at every real state
 *   near_t = Σ_{1≤j<k} decayʲ c_{t+j},   far_t = Σ_{j≥k} decayʲ c_{t+j}, to the end of the episode or of the batch
 *
 * Given s_i and the later noise, ε_i is as likely as −ε_i, so that c_i has mean zero for any model: subtracting any share of
 * near and far leaves the mean of ∇ log π(a_t|s_t)·A_t. Ã_k of t holds the model's own version of near, of which w·Ã_k
 * removes the share w; where w is small, near does the rest. With m = 1 no error of the model is ever compounded.
 *
 * Source: Cheng, Yan and Boots 2019, "Trajectory-wise control variates for variance reduction in policy gradient methods".
 * Departure: the expectation over the action is taken by mirroring the real noise, which is exact for what is odd in ε_i
 * and adds no noise of its own; what is even in ε_i stays. With stochastic dynamics η is inferred for either action, which
 * leaves no exact mean of zero: such estimates are declared biased.
 *
 * @module
 */
import type { Batch } from "../data/batch.ts";
import type { ReturnForm } from "../data/gradient.ts";
import { discountedSums } from "../data/returns.ts";
import { embed } from "../imagination/embed.ts";
import { cut } from "./bound.ts";
import type { FoldInput } from "./estimator.ts";
import type { AdvantageOptions, LaterResidualsOptions } from "./option_groups.ts";
import { displaced } from "./mirrored_pairs.ts";

/** What the model says of later actions. */
export interface Later {
  /** [n] of those within the imagined steps */
  readonly near: Float64Array;
  /** [n] of those after them */
  readonly far: Float64Array;
}

/** (γ, λ, advantage) ⇒ how the real residuals decay; null for kStep, which holds none beyond the imagined steps. */
const decayOf = ({ advantage, discount, lambda }: AdvantageOptions): number | null => {
  switch (advantage) {
    case "monteCarlo":
      return discount;
    case "gae":
      return discount * lambda;
    case "kStep":
      return null;
  }
};

/** (batch, c [n], k, decay) ⇒ (near, far), k ≥ 1. Each is summed by itself: with k = 1 near is 0, not what rounding leaves. */
export const laterSums = (batch: Batch, c: Float64Array, horizon: number, decay: number): Later => {
  const sums = discountedSums(batch, c, decay), { environments: n } = batch;
  const near = new Float64Array(c.length), far = new Float64Array(c.length);
  const ends = (i: number) => batch.terminated[i] || batch.truncated[i] || i + n >= c.length;
  for (let i = 0; i < c.length; i++) {
    let at = i, weight = 1, steps = 0;
    while (steps < horizon && !ends(at)) {
      at += n;
      steps++;
      weight *= decay;
      if (steps < horizon) near[i] += weight * c[at];
      else far[i] = weight * sums[at];
    }
  }
  return { near, far };
};

/** What the model says of the action at every state and of its mirror image, and how much it counts for an action before. */
export interface LaterPairs {
  /** [n] Ã_m of μ + σ·ε */
  readonly real: ArrayLike<number>;
  /** [n] Ã_m of μ − σ·ε */
  readonly mirror: ArrayLike<number>;
  /** decay of the real residuals */
  readonly decay: number;
}

/** (one fold's input, options, form of the return, Ã₁, Ã₂ … of the real actions, their noise) ⇒ (pairs); null where later residuals are kept. */
export const laterPairs = (
  own: FoldInput<"value" | "model">,
  options: AdvantageOptions & LaterResidualsOptions,
  form: ReturnForm,
  imagined: ReadonlyArray<ArrayLike<number>>,
  noise: Float32Array,
): LaterPairs | null => {
  const decay = decayOf(options), { laterHorizon: m } = options;
  if (options.laterResiduals === "kept" || decay === null) return null;
  const mirror = embed(own, displaced(own, own.batch.noise, -1), noise, m, form)[m - 1];
  return { real: imagined[m - 1], mirror, decay };
};

/** (batch, pairs, k, largest |Ã|) ⇒ (near, far), k ≥ 1. */
export const laterOf = (batch: Batch, { real, mirror, decay }: LaterPairs, horizon: number, bound: number): Later => {
  const c = Float64Array.from(real, (x, i) => (cut(x, bound) - cut(mirror[i], bound)) / 2);
  return laterSums(batch, c, horizon, decay);
};
