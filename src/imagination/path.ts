/**
 * The path-derivative surrogate of G2 and its gradient ∇ᵗθ: θ counts at the first step only.
 *
 * @module
 */
import type { ReturnForm } from "../data/gradient.ts";
import { memberDerivative, memberValue } from "./imagined_advantage.ts";
import { type EnsembleWorld, memberWorlds, type World } from "./world.ts";

/** Imagined rollouts with fresh noise, and the frozen world that they run in. */
export interface Paths {
  /** Networks and task; its policy took the batch, and takes the steps after the first. */
  readonly world: EnsembleWorld;
  /** [n, obs] starts, not normalised */
  readonly observation: Float32Array;
  /** [horizon, n, act] ε; the first step's action depends on θ */
  readonly noise: Float32Array;
  /** [horizon, n, latent] η of stochastic dynamics, drawn from N(0, I); absent where they are deterministic */
  readonly latent?: Float32Array;
  /** [n] w of each start divided by the size of the batch times the rollouts */
  readonly weight: Float32Array;
  /** k */
  readonly horizon: number;
  /** How imagined rewards add up. */
  readonly form: ReturnForm;
}

/** Σᵢ weightᵢ·Ã(sᵢ, μ_θ(sᵢ) + σ_θ·ε₀ᵢ, ε₁ᵢ …). */
export interface PathSurrogate extends Paths {
  /** What tells it from other surrogates. */
  readonly kind: "path";
  /** Its value at the θ of its world's own policy, which came with the derivatives. */
  readonly ownValue: number;
}

/** Rollouts in the world of one member. */
export interface MemberPaths extends Omit<Paths, "world"> {
  readonly world: World;
}

/** (paths) ⇒ one for each member of the model's ensemble, with its share of the weight. */
const byMember = (paths: Paths): ReadonlyArray<MemberPaths> => {
  const worlds = memberWorlds(paths.world);
  const weight = worlds.length === 1 ? paths.weight : paths.weight.map((w) => w / worlds.length);
  return worlds.map((world) => ({ ...paths, world, weight }));
};

const sameNumbers = (a: Float32Array, b: Float32Array): boolean => a === b || a.every((x, i) => x === b[i]);

/** (surrogate, θ [parameters]) ⇒ Σᵢ weightᵢ·Ãᵢ(θ); at the θ of its world's policy nothing is imagined again. */
export const pathValue = (surrogate: PathSurrogate, theta: Float32Array): number =>
  sameNumbers(theta, surrogate.world.policy.theta) ? surrogate.ownValue : imaginedValue(surrogate, theta);

/** (paths, θ [parameters]) ⇒ Σᵢ weightᵢ·Ãᵢ(θ), imagined. */
export const imaginedValue = (paths: Paths, theta: Float32Array): number =>
  byMember(paths).reduce((sum, member) => sum + memberValue(member, theta), 0);

/** A path surrogate and its derivatives at the θ of its world's policy. */
export interface PathDerivative {
  readonly surrogate: PathSurrogate;
  /** [parameters] by θ of the first step */
  readonly gradient: Float32Array;
  /** [n, act] by the first action: weightᵢ·∂Ãᵢ/∂aᵢ */
  readonly slope: Float32Array;
}

/** (paths) ⇒ (surrogate, derivatives). */
export const pathDerivative = (paths: Paths): PathDerivative => {
  const members = byMember(paths).map(memberDerivative), [{ gradient, slope }] = members;
  const ownValue = members.reduce((sum, member) => sum + member.value, 0);
  const surrogate: PathSurrogate = { kind: "path", ...paths, ownValue };
  if (members.length === 1) return { surrogate, gradient, slope };
  return {
    surrogate,
    gradient: gradient.map((_, i) => members.reduce((sum, member) => sum + member.gradient[i], 0)),
    slope: slope.map((_, i) => members.reduce((sum, member) => sum + member.slope[i], 0)),
  };
};

/** (paths) ⇒ gradient of the surrogate at the θ of its world's policy [parameters]. */
export const pathGradient = (paths: Paths): Float32Array => pathDerivative(paths).gradient;

/** (surrogate, factor) ⇒ `factor` times the surrogate. */
export const scaledPath = (surrogate: PathSurrogate, factor: number): PathSurrogate => ({
  ...surrogate,
  weight: surrogate.weight.map((w) => factor * w),
  ownValue: factor * surrogate.ownValue,
});
