/**
 * Imagined returns and their derivatives along their paths, ∇ᵗ: by the first action alone.
 *
 * @module
 */
import type { ReturnForm } from "../data/gradient.ts";
import { mean } from "../math/statistics.ts";
import { rollMember } from "./imagined_advantage.ts";
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
  /** k */
  readonly horizon: number;
  /** How imagined rewards add up. */
  readonly form: ReturnForm;
}

/** Rollouts in the world of one member. */
export interface MemberPaths extends Omit<Paths, "world"> {
  readonly world: World;
}

/** What comes of them, at aᵢ = μ(sᵢ) + σ·ε₀ᵢ. */
export interface RolledPath {
  /** [n] Ã_k(sᵢ, aᵢ, ε₁ᵢ …) */
  readonly advantage: Float32Array;
  /** [n, act] ∂Ã_k/∂aᵢ */
  readonly slope: Float32Array;
}

/** (paths) ⇒ (Ã_k, ∂Ã_k/∂a), means over the members of the model's ensemble. */
export const rollPath = (paths: Paths): RolledPath => {
  const [first, ...others] = memberWorlds(paths.world).map((world) => rollMember({ ...paths, world }));
  if (others.length === 0) return first;
  const meanOf = (name: keyof RolledPath) =>
    first[name].map((x, i) => mean([x, ...others.map((other) => other[name][i])]));
  return { advantage: meanOf("advantage"), slope: meanOf("slope") };
};
