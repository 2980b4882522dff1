/**
 * Derivatives of imagined returns along their paths, ∇ᵗ: the policy's outputs count at the first step only.
 *
 * @module
 */
import type { ReturnForm } from "../data/gradient.ts";
import { memberDerivative } from "./imagined_advantage.ts";
import { type EnsembleWorld, memberWorlds, type World } from "./world.ts";

/** Imagined rollouts with fresh noise, and the frozen world that they run in. */
export interface Paths {
  /** Networks and task; its policy took the batch. */
  readonly world: EnsembleWorld;
  /** [n, obs] starts, not normalised */
  readonly observation: Float32Array;
  /** [horizon, n, act] ε */
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

/** Derivatives of Σᵢ weightᵢ·Ã(sᵢ, μ_θ(sᵢ) + σ_θ·ε₀ᵢ, ε₁ᵢ …) at the θ of its world's policy. */
export interface PathDerivative {
  /** [parameters] by θ of the first step */
  readonly gradient: Float32Array;
  /** [n, act] by the first action: weightᵢ·∂Ãᵢ/∂aᵢ */
  readonly slope: Float32Array;
}

/** (paths) ⇒ (derivatives). */
export const pathDerivative = (paths: Paths): PathDerivative => {
  const members = byMember(paths).map(memberDerivative), [first] = members;
  const sumOf = (part: keyof PathDerivative) =>
    first[part].map((_, i) => members.reduce((sum, member) => sum + member[part][i], 0));
  return members.length === 1 ? first : { gradient: sumOf("gradient"), slope: sumOf("slope") };
};
