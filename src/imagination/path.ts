/**
 * The path-derivative surrogate of G2 and its gradient ∇ᵗθ: θ counts at the first step only.
 *
 * @module
 */
import tf from "@tensorflow/tfjs";
import type { PathTerm } from "../data/gradient.ts";
import { modelMembers, type Normalizer, type PolicyParams } from "../data/parameters.ts";
import { type MlpEngine, mlpEngine } from "../nn/mlp_engine.ts";
import { normalizeTensor } from "../nn/normalizer.ts";
import { policyLogStd, policyMean } from "../nn/policy.ts";
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

/** (θ, rows) ⇒ Σᵢ weightᵢ·Ã(sᵢ, μ_θ(sᵢ) + σ_θ·ε₀ᵢ, …) over the rows. */
const surrogateOf = (world: TensorWorld, path: PathTerm, rows: readonly [number, number]) => {
  const actionSize = world.std.size, observationSize = world.normalizer.mean.length;
  const observation = rowsOf(path.observation, observationSize, rows);
  const normalized = normalizeTensor(world.statistics, observation);
  const noise = noiseOf(path.noise, path.horizon, actionSize, rows);
  const latent = path.latent === undefined || world.model.latent === undefined
    ? null
    : noiseOf(path.latent, path.horizon, world.model.latent.size, rows);
  const weight = tf.tensor1d(path.weight.subarray(...rows));
  const { shape } = world.policy;
  return (theta: tf.Tensor): tf.Scalar => {
    const std = tf.exp(policyLogStd(shape, theta as tf.Tensor1D));
    const action: tf.Tensor2D = tf.add(policyMean(shape, theta as tf.Tensor1D, normalized), tf.mul(std, noise[0]));
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
    total += surrogateOf(world, path, rows)(tf.tensor1d(theta)).dataSync()[0];
  });
  return total;
};

/** (path) ⇒ gradient of the surrogate at the policy's own θ, [parameters]. */
export const pathGradient = (context: PathContext, path: PathTerm): Float32Array => {
  const engine = mlpEngine(), inPlace = passesFor(path.model), { task, normalizer, policy: { theta } } = context;
  const members = memberPaths(path).map((member) =>
    inPlace === null ? plainGradient(context, member) : fusedGradient(inPlace, worldOf(context, member), member)
  );
  const surrogate = members.reduce((sum, member) => sum + member.surrogate, 0);
  known.set(path, { engine, task, normalizer, theta, surrogate });
  const [{ gradient }] = members;
  return members.length === 1
    ? gradient
    : gradient.map((_, i) => members.reduce((sum, member) => sum + member.gradient[i], 0));
};

/** The surrogate and its gradient in tensors. */
const plainGradient = (context: PathContext, path: PathTerm): { surrogate: number; gradient: Float32Array } => {
  const total = new Float32Array(context.policy.theta.length);
  let surrogate = 0;
  inChunks(context, path, (world, rows) => {
    const { value, grad } = tf.valueAndGrad(surrogateOf(world, path, rows))(world.policyTheta);
    const gradient = grad.dataSync();
    surrogate += value.dataSync()[0];
    for (let i = 0; i < total.length; i++) total[i] += gradient[i];
  });
  return { surrogate, gradient: total };
};
