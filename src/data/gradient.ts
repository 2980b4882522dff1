/**
 * What `estimateGradient` hands to `trpoUpdate`.
 *
 * @module
 */

/** Numbers that a stage reports, by documented name. */
export type Metrics = Readonly<Record<string, number | string>>;

/**
 * The path-derivative part of the surrogate: imagined rollouts that start at `observation` with the given noise. Absent
 * for estimators without one.
 */
export interface PathTerm {
  readonly observation: Float32Array; // [n, obs] starts, not normalised
  readonly noise: Float32Array; // [horizon, n, act] ε; the first step's action depends on θ
  readonly weight: Float32Array; // [n] w of each start, divided by the number of starts
  readonly horizon: number; // k
}

/** Gradient of the expected return by θ of the policy, with all that the line search needs. */
export interface GradientEstimate {
  readonly gradient: Float32Array; // [parameters] the ascent direction before the natural-gradient step
  readonly terms: Readonly<Record<string, Float32Array>>; // its summands by name: g1, g2
  readonly signal: Float32Array; // [T·N] A − w·Ã, the factor of ∇log π
  readonly path: PathTerm | null; // fresh-noise rollouts behind g2
  readonly horizon: number; // k used
  readonly unbiased: boolean; // what the estimator declares of itself with these options
}
