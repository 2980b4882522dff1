/**
 * Stage `fitValue`: (memory, policy, normalizer, value) ⇒ (value).
 *
 * @module
 */
import * as Effect from "effect/Effect";
import * as Schema from "effect/Schema";
import type { ReplayMemory } from "../data/memory.ts";
import type { ValueParams } from "../data/parameters.ts";
import type { TargetNormalization } from "../nn/training/target_units.ts";
import { type MemoryEmpty, type TensorsExhausted, ValueFitDiverged } from "./errors.ts";
import { fitByTiming, fitMetrics, type FitResult, type FitTiming, fitTiming } from "./fit_timing.ts";
import { count, fraction, oneOf, option, type OptionsOf, positive } from "../options/options.ts";
import { targetNormalization } from "./target_normalization.ts";
import { defineStage, type Stage, type StageDefinition } from "./stage.ts";
import { TensorRuntime } from "./tensor_runtime.ts";
import { fittedBatches, fitValues } from "./value_fit.ts";

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

/** The type of the stage `fitValue`. */
export type FitValue = Stage<
  "memory" | "policy" | "normalizer" | "value",
  "value",
  ValueFitDiverged | MemoryEmpty | TensorsExhausted,
  TensorRuntime
>;

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
      const fits = { context: { policy, normalizer, discount: o.discount, lambda: o.lambda }, options: o, key };
      const fit = (visible: ReplayMemory, start: ValueParams) =>
        Effect.flatMap(
          runtime.aside("fitValue", fitValues, fits, { recent: fittedBatches(o, visible), start }),
          checked,
        );
      const request = { stage: "fitValue", timing: o.fit, memory, previous };
      const { params: value, metrics } = yield* fitByTiming(request, fit);
      return { value, metrics };
    }),
  }),
});
