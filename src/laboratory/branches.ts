/**
 * Many continuations of the same states: nested samples of advantages, real and imagined.
 *
 * @module
 */
import type { Batch } from "../data/batch.ts";
import type { ReturnForm } from "../data/gradient.ts";
import type { AdvantageForm } from "../estimators/option_groups.ts";
import { embed } from "../imagination/embed.ts";
import { latentSize } from "../imagination/world.ts";
import { fold, type Key, makeStream } from "../math/random.ts";
import { type Continuation, makeContinue } from "../rollout/continuation.ts";
import { faultError } from "../tasks/fault.ts";
import { stationaryState } from "./collection.ts";
import type { Frozen } from "./frozen.ts";
import { continuationDeltas, continuationValues, judgeOf } from "./true_advantage.ts";

/** Sizes of the nest. */
export interface BranchCounts {
  /** S */
  readonly states: number;
  /** K of each state */
  readonly actions: number;
  /** J of each action */
  readonly continuations: number;
}

/** What is to be sampled. */
export interface BranchPlan {
  readonly counts: BranchCounts;
  /** Number of the first state, which names its random streams. */
  readonly first: number;
  /** steps of a continuation */
  readonly tail: number;
  /** the real advantage to look at */
  readonly advantage: AdvantageForm;
  /** how imagined rewards add up */
  readonly form: ReturnForm;
  /** of the perfect model */
  readonly horizons: ReadonlyArray<number>;
  /** of the learned one: the same, or none where nothing fitted it or no imagined rollout sees the task's ends */
  readonly learnedHorizons: ReadonlyArray<number>;
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
  /** By horizon of the learned model: its Ã_k. */
  readonly learned: ReadonlyArray<Float64Array>;
}

/** (δ, decay, steps) ⇒ Σ_{i<steps} decayⁱ·δᵢ. */
const decayed = (delta: Float64Array, decay: number, steps: number): number => {
  let sum = 0;
  for (let i = Math.min(steps, delta.length) - 1; i >= 0; i--) sum = delta[i] + decay * sum;
  return sum;
};

const advantageOf = (delta: Float64Array, o: AdvantageForm): number => {
  switch (o.advantage) {
    case "monteCarlo":
      return decayed(delta, o.discount, delta.length);
    case "gae":
      return decayed(delta, o.discount * o.lambda, delta.length);
    case "kStep":
      return decayed(delta, o.discount, o.advantageSteps);
  }
};

/**
 * (task, continuations, states that they start from, T) ⇒ (batch [T, continuations]): their first T transitions, as the environments of a batch. Rows
 * after a terminal one are empty.
 */
const continuationBatch = (
  { observationSize: no, actionSize: na }: Frozen["task"],
  rows: ReadonlyArray<Continuation>,
  starts: Float64Array,
  steps: number,
): Batch => {
  const n = rows.length, size = steps * n;
  const observation = new Float32Array(size * no), nextObservation = new Float32Array(size * no);
  const action = new Float32Array(size * na), noise = new Float32Array(size * na);
  const reward = new Float32Array(size), terminated = new Uint8Array(size);
  rows.forEach((row, i) => {
    for (let t = 0, at = i; t < Math.min(steps, row.length); t++, at += n) {
      observation.set(row.observation.subarray(t * no, (t + 1) * no), at * no);
      nextObservation.set(row.observation.subarray((t + 1) * no, (t + 2) * no), at * no);
      action.set(row.action.subarray(t * na, (t + 1) * na), at * na);
      noise.set(row.noise.subarray(t * na, (t + 1) * na), at * na);
      reward[at] = row.reward[t];
      terminated[at] = Number(row.terminated && row.length === t + 1);
    }
  });
  const state = new Float64Array(steps * starts.length); // of the first step, as later ones are not imagined from
  state.set(starts);
  return {
    state,
    steps,
    environments: n,
    observationSize: no,
    actionSize: na,
    observation,
    nextObservation,
    action,
    noise,
    logProb: new Float32Array(size), // not read by an imagined rollout
    reward,
    terminated,
    truncated: new Uint8Array(size),
    episodeReturns: new Float64Array(0),
    episodeLengths: new Int32Array(0),
  };
};

