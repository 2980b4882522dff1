/**
 * G2 by likelihood ratio in imagination, over antithetic pairs of first actions.
 *
 *   Ã± = Ã_k(s, μ ± σ·ε, ε_{t+1} …)      ε fresh, the later noise that of the embedded trajectory
 *   ∂/∂μ E[Ã] = E[½ (Ã₊ − Ã₋)·ε/σ],      ∂/∂log σ E[Ã] = E[(½ (Ã₊ + Ã₋) − Ã_k(s, a_t, ε_{t+1} …))·(ε² − 1)]
 *
 * Errors common to both of the antithetic pair, by a wrong V(s) or by the later noise, cancel in the first. In the second
 * they cancel all but for chance, against the real action's own Ã_k, which is independent of ε. No derivative of the model takes part: a path derivative is a
 * product of k Jacobians, whose noise grows with k; a difference over ± σ does not. Exact for hard terminations, too.
 *
 * Several pairs a state take orthogonal directions (`directions.ts`).
 *
 * Source: antithetic variates (e.g. Glasserman 2003, section 4.2) for the score function of the first action.
 *
 * @module
 */
import type { Batch } from "../data/batch.ts";
import type { ReturnForm } from "../data/gradient.ts";
import { embed } from "../imagination/embed.ts";
import { latentSize } from "../imagination/world.ts";
import { fold, type Key, makeStream } from "../math/random.ts";
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

/** What the real action's rollouts were imagined with, and what they gave. */
export interface Embedded {
  /** [≥ k, n, act] */
  readonly noise: Float32Array;
  /** Ã₁, Ã₂, …, each [n] */
  readonly imagined: ReadonlyArray<ArrayLike<number>>;
  /** How imagined rewards add up. */
  readonly form: ReturnForm;
}

/** (input with the networks in use, embedded trajectories, k, pairs a row, key) ⇒ (slopes). */
export const mirroredSlopes = (
  input: FoldInput<"value" | "model">,
  { noise: later, imagined, form }: Embedded,
  horizon: number,
  pairs: number,
  key: Key,
): OutputSlopes => {
  const std = deviations(input.policy), size = std.length, real = imagined[horizon - 1];
  const width = latentSize(input.model); // η drawn anew: the real one was inferred for another action
  const mean = new Float32Array(input.batch.noise.length), logStd = new Float32Array(mean.length);
  const streams = Array.from({ length: pairs }, (_, pair) => makeStream(fold(key, pair)));
  const directions = streams.map(({ normal }) => Float32Array.from(mean, normal));
  makeOrthogonal(directions, size);
  for (const [pair, noise] of directions.entries()) {
    const { normal } = streams[pair];
    const latent = width === 0 ? undefined : Float32Array.from({ length: horizon * real.length * width }, normal);
    const [plus, minus] = ([1, -1] as const).map((sign) =>
      embed(input, displaced(input, noise, sign), later, horizon, form, latent)[horizon - 1]
    );
    for (let i = 0; i < mean.length; i++) {
      const row = Math.floor(i / size), odd = (plus[row] - minus[row]) / 2, even = (plus[row] + minus[row]) / 2;
      mean[i] += odd * noise[i] / (std[i % size] * pairs);
      logStd[i] += (even - real[row]) * (noise[i] ** 2 - 1) / pairs;
    }
  }
  return { mean, logStd };
};
