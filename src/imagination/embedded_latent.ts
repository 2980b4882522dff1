/**
 * Latent space trajectory embedding: η of real transitions, so that the embedded trajectory matches the real one.
 *
 * @module
 */
import { type Batch, batchSize, fingerprint } from "../data/batch.ts";
import type { ModelParams } from "../data/parameters.ts";
import { embeddedRows } from "../data/embedded_noise.ts";
import { fold, makeKey, makeStream } from "../math/random.ts";
import { inferLatent } from "../nn/networks/latent.ts";
import { transitionTable } from "../nn/training/transition_table.ts";
import type { ImaginedTask } from "../tasks/task.ts";
import { featuresOf, residualOf, withReward } from "./model_reward.ts";

/**
 * (world, batch, k) ⇒ (η [k, T·N, latent]): inferred from the real transitions while an episode lasts, drawn from N(0, I)
 * beyond its end. The same batch gives the same numbers.
 *
 * Source: MSCV, section 4.2. It is unbiased only as far as q's η, over all transitions from (s, a), are distributed as
 * N(0, I), which a perfect model alone makes exact.
 */
export const embeddedLatent = (
  { task, model }: { readonly task: ImaginedTask; readonly model: ModelParams },
  batch: Batch,
  horizon: number,
): Float32Array => {
  const own = withReward(task, model.reward), learned = own.rewardResidual === "learned", n = batchSize(batch);
  const observation = new Float32Array(2 * batch.observation.length);
  observation.set(batch.observation);
  observation.set(batch.nextObservation, batch.observation.length);
  const residual = learned ? Float32Array.from(residualOf(own, batch)) : new Float32Array(0);
  const segments = {
    horizon: 1,
    count: n,
    observation,
    action: batch.action,
    residual,
    mask: new Float32Array(n).fill(1),
  };
  const { input, target } = transitionTable(model, segments, featuresOf(own));
  const key = fold(makeKey(fingerprint(batch)), "latent");
  const inferred = inferLatent(model, input, target, makeStream(fold(key, "inferred")));
  return embeddedRows(batch, inferred, model.latent!.size, horizon, makeStream(fold(key, "fresh")));
};