/**
 * (frozen, continuations, plan) ⇒ Ã_k of the learned model by horizon, embedded with the continuations' noise, and, where
 * its dynamics are stochastic, with the η of their real transitions.
 */
const imagine = (
  { task, ...networks }: Frozen,
  rows: ReadonlyArray<Continuation>,
  starts: Float64Array,
  { learnedHorizons: horizons, form }: BranchPlan,
): ReadonlyArray<Float64Array> => {
  const { actionSize: na } = task, n = rows.length, deepest = Math.max(0, ...horizons);
  if (deepest === 0) return [];
  const { policy, normalizer, value: { first: { network: value } }, model: { first: { network: model } } } = networks;
  const steps = latentSize(model) === 0 ? 1 : deepest; // later transitions say nothing but their η
  const noise = new Float32Array(deepest * steps * n * na); // of the first step's starts, which alone are asked for
  rows.forEach((row, i) => {
    for (let h = 0; h < deepest; h++) noise.set(row.noise.subarray(h * na, (h + 1) * na), (h * steps * n + i) * na);
  });
  const world = { task: task.imagined, policy, normalizer, value, model };
  const found = embed(world, continuationBatch(task, rows, starts, steps), noise, deepest, form);
  return horizons.map((k) => Float64Array.from(found[k - 1].subarray(0, n)));
};

/**
 * (frozen, plan, key) ⇒ (branches). Real advantages end at the time limit of the state's episode and bootstrap with V there,
 * as those of a batch do; imagined ones know no limit, and neither does the physics.
 * Fails: throws SimulationError.
 */
export const sampleBranches = (frozen: Frozen, plan: BranchPlan, key: Key): Branches => {
  const { task, policy, normalizer } = frozen, { counts, first, advantage, form, horizons } = plan;
  const { observationSize: no, actionSize: na } = task, { states, actions, continuations } = counts;
  const steps = Math.max(plan.tail, ...horizons);
  const go = makeContinue(task, policy, normalizer);
  const observation = new Float32Array(states * no), noise = new Float32Array(states * actions * na);
  const starts = new Float64Array(states * actions * continuations * task.simulator.stateSize);
  const rows: Continuation[] = [], left: number[] = []; // steps before the time limit
  for (let s = 0; s < states; s++) {
    const { state, elapsed } = stationaryState(frozen, first + s, key), own = fold(fold(key, "branches"), first + s);
    for (let k = 0; k < actions; k++) {
      const epsilon = Float32Array.from({ length: na }, makeStream(fold(fold(own, "action"), k)).normal);
      noise.set(epsilon, (s * actions + k) * na);
      for (let j = 0; j < continuations; j++) {
        const row = go({ state, noise: epsilon }, steps, makeStream(fold(fold(own, k), j)));
        if (row.fault !== null) throw faultError(task.name, first + s, row.fault);
        starts.set(state, rows.length * state.length);
        rows.push(row);
        left.push(task.timeLimit - elapsed);
      }
    }
    observation.set(rows[rows.length - 1].observation.subarray(0, no), s * no);
  }
  const judge = judgeOf(frozen, 0);
  const deltas = rows.map((row) => continuationDeltas(row, continuationValues(judge, row), form.discount));
  const each = (f: (delta: Float64Array) => number) => Float64Array.from(deltas, f);
  const cut = deltas.map((delta, i) => delta.subarray(0, left[i]));
  const decay = form.discount * (form.weighting === "lambdaWeighted" ? form.lambda : 1);
  return {
    counts,
    observation,
    noise,
    monteCarlo: Float64Array.from(cut, (delta) => decayed(delta, form.discount, delta.length)),
    advantage: Float64Array.from(cut, (delta) => advantageOf(delta, advantage)),
    perfect: horizons.map((k) => each((delta) => decayed(delta, decay, k))),
    learned: imagine(frozen, rows, starts, plan),
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
