/**
 * The imagined rollout and its path derivative in tensors, by the tape: what `embed`, `pathDerivative` and `imaginedValue`
 * are held against.
 *
 * @module
 */
import type { PathDerivative, WeightedPaths } from "./path_value.ts";
import * as tf from "@tensorflow/tfjs";
import { type Batch, batchSize } from "../../src/data/batch.ts";
import type { ReturnForm } from "../../src/data/gradient.ts";
import { mlpParameterCount } from "../../src/data/parameters.ts";
import { imaginedStep, memberWorlds, type World } from "../../src/imagination/world.ts";
import { type ModelTensors, modelTensors } from "../../src/nn/networks/dynamics.ts";
import { type NormalizerTensors, normalizerTensors, normalizeTensor } from "../nn/networks/tensor_normalizer.ts";
import { policyLogStd, policyMean, policyMeanFrozen } from "../../src/nn/networks/policy.ts";
import { mlpFrozen } from "../../src/nn/networks/mlp.ts";

/** A world in tensors; they belong to the enclosing tidy. */
interface TensorWorld extends World {
  readonly policyTheta: tf.Tensor1D;
  readonly valueTheta: tf.Tensor1D;
  /** [act] */
  readonly std: tf.Tensor1D;
  readonly dynamics: ModelTensors;
  readonly statistics: NormalizerTensors;
}

/** (world) ⇒ (tensors); call within a tidy. */
const tensorWorld = (world: World): TensorWorld => ({
  ...world,
  policyTheta: tf.tensor1d(world.policy.theta),
  valueTheta: tf.tensor1d(world.value.theta),
  std: tf.exp(tf.tensor1d(world.policy.theta.subarray(mlpParameterCount(world.policy.shape)))),
  dynamics: modelTensors(world.model),
  statistics: normalizerTensors(world.normalizer),
});

/** (s [n, obs]) ⇒ V(s) [n]. */
const imaginedValue = (world: TensorWorld, observation: tf.Tensor2D): tf.Tensor1D =>
  mlpFrozen(world.value.shape, world.valueTheta, normalizeTensor(world.statistics, observation)).as1D();

/** (s [n, obs], ε [n, act]) ⇒ a = μ(s) + σ·ε [n, act], with θ frozen. */
const imaginedAction = (world: TensorWorld, observation: tf.Tensor2D, noise: tf.Tensor2D): tf.Tensor2D => {
  const normalized = normalizeTensor(world.statistics, observation);
  return tf.add(policyMeanFrozen(world.policy.shape, world.policyTheta, normalized), tf.mul(world.std, noise));
};

/** Which of the horizons 1 … k are wanted; intermediate values V are skipped where they do not count. */
type Horizons = "all" | "last";

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
const imaginedAdvantages = (
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

/** (x [n, d], width) ⇒ tensor [n, d]. */
const matrix = (x: Float32Array, width: number): tf.Tensor2D => tf.tensor2d(x, [x.length / width, width]);

/** (ε [≥ k, n, act]) ⇒ k tensors [n, act]. */
const noiseOf = (noise: Float32Array, horizon: number, count: number, width: number): tf.Tensor2D[] =>
  Array.from(
    { length: horizon },
    (_, i) => tf.tensor2d(noise.subarray(i * count * width, (i + 1) * count * width), [count, width]),
  );

/** As `embed`, for a model alone, η given. */
export const tensorEmbed = (
  world: World,
  batch: Batch,
  noise: Float32Array,
  horizon: number,
  form: ReturnForm,
  latent?: Float32Array,
): Float32Array[] => {
  const n = batchSize(batch), { observationSize, actionSize } = batch, found: Float32Array[] = [];
  tf.tidy(() => {
    const eta = latent === undefined ? null : noiseOf(latent, horizon, n, world.model.latent!.size);
    const [s, a] = [matrix(batch.observation, observationSize), matrix(batch.action, actionSize)];
    const epsilon = noiseOf(noise, horizon, n, actionSize);
    imaginedAdvantages(tensorWorld(world), s, a, epsilon, form, "all", eta)
      .forEach((advantage) => found.push(advantage.dataSync().slice() as Float32Array));
  });
  return found;
};

/** (θ, offset [n, act]) ⇒ Σᵢ weightᵢ·Ã(sᵢ, μ_θ(sᵢ) + σ_θ·ε₀ᵢ + offsetᵢ, …). */
const surrogateOf = (world: TensorWorld, path: WeightedPaths) => {
  const actionSize = world.std.size, observationSize = world.normalizer.mean.length, count = path.weight.length;
  const observation = matrix(path.observation, observationSize);
  const normalized = normalizeTensor(world.statistics, observation);
  const noise = noiseOf(path.noise, path.horizon, count, actionSize);
  const latent = path.latent === undefined || world.model.latent === undefined
    ? null
    : noiseOf(path.latent, path.horizon, count, world.model.latent.size);
  const weight = tf.tensor1d(path.weight);
  const { shape } = world.policy;
  return (theta: tf.Tensor, offset: tf.Tensor): tf.Scalar => {
    const std = tf.exp(policyLogStd(shape, theta as tf.Tensor1D));
    const mean: tf.Tensor2D = tf.add(policyMean(shape, theta as tf.Tensor1D, normalized), offset);
    const action: tf.Tensor2D = tf.add(mean, tf.mul(std, noise[0]));
    const [advantage] = imaginedAdvantages(world, observation, action, noise, path.form, "last", latent);
    return tf.sum(tf.mul(weight, advantage));
  };
};

/** As `imaginedValue`, for a model alone. */
export const tensorSurrogate = (path: WeightedPaths, theta: Float32Array): number =>
  tf.tidy(() =>
    surrogateOf(tensorWorld(memberWorlds(path.world)[0]), path)(tf.tensor1d(theta), tf.scalar(0)).dataSync()[0]
  );

/** The derivatives of `pathDerivative`, for a model alone. */
export const tensorDerivative = (path: WeightedPaths): PathDerivative => {
  const { policy } = path.world, actionSize = policy.theta.length - mlpParameterCount(policy.shape);
  let found: PathDerivative | null = null; // not returned by tidy, which would walk its arrays
  tf.tidy(() => {
    const world = tensorWorld(memberWorlds(path.world)[0]), offset = tf.zeros([path.weight.length, actionSize]);
    const { grads: [byTheta, byAction] } = tf.valueAndGrads(surrogateOf(world, path))([world.policyTheta, offset]);
    const [gradient, slope] = [byTheta, byAction].map((g) => g.dataSync().slice() as Float32Array);
    found = { gradient, slope };
  });
  return found!;
};
