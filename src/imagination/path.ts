/**
 * Derivatives of imagined returns along their paths, ∇ᵗ: by the first action alone.
 *
 * @module
 */
import type { ReturnForm } from "../data/gradient.ts";
import { mean } from "../math/statistics.ts";
import { memberSlope } from "./imagined_advantage.ts";
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

/** (paths) ⇒ ∂Ã_k(sᵢ, aᵢ, ε₁ᵢ …)/∂aᵢ at aᵢ = μ(sᵢ) + σ·ε₀ᵢ [n, act], mean over the members of the model's ensemble. */
export const pathSlope = (paths: Paths): Float32Array => {
  const [first, ...others] = memberWorlds(paths.world).map((world) => memberSlope({ ...paths, world }));
  return others.length === 0 ? first : first.map((x, i) => mean([x, ...others.map((other) => other[i])]));
};
