/**
 * Likelihood ratio over fresh actions: what the model says of actions that were not taken.
 *
 *   aⁱ = μ(s) + σ·εⁱ,   Ãⁱ = Ã_k(s, aⁱ, …),   εⁱ and all later noise fresh, i = 1 … m
 *   ∂/∂μ E[Ã] = E[Ãⁱ·εⁱ/σ],   ∂/∂log σ E[Ã] = E[Ãⁱ·(εⁱ² − 1)],   E[Ã|s] = E[Ãⁱ]
 *
 * Plain and independent, as the published estimators draw them; `mirrored_pairs.ts` is quieter.
 *
 * @module
 */
import type { ReturnForm } from "../data/gradient.ts";
import { batchSize } from "../data/batch.ts";
import { embed } from "../imagination/embed.ts";
import { latentSize } from "../imagination/world.ts";
import { fold, type Key, makeStream } from "../math/random.ts";
import type { FoldInput } from "./estimator.ts";
import { displaced } from "./mirrored_pairs.ts";
import { deviations, type OutputSlopes } from "./output_slopes.ts";

/** What the model says of fresh actions at every state. */
export interface FreshActions {
  /** mean of ∇log π(aⁱ|s)·Ãⁱ, in the policy's outputs */
  readonly slopes: OutputSlopes;
  /** [n] mean of Ãⁱ */
  readonly mean: Float64Array;
}

/** How many actions, imagined how. */
export interface FreshActionsPlan {
  /** k ≥ 1 */
  readonly horizon: number;
  /** m, fresh actions a state */
  readonly actions: number;
  /** How imagined rewards add up. */
  readonly form: ReturnForm;
}

/** (input with the networks in use, plan, key) ⇒ (slopes, mean of Ã). */
export const freshActions = (
  input: FoldInput<"value" | "model">,
  { horizon, actions, form }: FreshActionsPlan,
  key: Key,
): FreshActions => {
  const { batch, policy, model } = input, std = deviations(policy), size = std.length, n = batchSize(batch);
  const width = latentSize(model), mean = new Float64Array(n);
  const slopes = { mean: new Float32Array(n * size), logStd: new Float32Array(n * size) };
  for (let action = 0; action < actions; action++) {
    const { normal } = makeStream(fold(key, action)), draw = (length: number) => Float32Array.from({ length }, normal);
    const first = draw(n * size), later = draw(horizon * n * size);
    const latent = width === 0 ? undefined : draw(horizon * n * width);
    const imagined = embed(input, displaced(input, first, 1), later, horizon, form, latent)[horizon - 1];
    for (let i = 0; i < n; i++) mean[i] += imagined[i] / actions;
    first.forEach((epsilon, i) => {
      const share = imagined[Math.floor(i / size)] / actions;
      slopes.mean[i] += share * epsilon / std[i % size];
      slopes.logStd[i] += share * (epsilon ** 2 - 1);
    });
  }
  return { slopes, mean };
};
