/**
 * The path-derivative surrogate of G2 and its gradient ∇ᵗθ: θ counts at the first step only.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { PathTerm } from "../data/gradient.ts";
import { mlpParameterCount, modelMembers, type Normalizer, type PolicyParams } from "../data/parameters.ts";
import { type MlpEngine, mlpEngine } from "../nn/passes/mlp_engine.ts";
import { normalizeTensor } from "../nn/networks/normalizer.ts";
import { policyLogStd, policyMean } from "../nn/networks/policy.ts";
import type { ImaginedTask } from "../tasks/task.ts";
import { imaginedAdvantages } from "./advantage.ts";
import { chunks, noiseOf, rowsOf } from "./chunks.ts";
import { fusedGradient, fusedSurrogate, passesFor } from "./fused/fused.ts";
import { type TensorWorld, tensorWorld, type World } from "./world.ts";

/** What a path term is evaluated with: the policy of the later steps, which stays as it was when the batch was taken. */
export interface PathContext {
  readonly task: ImaginedTask;
  readonly policy: PolicyParams;
  readonly normalizer: Normalizer;
}

/** (θ, offset [rows, act]) ⇒ Σᵢ weightᵢ·Ã(sᵢ, μ_θ(sᵢ) + σ_θ·ε₀ᵢ + offsetᵢ, …) over the rows. */
const surrogateOf = (world: TensorWorld, path: PathTerm, rows: readonly [number, number]) => {
  const actionSize = world.std.size, observationSize = world.normalizer.mean.length, count = path.weight.length;
  const observation = rowsOf(path.observation, observationSize, rows);
  const normalized = normalizeTensor(world.statistics, observation);
  const noise = noiseOf(path.noise, [path.horizon, count, actionSize], rows);
  const latent = path.latent === undefined || world.model.latent === undefined
    ? null
    : noiseOf(path.latent, [path.horizon, count, world.model.latent.size], rows);
  const weight = tf.tensor1d(path.weight.subarray(...rows));
  const { shape } = world.policy;
  return (theta: tf.Tensor, offset: tf.Tensor): tf.Scalar => {
    const std = tf.exp(policyLogStd(shape, theta as tf.Tensor1D));
    const mean: tf.Tensor2D = tf.add(policyMean(shape, theta as tf.Tensor1D, normalized), offset);
    const action: tf.Tensor2D = tf.add(mean, tf.mul(std, noise[0]));
    const [advantage] = imaginedAdvantages(world, observation, action, noise, path.form, "last", latent);
    return tf.sum(tf.mul(weight, advantage));
  };
};

const worldOf = ({ task, policy, normalizer }: PathContext, { value, model }: PathTerm): World => ({
  task,
  policy,
  normalizer,
  value,
  model,
});

/** (path) ⇒ one path for each member of the model's ensemble, with its share of the weight. */
const memberPaths = (path: PathTerm): ReadonlyArray<PathTerm> => {
  const members = modelMembers(path.model);
  if (members.length === 1) return [path];
  const weight = path.weight.map((w) => w / members.length);
  return members.map((model) => ({ ...path, model, weight }));
};

/** Calls `visit` with the world in tensors for each chunk of rows. */
const inChunks = (
  context: PathContext,
  path: PathTerm,
  visit: (world: TensorWorld, rows: readonly [number, number]) => void,
): void => {
  for (const rows of chunks(path.weight.length)) {
    tf.tidy(() => visit(tensorWorld(worldOf(context, path)), rows));
  }
};

/** A surrogate that its gradient came with, and all else that decides it. */
interface Known extends Pick<PathContext, "task" | "normalizer"> {
  readonly engine: MlpEngine;
  readonly theta: Float32Array;
  readonly surrogate: number;
}

const known = new WeakMap<PathTerm, Known>(); // what a line search asks for again

