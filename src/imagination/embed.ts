/**
 * E(T): real trajectories embedded into the model, with their own actions and noise.
 *
 * @module
 */
import type { Batch } from "../data/batch.ts";
import { isSimulator } from "../data/folds.ts";
import type { ReturnForm } from "../data/gradient.ts";
import { mean } from "../math/statistics.ts";
import { embedMember } from "./imagined_advantage.ts";
import { embeddedLatent } from "./embedded_latent.ts";
import { embedSimulated } from "./simulated.ts";
import { type EnsembleWorld, type ImaginedWorld, memberWorlds } from "./world.ts";

/**
 * Imagined advantages of a batch's own actions: means over the members of the model's ensemble, or those of a simulator.
 * (batch, ε [≥ k, T·N, act]) ⇒ (Ã₁ … Ã_k, each [T·N])
 *
 * @param noise   from `embeddedNoise`: the real one within an episode, fresh beyond its end
 * @param latent  [≥ k, T·N, latent] η of stochastic dynamics; inferred from the batch's transitions where absent
 */
export const embed = (
  { model, ...world }: ImaginedWorld,
  batch: Batch,
  noise: Float32Array,
  horizon: number,
  form: ReturnForm,
  latent?: Float32Array,
): Float32Array[] =>
  isSimulator(model)
    ? embedSimulated({ ...world, model }, batch, noise, horizon, form)
    : embedLearned({ ...world, model }, batch, noise, horizon, form, latent);

const embedLearned = (
  world: EnsembleWorld,
  batch: Batch,
  noise: Float32Array,
  horizon: number,
  form: ReturnForm,
  latent: Float32Array | undefined,
): Float32Array[] => {
  const members = memberWorlds(world).map((own) => {
    const eta = own.model.latent === undefined ? null : latent ?? embeddedLatent(own, batch, horizon);
    return embedMember(own, batch, noise, horizon, form, eta);
  });
  if (members.length === 1) return members[0];
  return members[0].map((first, k) => first.map((_, i) => mean(members.map((found) => found[k][i]))));
};
