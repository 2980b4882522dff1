/**
 * A batch B of real transitions, time-major, and the environment states that live across iterations.
 *
 * @module
 */

/** Real transitions of N environments over T steps; element (t, n) of an [T, N, d] array starts at (t·N + n)·d. */
export interface Batch {
  readonly steps: number; // T
  readonly environments: number; // N
  readonly observationSize: number;
  readonly actionSize: number;
  readonly observation: Float32Array; // [T, N, obs] not normalised
  readonly nextObservation: Float32Array; // [T, N, obs] the one before a reset
  readonly action: Float32Array; // [T, N, act] as sampled, before clipping to the control range
  readonly noise: Float32Array; // [T, N, act] ε of a = μ(s) + σ·ε, unitless
  readonly logProb: Float32Array; // [T, N] log π(a|s) of the policy that acted
  readonly reward: Float32Array; // [T, N]
  readonly terminated: Uint8Array; // [T, N] 1: the episode ended in a terminal state, no bootstrap
  readonly truncated: Uint8Array; // [T, N] 1: the episode hit the time limit, bootstrap with V(nextObservation)
  readonly episodeReturns: Float64Array; // [episodes ended within this batch], undiscounted
  readonly episodeLengths: Int32Array; // [episodes ended within this batch], steps
}

/** States of the N environments between iterations: Algorithm 1 goes on where the last batch stopped. */
export interface Envs {
  readonly count: number; // N
  readonly qpos: Float64Array; // [N, nq] m, rad
  readonly qvel: Float64Array; // [N, nv] m/s, rad/s
  readonly elapsed: Int32Array; // [N] steps since the reset
  readonly episodeReturn: Float64Array; // [N] reward since the reset
  readonly resets: Int32Array; // [N] episodes begun
}

/** (batch) ⇒ number of transitions, T·N. */
export const batchSize = (batch: Batch): number => batch.steps * batch.environments;
