/**
 * Many continuations of the same physics states: nested samples of advantages, real and imagined.
 *
 * @module
 */
import type { Batch } from "../data/batch.ts";
import type { EstimatorOptions } from "../estimators/estimator.ts";
import { embed } from "../imagination/embed.ts";
import { fold, type Key, makeStream } from "../math/random.ts";
import { type Continuation, makeContinue } from "../rollout/continuation.ts";
import { divergence, stationaryState } from "./collection.ts";
import type { Frozen } from "./frozen.ts";
import { continuationDeltas, continuationValues } from "./true_advantage.ts";

/** Sizes of the nest. */
export interface BranchCounts {
  readonly states: number; // S
  readonly actions: number; // K of each state
  readonly continuations: number; // J of each action
}

/** What is to be sampled. */
export interface BranchPlan {
  readonly counts: BranchCounts;
  /** Number of the first state, which names its random streams. */
  readonly first: number;
  /** steps of a continuation */
  readonly tail: number;
  /** advantage and imagined return to look at */
  readonly options: EstimatorOptions;
  readonly horizons: ReadonlyArray<number>;
}

/** Nested samples of [S, K, J] each. */
export interface Branches {
  readonly counts: BranchCounts;
  /** [S, obs] not normalised */
  readonly observation: Float32Array;
  /** [S, K, act] ε of the actions */
  readonly noise: Float32Array;
  /** Monte-Carlo return minus V, to the time limit. */
  readonly monteCarlo: Float64Array;
  /** The advantage that the options name. */
  readonly advantage: Float64Array;
  /** By horizon: Ã_k of a perfect model. */
  readonly perfect: ReadonlyArray<Float64Array>;
  /** By horizon: Ã_k of the learned model. */
  readonly learned: ReadonlyArray<Float64Array>;
}

/** (δ, decay, steps) ⇒ Σ_{i<steps} decayⁱ·δᵢ. */
const decayed = (delta: Float64Array, decay: number, steps: number): number => {
  let sum = 0;
  for (let i = Math.min(steps, delta.length) - 1; i >= 0; i--) sum = delta[i] + decay * sum;
  return sum;
};

const advantageOf = (delta: Float64Array, o: EstimatorOptions): number => {
  switch (o.advantage) {
    case "monteCarlo":
      return decayed(delta, o.discount, delta.length);
    case "gae":
      return decayed(delta, o.discount * o.lambda, delta.length);
    case "kStep":
      return decayed(delta, o.discount, o.horizon === "dynamic" ? o.maxHorizon : o.horizon);
  }
};

/** (frozen, continuations, k, options) ⇒ Ã_k of the learned model by horizon, embedded with the continuations' noise. */
const imagine = (
  { task, ...networks }: Frozen,
  rows: ReadonlyArray<Continuation>,
  { horizons, options }: BranchPlan,
): ReadonlyArray<Float64Array> => {
  const { observationSize: no, actionSize: na } = task, n = rows.length, deepest = Math.max(0, ...horizons);
  if (deepest === 0) return [];
  const observation = new Float32Array(n * no), action = new Float32Array(n * na);
  const noise = new Float32Array(deepest * n * na), nextObservation = new Float32Array(n * no);
  rows.forEach((row, i) => {
    observation.set(row.observation.subarray(0, no), i * no);
    nextObservation.set(row.observation.subarray(no, 2 * no), i * no);
    action.set(row.action.subarray(0, na), i * na);
    for (let h = 0; h < deepest; h++) noise.set(row.noise.subarray(h * na, (h + 1) * na), (h * n + i) * na);
  });
  const batch: Batch = {
    steps: 1,
    environments: n,
    observationSize: no,
    actionSize: na,
    observation,
    nextObservation,
    action,
    noise: noise.slice(0, n * na),
    logProb: new Float32Array(n), // neither of these is read by an imagined rollout
    reward: Float32Array.from(rows, (row) => row.reward[0]),
    terminated: Uint8Array.from(rows, (row) => Number(row.terminated && row.length === 1)),
    truncated: new Uint8Array(n),
    episodeReturns: new Float64Array(0),
    episodeLengths: new Int32Array(0),
  };
  const { discount, lambda, imaginedReturn: weighting, termination } = options;
  const form = { discount, lambda, weighting, termination };
  const found = embed({ task: task.imagined, ...networks }, batch, noise, deepest, form);
  return horizons.map((k) => Float64Array.from(found[k - 1]));
};

