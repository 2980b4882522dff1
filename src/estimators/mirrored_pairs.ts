/**
 * G2 by likelihood ratio in imagination, over antithetic pairs of first actions.
 *
 *   Ã± = Ã_k(s, μ ± σ·ε, ε_{t+1} …)      ε fresh, the later noise that of the embedded trajectory
 *   ∂/∂μ E[Ã] = E[½ (Ã₊ − Ã₋)·ε/σ],      ∂/∂log σ E[Ã] = E[(½ (Ã₊ + Ã₋) − Ã_k(s, a_t, ε_{t+1} …))·(ε² − 1)]
 *
 * Errors common to both of the antithetic pair, by a wrong V(s) or by the later noise, cancel in the first. In the second
 * they cancel all but for chance, against the real action's own Ã_k, which is independent of ε. No derivative of the model
 * takes part: a path derivative is a product of k Jacobians, whose noise grows with k; a difference over ± σ does not. Exact
 * for hard terminations, too.
 *
 * Several pairs a state take orthogonal directions (`directions.ts`).
 *
 * Source: antithetic variates (e.g. Glasserman 2003, section 4.2) for the score function of the first action.
 *
 * @module
 */
import type { Batch } from "../data/batch.ts";
import type { ReturnForm } from "../data/gradient.ts";
import type { PolicyParams } from "../data/parameters.ts";
import { embed } from "../imagination/embed.ts";
import { latentSize } from "../imagination/world.ts";
import { fold, type Key, makeStream } from "../math/random.ts";
import { cut } from "./bound.ts";
import type { FoldInput } from "./estimator.ts";
import { makeOrthogonal } from "./directions.ts";
import { deviations, type OutputSlopes } from "./output_slopes.ts";

/** (input, ε [n, act], sign) ⇒ the batch with actions μ(s) + sign·σ·ε in place of its own. */
export const displaced = (
  { batch, policy }: FoldInput<"value" | "model">,
  noise: Float32Array,
  sign: 1 | -1,
): Batch => {
  const std = deviations(policy), size = std.length;
  return { ...batch, action: batch.action.map((a, i) => a + std[i % size] * (sign * noise[i] - batch.noise[i])) };
};

/** What the rollouts after the first action are imagined with. */
export interface LaterSteps {
  /** [≥ k, n, act] ε of the embedded trajectory */
  readonly noise: Float32Array;
  /** How imagined rewards add up. */
  readonly form: ReturnForm;
}

/** Imagined rollouts after actions to either side of the mean. */
export interface MirroredPair {
  /** [n, act] ε of the first action */
  readonly noise: Float32Array;
  /** [n] Ã_k of μ + σ·ε */
  readonly plus: Float32Array;
  /** [n] Ã_k of μ − σ·ε */
  readonly minus: Float32Array;
}

/** (input with the networks in use, what follows, k, pairs a row, key) ⇒ (pairs). */
export const rollPairs = (
  input: FoldInput<"value" | "model">,
  { noise: later, form }: LaterSteps,
  horizon: number,
  pairs: number,
  key: Key,
): ReadonlyArray<MirroredPair> => {
  const { batch: { noise: { length } }, policy, model } = input, size = deviations(policy).length;
  const width = latentSize(model); // η drawn anew: the real one was inferred for another action
  const streams = Array.from({ length: pairs }, (_, pair) => makeStream(fold(key, pair)));
  const directions = streams.map(({ normal }) => Float32Array.from({ length }, normal));
  makeOrthogonal(directions, size);
  return directions.map((noise, pair) => {
    const { normal } = streams[pair];
    const latent = width === 0 ? undefined : Float32Array.from({ length: horizon * length / size * width }, normal);
    const [plus, minus] = ([1, -1] as const).map((sign) =>
      embed(input, displaced(input, noise, sign), later, horizon, form, latent)[horizon - 1]
    );
    return { noise, plus, minus };
  });
};

/** (policy, pairs, Ã_k of the real actions [n], largest |Ã|) ⇒ (slopes). */
export const pairSlopes = (
  policy: PolicyParams,
  pairs: ReadonlyArray<MirroredPair>,
  real: ArrayLike<number>,
  bound: number,
): OutputSlopes => {
  const std = deviations(policy), size = std.length, count = pairs.length;
  const mean = new Float32Array(real.length * size), logStd = new Float32Array(mean.length);
  for (const { noise, plus, minus } of pairs) {
    for (let i = 0; i < mean.length; i++) {
      const row = Math.floor(i / size), above = cut(plus[row], bound), below = cut(minus[row], bound);
      const odd = (above - below) / 2, even = (above + below) / 2;
      mean[i] += odd * noise[i] / (std[i % size] * count);
      logStd[i] += (even - cut(real[row], bound)) * (noise[i] ** 2 - 1) / count;
    }
  }
  return { mean, logStd };
};
