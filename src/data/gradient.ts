/**
 * What `estimateGradient` hands to `trpoUpdate`.
 *
 * @module
 */
import type { ModelParams, ValueParams } from "./parameters.ts";

/** Numbers that a stage reports, by documented name. */
export type Metrics = Readonly<Record<string, number | string>>;

/** How imagined rewards add up to an advantage. */
export interface ReturnForm {
  /** γ */
  readonly discount: number;
  /** kStep: Q̃_k − V; lambdaWeighted: Σ_{j<k} λʲ(q_j − q_{j−1}), as GAE weighs the real residuals. */
  readonly weighting: "kStep" | "lambdaWeighted";
  /** λ of lambdaWeighted */
  readonly lambda: number;
  /** soft: survival is a product of sigmoids of margins, which a path derivative sees; hard: 0 or 1, which biases one. */
  readonly termination: "soft" | "hard";
}

/**
 * One part of the path-derivative surrogate, Σᵢ weightᵢ·Ã(sᵢ, μ_θ(sᵢ) + σ_θ·ε₀ᵢ, ε₁ᵢ …): imagined rollouts with fresh
 * noise, and the frozen networks that they run on.
 */
export interface PathTerm {
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
  /** V that bootstraps. */
  readonly value: ValueParams;
  /** f that is unrolled. */
  readonly model: ModelParams;
}

/**
 * A term linear in the policy's outputs, Σᵢ slopeᵢ·μ_θ(sᵢ) + logStd·log σ_θ: what a G2 without a path hands to the line
 * search.
 */
export interface LinearTerm {
  /** [n, obs] not normalised */
  readonly observation: Float32Array;
  /** [n, act] by μ */
  readonly slope: Float32Array;
  /** [act] by log σ; 0 where absent */
  readonly logStd?: Float32Array;
}

/** A control variate as the samples of a batch decide it. */
export interface Control {
  /** k; 0 for none */
  readonly horizon: number;
  /** w of the control variate */
  readonly weight: number;
  /** weight of the residuals within the imagined steps, which w leaves in A */
  readonly near: number;
  /** weight of the residuals after the imagined steps */
  readonly later: number;
}

/** None at all. */
export const noControl: Control = { horizon: 0, weight: 0, near: 0, later: 0 };

/** Gradient of the expected return by θ of the policy, with all that the line search needs. */
export interface GradientEstimate {
  /** [parameters] the ascent direction before the natural-gradient step */
  readonly gradient: Float32Array;
  /** its summands by name: g1, g2 */
  readonly terms: Readonly<Record<string, Float32Array>>;
  /** [T, N] A − w·Ã − the correction of later residuals − baseline, the factor of ∇log π */
  readonly signal: Float32Array;
  /** rollouts behind g2; empty for estimators without one */
  readonly paths: ReadonlyArray<PathTerm>;
  /** linear terms behind g2; empty for estimators without one */
  readonly linear: ReadonlyArray<LinearTerm>;
  /**
   * What the estimator declares of itself with these options and networks: its mean is the likelihood-ratio gradient of
   * the expected return. A return that the time limit or the end of the batch cuts bootstraps with V, and forbids that.
   */
  readonly unbiased: boolean;
  /**
   * It declares, too, whether its mean is that of the likelihood ratio with the same A, whatever A's own bias by V.
   * False where samples decided about their own correction, or a summand is missing.
   */
  readonly keepsMean: boolean;
}