/**
 * (frozen, plan, key) ⇒ (branches). Real advantages end at the time limit of the state's episode and bootstrap with V there,
 * as those of a batch do; imagined ones know no limit, and neither does the physics.
 * Fails: throws PhysicsDiverged.
 */
export const sampleBranches = (frozen: Frozen, plan: BranchPlan, key: Key): Branches => {
  const { task, policy, normalizer } = frozen, { counts, first, options, horizons } = plan;
  const { observationSize: no, actionSize: na } = task, { states, actions, continuations } = counts;
  const steps = Math.max(plan.tail, ...horizons);
  const go = makeContinue(task, policy, normalizer);
  const observation = new Float32Array(states * no), noise = new Float32Array(states * actions * na);
  const rows: Continuation[] = [], left: number[] = []; // steps before the time limit
  for (let s = 0; s < states; s++) {
    const state = stationaryState(frozen, first + s, key), own = fold(fold(key, "branches"), first + s);
    for (let k = 0; k < actions; k++) {
      const epsilon = Float32Array.from({ length: na }, makeStream(fold(fold(own, "action"), k)).normal);
      noise.set(epsilon, (s * actions + k) * na);
      for (let j = 0; j < continuations; j++) {
        const row = go({ state, noise: epsilon }, steps, makeStream(fold(fold(own, k), j)));
        if (row.divergedAt >= 0) throw divergence(frozen, first + s, row.divergedAt);
        rows.push(row);
        left.push(task.timeLimit - state.elapsed);
      }
    }
    observation.set(rows[rows.length - 1].observation.subarray(0, no), s * no);
  }
  const deltas = rows.map((row) => continuationDeltas(row, continuationValues(frozen, row), options.discount));
  const each = (f: (delta: Float64Array) => number) => Float64Array.from(deltas, f);
  const cut = deltas.map((delta, i) => delta.subarray(0, left[i]));
  const decay = options.discount * (options.imaginedReturn === "lambdaWeighted" ? options.lambda : 1);
  return {
    counts,
    observation,
    noise,
    monteCarlo: Float64Array.from(cut, (delta) => decayed(delta, options.discount, delta.length)),
    advantage: Float64Array.from(cut, (delta) => advantageOf(delta, options)),
    perfect: horizons.map((k) => each((delta) => decayed(delta, decay, k))),
    learned: imagine(frozen, rows, plan),
  };
};

const joined = <A extends Float32Array | Float64Array>(parts: ReadonlyArray<A>, make: (length: number) => A): A => {
  const whole = make(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
};

/** (branches of consecutive states) ⇒ those of all of them. */
export const joinBranches = (parts: ReadonlyArray<Branches>): Branches => {
  const [one] = parts, states = parts.reduce((sum, { counts }) => sum + counts.states, 0);
  const floats = (of: (part: Branches) => Float32Array) => joined(parts.map(of), (n) => new Float32Array(n));
  const doubles = (of: (part: Branches) => Float64Array) => joined(parts.map(of), (n) => new Float64Array(n));
  return {
    counts: { ...one.counts, states },
    observation: floats((part) => part.observation),
    noise: floats((part) => part.noise),
    monteCarlo: doubles((part) => part.monteCarlo),
    advantage: doubles((part) => part.advantage),
    perfect: one.perfect.map((_, i) => doubles((part) => part.perfect[i])),
    learned: one.learned.map((_, i) => doubles((part) => part.learned[i])),
  };
};