/** (path, θ [parameters]) ⇒ the surrogate Σᵢ weightᵢ·Ãᵢ(θ); at the θ of its gradient it is not computed again. */
export const pathSurrogate = (context: PathContext, path: PathTerm, theta: Float32Array): number => {
  const engine = mlpEngine(), at = known.get(path);
  if (
    at !== undefined && at.theta === theta && at.engine === engine && at.task === context.task &&
    at.normalizer === context.normalizer && context.policy.theta === theta
  ) return at.surrogate;
  return memberPaths(path).reduce((sum, member) => sum + surrogateOfOne(context, member, theta), 0);
};

/** The surrogate of a path with one model. */
const surrogateOfOne = (context: PathContext, path: PathTerm, theta: Float32Array): number => {
  const inPlace = passesFor(path.model);
  if (inPlace !== null) return fusedSurrogate(inPlace, worldOf(context, path), path, theta);
  let total = 0;
  inChunks(context, path, (world, rows) => {
    total += surrogateOf(world, path, rows)(tf.tensor1d(theta), tf.scalar(0)).dataSync()[0];
  });
  return total;
};

/** Derivatives of a path's surrogate at the policy's own θ. */
export interface PathDerivative {
  /** [parameters] by θ of the first step */
  readonly gradient: Float32Array;
  /** [n, act] by the first action: weightᵢ·∂Ãᵢ/∂aᵢ */
  readonly slope: Float32Array;
}

/** (path) ⇒ derivatives of the surrogate at the policy's own θ. */
export const pathDerivative = (context: PathContext, path: PathTerm): PathDerivative => {
  const engine = mlpEngine(), inPlace = passesFor(path.model), { task, normalizer, policy: { theta } } = context;
  const members = memberPaths(path).map((member) =>
    inPlace === null ? plainDerivative(context, member) : fusedGradient(inPlace, worldOf(context, member), member)
  );
  const surrogate = members.reduce((sum, member) => sum + member.surrogate, 0);
  known.set(path, { engine, task, normalizer, theta, surrogate });
  const [{ gradient, slope }] = members;
  if (members.length === 1) return { gradient, slope };
  return {
    gradient: gradient.map((_, i) => members.reduce((sum, member) => sum + member.gradient[i], 0)),
    slope: slope.map((_, i) => members.reduce((sum, member) => sum + member.slope[i], 0)),
  };
};

/** (path) ⇒ gradient of the surrogate at the policy's own θ, [parameters]. */
export const pathGradient = (context: PathContext, path: PathTerm): Float32Array =>
  pathDerivative(context, path).gradient;

/** (path, factor) ⇒ the path with `factor` times its weights; what is known of its surrogate stays known. */
export const scaledPath = (path: PathTerm, factor: number): PathTerm => {
  const scaled = { ...path, weight: path.weight.map((w) => factor * w) }, at = known.get(path);
  if (at !== undefined) known.set(scaled, { ...at, surrogate: factor * at.surrogate });
  return scaled;
};

/** The surrogate and its derivatives in tensors. */
const plainDerivative = (context: PathContext, path: PathTerm): PathDerivative & { readonly surrogate: number } => {
  const { policy: { theta } } = context, actionSize = theta.length - mlpParameterCount(context.policy.shape);
  const total = new Float32Array(theta.length), slope = new Float32Array(path.weight.length * actionSize);
  let surrogate = 0;
  inChunks(context, path, (world, rows) => {
    const offset = tf.zeros([rows[1] - rows[0], actionSize]);
    const { value, grads: [byTheta, byAction] } = tf.valueAndGrads(surrogateOf(world, path, rows))([
      world.policyTheta,
      offset,
    ]);
    const gradient = byTheta.dataSync();
    surrogate += value.dataSync()[0];
    for (let i = 0; i < total.length; i++) total[i] += gradient[i];
    slope.set(byAction.dataSync(), rows[0] * actionSize);
  });
  return { surrogate, gradient: total, slope };
};
