/**
 * Fitting V on the memory's recent batches, as a job.
 * (batches, V) ⇒ (V)
 *
 * @module
 */
import type { ReplayMemory } from "../data/memory.ts";
import type { ValueParams } from "../data/parameters.ts";
import { fold, type Key, makeStream } from "../math/random.ts";
import { explainedVariance } from "../math/statistics.ts";
import { effectiveSampleFraction } from "../nn/networks/policy_ratio.ts";
import { moveTarget, predictValue, regressValue } from "../nn/networks/value.ts";
import { defineJob, type Job } from "../parallel/job.ts";
import type { FitResult } from "./fit_timing.ts";
import type { fitValueOptions } from "./fit_value.ts";
import { bellman, onPolicy, type TargetContext, type Targets, vtrace } from "./value_targets.ts";

type Options = typeof fitValueOptions.Type;

/** A fitted value function, with the last data that it was fitted to. */
interface FittedValue {
  readonly value: ValueParams;
  readonly loss: number;
  readonly data: Targets;
}

/** `times` rounds of: make targets, then one pass of minibatch Adam over them. */
const rounds = (
  times: number,
  start: ValueParams,
  targets: (value: ValueParams, key: Key) => Targets,
  { batchSize, learningRate, targetNormalization }: Options,
  after: (value: ValueParams) => ValueParams,
  key: Key,
): FittedValue => {
  const options = { epochs: 1, batchSize, learningRate, targetNormalization };
  let value = start, loss = 0;
  let data: Targets | null = null;
  for (let i = 0; i < times; i++) {
    const keyOfRound = fold(key, i);
    data = targets(value, fold(keyOfRound, "targets"));
    const result = regressValue(value, data, options, fold(keyOfRound, "minibatches"));
    value = after(result.value);
    loss = result.loss;
  }
  return { value, loss, data: data! };
};

/** (options, memory) ⇒ the batches that are fitted, which alone travel to another thread. */
export const fittedBatches = ({ method, batches }: Options, memory: ReplayMemory): ReplayMemory => ({
  batches: memory.batches.slice(method === "onPolicy" ? -1 : -batches),
});

const fitOnce = (
  context: TargetContext,
  recent: ReplayMemory,
  value: ValueParams,
  o: Options,
  key: Key,
): FittedValue => {
  const newest = recent.batches[recent.batches.length - 1];
  const unchanged = (v: ValueParams) => v;
  switch (o.method) {
    case "vtrace":
      return rounds(o.epochs, value, vtrace(context, recent.batches), o, unchanged, key);
    case "onPolicy": {
      const data = onPolicy(context, newest, value); // λ-returns of the old V, as in TRPO
      return rounds(o.epochs, value, () => data, o, unchanged, key);
    }
    case "bellmanIS": {
      const draw = (v: ValueParams, k: Key) => bellman(context, recent, v, o.batchSize, makeStream(k));
      return rounds(o.updates, value, draw, o, (v) => moveTarget(v, o.targetRate), key);
    }
  }
};

/** (fit) ⇒ the same, with what there is to say about it. */
const described = ({ value, loss, data: { observation, target, ratio } }: FittedValue): FitResult<ValueParams> => ({
  params: value,
  metrics: {
    loss,
    explainedVariance: explainedVariance(predictValue(value, observation), target),
    effectiveSamples: effectiveSampleFraction(ratio),
  },
});

/** What fits of one iteration share. */
export interface ValueFits {
  readonly context: TargetContext;
  readonly options: Options;
  readonly key: Key;
}

/** What one of them sees, and starts from. */
export interface ValueFit {
  readonly recent: ReplayMemory;
  readonly start: ValueParams;
}

/** (policy, options, key; batches and V) ⇒ (fitted V, metrics). */
export const fitValues: Job<ValueFits, ValueFit, FitResult<ValueParams>> = defineJob(
  import.meta.url,
  "fitValues",
  function* ({ context, options, key }, fits) {
    for (const { recent, start } of fits) yield described(fitOnce(context, recent, start, options, key));
  },
);
