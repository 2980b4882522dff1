/**
 * The path-derivative surrogate of G2 and its gradient ∇ᵗθ: θ counts at the first step only.
 *
 * @module
 */
import type { PathTerm } from "../data/gradient.ts";
import { modelMembers, type Normalizer, type PolicyParams } from "../data/parameters.ts";
import { type MlpEngine, mlpEngine } from "../nn/passes/mlp_engine.ts";
import type { ImaginedTask } from "../tasks/task.ts";
import { fusedGradient, fusedSurrogate } from "./fused/fused.ts";
import type { World } from "./world.ts";

/** What a path term is evaluated with: the policy of the later steps, which stays as it was when the batch was taken. */
export interface PathContext {
  readonly task: ImaginedTask;
  readonly policy: PolicyParams;
  readonly normalizer: Normalizer;
}

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
  return memberPaths(path).reduce((sum, member) => sum + fusedSurrogate(worldOf(context, member), member, theta), 0);
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
  const engine = mlpEngine(), { task, normalizer, policy: { theta } } = context;
  const members = memberPaths(path).map((member) => fusedGradient(worldOf(context, member), member));
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
