/**
 * G2 by path derivatives: rollouts with fresh noise, from every state.
 *
 * @module
 */
import { batchSize } from "../data/batch.ts";
import type { ReturnForm } from "../data/gradient.ts";
import { type Paths, pathSlope } from "../imagination/path.ts";
import { latentSize, learnedWorld } from "../imagination/world.ts";
import { type Key, makeStream } from "../math/random.ts";
import type { FoldInput } from "./estimator.ts";
import { deviations, type OutputSlopes } from "./output_slopes.ts";

/** How many rollouts of which form. */
export interface PathOptions {
  readonly form: ReturnForm;
  /** fresh rollouts a start */
  readonly rollouts: number;
}

/** (input with the networks in use, k, options, key) ⇒ (paths): `rollouts` from each state, n of them and n again. */
export const freshPaths = (
  { batch, task, policy, normalizer, value, model }: FoldInput<"value" | "model">,
  horizon: number,
  { form, rollouts }: PathOptions,
  key: Key,
): Paths => {
  const count = batchSize(batch) * rollouts, { normal } = makeStream(key), size = latentSize(model);
  const observation = new Float32Array(batch.observation.length * rollouts);
  for (let i = 0; i < rollouts; i++) observation.set(batch.observation, i * batch.observation.length);
  const noise = Float32Array.from({ length: horizon * count * batch.actionSize }, normal);
  const world = learnedWorld({ task, policy, normalizer, value, model }, "path derivatives");
  const paths = { world, observation, noise, horizon, form };
  return size === 0 ? paths : { ...paths, latent: Float32Array.from({ length: horizon * count * size }, normal) };
};

/** (input with the networks in use, k, options, key) ⇒ derivatives of every row's imagined mean, mean over its rollouts. */
export const pathSlopes = (
  input: FoldInput<"value" | "model">,
  horizon: number,
  options: PathOptions,
  key: Key,
): OutputSlopes => {
  const { batch, policy } = input, std = deviations(policy), length = batchSize(batch) * batch.actionSize;
  const paths = freshPaths(input, horizon, options, key), { noise } = paths;
  const mean = new Float32Array(length), logStd = new Float32Array(length);
  pathSlope(paths).forEach((x, at) => {
    const own = x / options.rollouts, row = at % length; // ∂a/∂μ = 1, ∂a/∂log σ = σ·ε
    mean[row] += own;
    logStd[row] += own * std[at % std.length] * noise[at];
  });
  return { mean, logStd };
};
