/**
 * What `fitValue` regresses V on, by method.
 *
 * @module
 */
import type { Batch } from "../data/batch.ts";
import { batchSize } from "../data/batch.ts";
import type { ReplayMemory } from "../data/memory.ts";
import type { Normalizer, PolicyParams, ValueParams } from "../data/parameters.ts";
import { generalisedAdvantage, vtraceTargets } from "../data/returns.ts";
import { batchValues } from "../estimators/real_advantage.ts";
import type { Stream } from "../math/random.ts";
import { normalizeInto } from "../nn/networks/normalizer.ts";
import { importanceWeights } from "../nn/networks/policy_ratio.ts";
import { predictValue, type ValueData } from "../nn/networks/value.ts";

/** What the targets are made with. */
export interface TargetContext {
  readonly policy: PolicyParams;
  readonly normalizer: Normalizer;
  /** γ */
  readonly discount: number;
  /** λ of the targets */
  readonly lambda: number;
}

/** Training data of V with the importance weights behind it. */
export interface Targets extends ValueData {
  /** [n] π/π_old */
  readonly ratio: Float32Array;
}

/** (batches) ⇒ their observations normalised. */
const normalized = ({ normalizer }: TargetContext, batches: ReadonlyArray<Batch>): ReadonlyArray<Float32Array> =>
  batches.map((batch) => normalizeInto(normalizer, batch.observation));

const concatenate = (arrays: ReadonlyArray<Float32Array>): Float32Array => {
  const out = new Float32Array(arrays.reduce((n, x) => n + x.length, 0));
  arrays.reduce((at, x) => (out.set(x, at), at + x.length), 0);
  return out;
};

/** (batches) ⇒ (V ⇒ V-trace targets of all their transitions); what does not depend on V is made once. */
export const vtrace = (context: TargetContext, batches: ReadonlyArray<Batch>): (value: ValueParams) => Targets => {
  const { policy, normalizer } = context, observations = normalized(context, batches);
  const ratios = batches.map(({ action, logProb }, i) => importanceWeights(policy, observations[i], action, logProb));
  const ratio = concatenate(ratios), observation = concatenate(observations);
  return (value) => {
    const values = batches.map((batch, i) => batchValues(batch, observations[i], value, normalizer));
    const targets = batches.map((batch, i) => vtraceTargets(batch, values[i], ratios[i], context));
    return {
      ratio,
      observation,
      target: concatenate(targets),
      output: concatenate(values.map((of) => of.value)),
    };
  };
};

/** (batch, V) ⇒ λ-returns of the batch's own policy. */
export const onPolicy = (context: TargetContext, batch: Batch, value: ValueParams): Targets => {
  const [observation] = normalized(context, [batch]);
  const values = batchValues(batch, observation, value, context.normalizer);
  const advantage = generalisedAdvantage(batch, values, context);
  return {
    ratio: new Float32Array(batchSize(batch)).fill(1),
    target: Float32Array.from(advantage, (a, i) => a + values.value[i]),
    observation,
  };
};

/** Transitions drawn from the memory: a batch uniformly, then one of its transitions. */
export interface DrawnTransitions {
  /** [n, obs] not normalised */
  readonly observation: Float32Array;
  /** [n, obs] not normalised */
  readonly nextObservation: Float32Array;
  /** [n, act] */
  readonly action: Float32Array;
  /** [n] of the policy that acted */
  readonly logProb: Float32Array;
  /** [n] */
  readonly reward: Float32Array;
  /** [n] */
  readonly terminated: Uint8Array;
}

/** (memory, n, stream) ⇒ (transitions). */
export const drawTransitions = (memory: ReplayMemory, count: number, stream: Stream): DrawnTransitions => {
  const [{ observationSize: no, actionSize: na }] = memory.batches;
  const observation = new Float32Array(count * no), nextObservation = new Float32Array(count * no);
  const action = new Float32Array(count * na), logProb = new Float32Array(count);
  const reward = new Float32Array(count), terminated = new Uint8Array(count);
  for (let s = 0; s < count; s++) {
    const batch = memory.batches[stream.integer(memory.batches.length)], i = stream.integer(batchSize(batch));
    observation.set(batch.observation.subarray(i * no, (i + 1) * no), s * no);
    nextObservation.set(batch.nextObservation.subarray(i * no, (i + 1) * no), s * no);
    action.set(batch.action.subarray(i * na, (i + 1) * na), s * na);
    logProb[s] = batch.logProb[i];
    reward[s] = batch.reward[i];
    terminated[s] = batch.terminated[i];
  }
  return { observation, nextObservation, action, logProb, reward, terminated };
};

const MAXIMAL_WEIGHT = 20; // of one transition, so that a single one cannot decide an update

/**
 * One minibatch of Algorithm 2: transitions drawn from the memory, y = r + γ·V(s′; θ′), weights π(a|s)/π_old(a|s).
 * Departure: weights above 20 are cut.
 */
export const bellman = (
  context: TargetContext,
  memory: ReplayMemory,
  value: ValueParams,
  count: number,
  stream: Stream,
): Targets => {
  const { observation, nextObservation, action, logProb, reward, terminated } = drawTransitions(memory, count, stream);
  const seen = normalizeInto(context.normalizer, observation);
  const nextValue = predictValue(
    { shape: value.shape, theta: value.target },
    normalizeInto(context.normalizer, nextObservation),
  );
  const ratio = importanceWeights(context.policy, seen, action, logProb);
  return {
    ratio,
    observation: seen,
    target: reward.map((r, i) => r + (terminated[i] ? 0 : context.discount * nextValue[i])),
    weight: ratio.map((w) => Math.min(MAXIMAL_WEIGHT, w)),
  };
};
