/**
 * Imagined advantages Ã of every horizon up to k.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { ReturnForm } from "../data/gradient.ts";
import { imaginedAction, imaginedStep, imaginedValue, type TensorWorld } from "./world.ts";

/** Which of the horizons 1 … k are wanted; intermediate values V are skipped where they do not count. */
export type Horizons = "all" | "last";

/**
 * Imagined rollout from (s, a) with the noise of its later steps.
 * (s [n, obs], a [n, act], ε [k][n, act]) ⇒ (Ã₁ … Ã_k, each [n]; only Ã_k for "last")
 *
 *   qⱼ = Σ_{i≤j} γⁱ Sᵢ rᵢ + γʲ⁺¹ S_{j+1} V(s′_{j+1}),  S_{j+1} = Sⱼ·survival(s′_{j+1}),  S₀ = 1
 *   kStep:           Ã_k = q_{k−1} − V(s)
 *   lambdaWeighted:  Ã_k = Σ_{j<k} λʲ (qⱼ − q_{j−1}),  q_{−1} = V(s)
 *
 * Gradients flow to `action` through states, actions, rewards and values; parameters are constants (∇ᵗ).
 * Source: MSCV eq. 1. Departure: the paper prints γ^{k+r} on the last reward; γ^{k−1} is meant. It has no survival.
 *
 * @param noise   [k][n, act] ε; noise[0] belongs to `action` and is not read
 * @param latent  [k][n, latent] η of stochastic dynamics; null where they are deterministic
 */
export const imaginedAdvantages = (
  world: TensorWorld,
  observation: tf.Tensor2D,
  action: tf.Tensor2D,
  noise: ReadonlyArray<tf.Tensor2D>,
  form: ReturnForm,
  horizons: Horizons,
  latent: ReadonlyArray<tf.Tensor2D> | null = null,
): tf.Tensor1D[] => {
  const horizon = noise.length;
  const needsEachValue = horizons === "all" || form.weighting === "lambdaWeighted";
  let previous: tf.Tensor1D = imaginedValue(world, observation); // q_{j−1}
  let rewards: tf.Tensor1D = tf.neg(previous); // Σ γⁱ Sᵢ rᵢ − V(s)
  let advantage: tf.Tensor1D | null = null; // Σ λʲ (qⱼ − q_{j−1})
  let alive: tf.Tensor1D | null = null; // Sⱼ, null for 1
  let state = observation, act = action;
  previous = tf.zerosLike(previous); // from here on all q carry −V(s)
  const found: tf.Tensor1D[] = [];
  for (let j = 0; j < horizon; j++) {
    const { next, reward, survival } = imaginedStep(world, state, act, form.termination, latent?.[j] ?? null);
    const decay = form.discount ** j;
    rewards = tf.add(rewards, tf.mul(alive === null ? reward : tf.mul(alive, reward), decay));
    if (survival !== null) alive = alive === null ? survival : tf.mul(alive, survival);
    if (needsEachValue || j === horizon - 1) {
      const value = imaginedValue(world, next);
      const q: tf.Tensor1D = tf.add(
        rewards,
        tf.mul(alive === null ? value : tf.mul(alive, value), decay * form.discount),
      );
      const gain: tf.Tensor1D = tf.mul(tf.sub(q, previous), form.lambda ** j);
      advantage = form.weighting === "kStep" ? q : advantage === null ? gain : tf.add(advantage, gain);
      previous = q;
      if (horizons === "all" || j === horizon - 1) found.push(advantage);
    }
    state = next;
    if (j + 1 < horizon) act = imaginedAction(world, state, noise[j + 1]);
  }
  return found;
};
