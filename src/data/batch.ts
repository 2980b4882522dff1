/**
 * A batch B of real transitions, time-major, and the environment states that live across iterations.
 *
 * @module
 */

/** Real transitions of N environments over T steps; element (t, n) of an [T, N, d] array starts at (t·N + n)·d. */
export interface Batch {
  /** T */
  readonly steps: number;
  /** N */
  readonly environments: number;
  /** Width of an observation. */
  readonly observationSize: number;
  /** Width of an action. */
  readonly actionSize: number;
  /** [T, N, obs] not normalised */
  readonly observation: Float32Array;
  /** [T, N, obs] the one before a reset */
  readonly nextObservation: Float32Array;
  /** [T, N, act] as sampled, before clipping to the control range */
  readonly action: Float32Array;
  /** [T, N, act] ε of a = μ(s) + σ·ε, unitless */
  readonly noise: Float32Array;
  /** [T, N] log π(a|s) of the policy that acted */
  readonly logProb: Float32Array;
  /** [T, N] */
  readonly reward: Float32Array;
  /** [T, N] 1: the episode ended in a terminal state, no bootstrap */
  readonly terminated: Uint8Array;
  /** [T, N] 1: the episode hit the time limit, bootstrap with V(nextObservation) */
  readonly truncated: Uint8Array;
  /**
   * [T, N, state] what determines the future, before each step, as the task's simulator holds it: recorded where a simulator
   * imagines, as observations do not determine it; absent: it was not
   */
  readonly state?: Float64Array;
  /** [N] steps since the reset at the first step; absent: every environment begins with a reset */
  readonly elapsed?: Int32Array;
  /** [episodes ended within this batch], undiscounted */
  readonly episodeReturns: Float64Array;
  /** [episodes ended within this batch], steps */
  readonly episodeLengths: Int32Array;
}

/** States of the N environments between iterations: Algorithm 1 goes on where the last batch stopped. */
export interface Envs {
  /** N */
  readonly count: number;
  /** [N, stateSize] what determines the future: of a mechanism its qpos (m, rad), then its qvel (m/s, rad/s) */
  readonly state: Float64Array;
  /** [N] steps since the reset */
  readonly elapsed: Int32Array;
  /** [N] reward since the reset */
  readonly episodeReturn: Float64Array;
  /** [N] episodes begun */
  readonly resets: Int32Array;
}

/** (batch) ⇒ number of transitions, T·N. */
export const batchSize = (batch: Batch): number => batch.steps * batch.environments;

/** (batches) ⇒ numbers of a simulator's state that each records of every step; 0 where one records none. */
export const stateSizeIn = (batches: ReadonlyArray<Batch>): number =>
  batches.every(({ state }) => state !== undefined) ? batches[0].state!.length / batchSize(batches[0]) : 0;

/** (batch) ⇒ steps between the last reset and each transition [T, N]. */
export const elapsedSteps = (batch: Batch): Int32Array => {
  const { environments: n, terminated, truncated } = batch;
  const elapsed = new Int32Array(batchSize(batch));
  for (let i = 0; i < elapsed.length; i++) {
    const before = i - n;
    if (before < 0) elapsed[i] = batch.elapsed?.[i] ?? 0;
    else elapsed[i] = terminated[before] || truncated[before] ? 0 : elapsed[before] + 1;
  }
  return elapsed;
};

/** (batch) ⇒ uint32 that tells batches apart by their rewards and noise: FNV-1a over the words of their bits. */
export const fingerprint = ({ reward, noise }: Batch): number => {
  let hash = 0x811c9dc5;
  for (const { buffer, byteOffset, length } of [reward, noise]) {
    const words = new Uint32Array(buffer, byteOffset, length);
    for (let i = 0; i < length; i++) hash = Math.imul(hash ^ words[i], 0x01000193);
  }
  return hash >>> 0;
};
