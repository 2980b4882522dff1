/**
 * Stage `fitValue`: (memory, policy, normalizer, value) ⇒ (value).
 *
 * @module
 */
import * as Effect from "effect/Effect";
import * as Schema from "effect/Schema";
import type { ReplayMemory } from "../data/memory.ts";
import type { ValueParams } from "../data/parameters.ts";
import { fold, type Key, makeStream } from "../math/random.ts";
import { explainedVariance } from "../math/statistics.ts";
import { effectiveSampleFraction } from "../nn/networks/policy_ratio.ts";
import type { TargetNormalization } from "../nn/training/target_units.ts";
import { moveTarget, predictValue, regressValue } from "../nn/networks/value.ts";
import { type MemoryEmpty, type TensorsExhausted, ValueFitDiverged } from "./errors.ts";
import { fitByTiming, fitMetrics, type FitResult, type FitTiming, fitTiming } from "./fit_timing.ts";
import { count, fraction, oneOf, option, type OptionsOf, positive } from "../options/options.ts";
import { targetNormalization } from "./target_normalization.ts";
import { defineStage, type Stage, type StageDefinition } from "./stage.ts";
import { TensorRuntime } from "./tensor_runtime.ts";
import { bellman, onPolicy, type TargetContext, type Targets, vtrace } from "./value_targets.ts";

/** Options of `fitValue`. */
export const fitValueOptions: OptionsOf<{
  method: "vtrace" | "bellmanIS" | "onPolicy";
  discount: number;
  lambda: number;
  batches: number;
  epochs: number;
  batchSize: number;
  learningRate: number;
  targetNormalization: TargetNormalization;
  updates: number;
  targetRate: number;
  fit: FitTiming;
}> = Schema.Struct({
  method: option(
    oneOf("vtrace", "bellmanIS", "onPolicy"),
    "vtrace",
    "vtrace: V-trace targets over recent batches; bellmanIS: the paper's Algorithm 2; onPolicy: λ-returns of the batch",
  ),
  discount: option(fraction, 0.995, "γ"),
  lambda: option(fraction, 0.97, "λ of the targets (vtrace, onPolicy)"),
  batches: option(count, 3, "most recent batches that are fitted (vtrace, bellmanIS)"),
  epochs: option(count, 6, "passes over the data, each with fresh targets (vtrace); passes over the batch (onPolicy)"),
  batchSize: option(count, 256, "transitions an Adam update"),
  learningRate: option(positive, 0.001, "of Adam"),
  targetNormalization,
  updates: option(count, 50, "updates an iteration (bellmanIS)"),
  targetRate: option(fraction, 0.99, "σ of the soft target update θ′ ← σθ′ + (1 − σ)θ after each update (bellmanIS)"),
  fit: fitTiming,
});

type Options = typeof fitValueOptions.Type;
/** The type of the stage `fitValue`. */
export type FitValue = Stage<
  "memory" | "policy" | "normalizer" | "value",
  "value",
  ValueFitDiverged | MemoryEmpty | TensorsExhausted,
  TensorRuntime
>;

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

const fitOnce = (
  context: TargetContext,
  memory: ReplayMemory,
  value: ValueParams,
  o: Options,
  key: Key,
): FittedValue => {
  const recent = { batches: memory.batches.slice(-o.batches) }, newest = memory.batches[memory.batches.length - 1];
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

/** (fit) ⇒ the same. Fails: ValueFitDiverged where it is not finite. */
const checked = (fitted: FitResult<ValueParams>): Effect.Effect<FitResult<ValueParams>, ValueFitDiverged> => {
  const quantity = !Number.isFinite(fitted.metrics.loss)
    ? "loss"
    : fitted.params.theta.every(Number.isFinite)
    ? null
    : "theta";
  return quantity === null ? Effect.succeed(fitted) : Effect.fail(new ValueFitDiverged({ quantity }));
};

/** Fits the value function V. */
export const fitValue: StageDefinition<typeof fitValueOptions, FitValue> = defineStage({
  name: "fitValue",
  summary: "fits the value function on the replay memory's recent batches",
  options: fitValueOptions,
  metrics: {
    loss: "mean weighted squared error in the last pass, squared discounted reward",
    explainedVariance: "1 − Var(V − target)/Var(target) on the last data after the fit",
    effectiveSamples: "effective fraction of the last data's samples under π/π_old (bellmanIS: of the last minibatch)",
    ...fitMetrics,
  },
  make: (_task, o): FitValue => ({
    name: "fitValue",
    reads: ["memory", "policy", "normalizer", "value"],
    writes: ["value"],
    run: Effect.fnUntraced(function* ({ memory, policy, normalizer, value: previous }, key) {
      const runtime = yield* TensorRuntime;
      const context = { policy, normalizer, discount: o.discount, lambda: o.lambda };
      const fit = (visible: ReplayMemory, start: ValueParams) =>
        Effect.flatMap(runtime.scoped("fitValue", () => described(fitOnce(context, visible, start, o, key))), checked);
      const request = { stage: "fitValue", timing: o.fit, memory, previous };
      const { params: value, metrics } = yield* fitByTiming(request, fit);
      return { value, metrics };
    }),
  }),
});
