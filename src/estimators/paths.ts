/**
 * G2 by path derivatives: rollouts with fresh noise, from every state.
 *
 * @module
 */
import { batchSize } from "../data/batch.ts";
import type { ReturnForm } from "../data/gradient.ts";
import type { PolicyParams } from "../data/parameters.ts";
import { type Paths, type RolledPath, rollPath } from "../imagination/path.ts";
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

/** Fresh rollouts from every state, and the noise of their first actions. */
export interface FreshRollouts extends RolledPath {
  /** [≥ 1, n·rollouts, act] ε */
  readonly noise: Float32Array;
  /** of each start */
  readonly rollouts: number;
}

/** (input with the networks in use, k, options, key) ⇒ (rollouts). */
export const rollPaths = (
  input: FoldInput<"value" | "model">,
  horizon: number,
  options: PathOptions,
  key: Key,
): FreshRollouts => {
  const paths = freshPaths(input, horizon, options, key);
  return { ...rollPath(paths), noise: paths.noise, rollouts: options.rollouts };
};

/** (policy, rollouts, largest |Ã|) ⇒ derivatives of every row's imagined mean, mean over its rollouts; 0 where Ã is cut. */
export const pathSlopes = (
  policy: PolicyParams,
  { advantage, slope, noise, rollouts }: FreshRollouts,
  bound: number,
): OutputSlopes => {
  const std = deviations(policy), size = std.length, length = slope.length / rollouts;
  const mean = new Float32Array(length), logStd = new Float32Array(length);
  slope.forEach((x, at) => {
    if (Math.abs(advantage[Math.floor(at / size)]) >= bound) return;
    const own = x / rollouts, i = at % length; // ∂a/∂μ = 1, ∂a/∂log σ = σ·ε
    mean[i] += own;
    logStd[i] += own * std[at % size] * noise[at];
  });
  return { mean, logStd };
};
