/**
 * E(T): real trajectories embedded into the model, with their own actions and noise.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { type Batch, batchSize } from "../data/batch.ts";
import type { ReturnForm } from "../data/gradient.ts";
import { modelMembers } from "../data/parameters.ts";
import { mean } from "../math/statistics.ts";
import { imaginedAdvantages } from "./advantage.ts";
import { chunks, noiseOf, rowsOf } from "./chunks.ts";
import { fusedEmbed, passesFor } from "./fused/fused.ts";
import { embeddedLatent } from "./latent.ts";
import { tensorWorld, type World } from "./world.ts";

/**
 * Imagined advantages of a batch's own actions, means over the members of the model's ensemble.
 * (batch, ε [≥ k, T·N, act]) ⇒ (Ã₁ … Ã_k, each [T·N])
 *
 * @param noise   from `embeddedNoise`: the real one within an episode, fresh beyond its end
 * @param latent  [≥ k, T·N, latent] η of stochastic dynamics; inferred from the batch's transitions where absent
 */
export const embed = (
  world: World,
  batch: Batch,
  noise: Float32Array,
  horizon: number,
  form: ReturnForm,
  latent?: Float32Array,
): Float32Array[] => {
  const inPlace = passesFor(world.model);
  const members = modelMembers(world.model).map((model) =>
    inPlace === null
      ? plainEmbed({ ...world, model }, batch, noise, horizon, form, latent)
      : fusedEmbed(inPlace, { ...world, model }, batch, noise, horizon, form)
  );
  if (members.length === 1) return members[0];
  return members[0].map((first, k) => first.map((_, i) => mean(members.map((found) => found[k][i]))));
};

/** The same in tensors. */
const plainEmbed: typeof embed = (world, batch, noise, horizon, form, given) => {
  const found = Array.from({ length: horizon }, () => new Float32Array(batchSize(batch)));
  const { observationSize, actionSize } = batch, { latent: variable } = world.model;
  const latent = variable === undefined ? null : given ?? embeddedLatent(world, batch, horizon);
  for (const rows of chunks(batchSize(batch))) {
    tf.tidy(() => {
      const advantages = imaginedAdvantages(
        tensorWorld(world),
        rowsOf(batch.observation, observationSize, rows),
        rowsOf(batch.action, actionSize, rows),
        noiseOf(noise, [horizon, batchSize(batch), actionSize], rows),
        form,
        "all",
        latent === null ? null : noiseOf(latent, [horizon, batchSize(batch), variable!.size], rows),
      );
      advantages.forEach((advantage, j) => found[j].set(advantage.dataSync(), rows[0]));
    });
  }
  return found;
};
