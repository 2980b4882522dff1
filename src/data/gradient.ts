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
  readonly discount: number; // γ
  /** kStep: Q̃_k − V; lambdaWeighted: Σ_{j<k} λʲ(q_j − q_{j−1}), as GAE weighs the real residuals. */
  readonly weighting: "kStep" | "lambdaWeighted";
  readonly lambda: number; // λ of lambdaWeighted
  /** soft: survival is a product of sigmoids of margins, which G2 can differentiate; hard: 0 or 1, which biases G2. */
  readonly termination: "soft" | "hard";
}

/**
 * One part of the path-derivative surrogate, Σᵢ weightᵢ·Ã(sᵢ, μ_θ(sᵢ) + σ_θ·ε₀ᵢ, ε₁ᵢ …): imagined rollouts with fresh
 * noise, and the frozen networks that they run on.
 */
export interface PathTerm {
  readonly observation: Float32Array; // [n, obs] starts, not normalised
  readonly noise: Float32Array; // [horizon, n, act] ε; the first step's action depends on θ
  readonly weight: Float32Array; // [n] w of each start divided by the size of the batch times the rollouts
  readonly horizon: number; // k
  readonly form: ReturnForm;
  readonly value: ValueParams;
  readonly model: ModelParams;
}

/** Gradient of the expected return by θ of the policy, with all that the line search needs. */
export interface GradientEstimate {
  readonly gradient: Float32Array; // [parameters] the ascent direction before the natural-gradient step
  readonly terms: Readonly<Record<string, Float32Array>>; // its summands by name: g1, g2
  readonly signal: Float32Array; // [T, N] A − w·Ã − baseline, the factor of ∇log π
  readonly paths: ReadonlyArray<PathTerm>; // rollouts behind g2; empty for estimators without one
  readonly unbiased: boolean; // what the estimator declares of itself with these options
}
