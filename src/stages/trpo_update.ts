/**
 * Stage `trpoUpdate`: (policy, normalizer, batch, gradient) ⇒ (policy).
 *
 * @module
 */
import * as Effect from "effect/Effect";
import * as Schema from "effect/Schema";
import type { Batch } from "../data/batch.ts";
import type { Metrics } from "../data/gradient.ts";
import type { Normalizer, PolicyParams } from "../data/parameters.ts";
import type { GradientEstimate } from "../estimators/estimate.ts";
import { totalValue } from "../estimators/surrogate.ts";
import { conjugateGradient } from "../math/conjugate_gradient.ts";
import { backtrack } from "../math/line_search.ts";
import { makeFisherProduct } from "../nn/networks/fisher.ts";
import { normalizeInto } from "../nn/networks/normalizer.ts";
import { evaluatePolicy, meanDivergence } from "../nn/networks/evaluated_policy.ts";
import { NonFiniteGradient, type TensorsExhausted } from "./errors.ts";
import { count, fraction, nonNegative, option, type OptionsOf, positive } from "../options/options.ts";
import { defineStage, type Stage, type StageDefinition } from "./stage.ts";
import { TensorRuntime } from "./tensor_runtime.ts";

/** Options of `trpoUpdate`. */
export const trpoUpdateOptions: OptionsOf<{
  maxKl: number;
  conjugateGradientSteps: number;
  damping: number;
  backtrackSteps: number;
  backtrackShrink: number;
}> = Schema.Struct({
  maxKl: option(positive, 0.01, "largest mean KL(old ‖ new) of one update, nats"),
  conjugateGradientSteps: option(count, 10, "steps of the conjugate gradient on the Fisher matrix"),
  damping: option(nonNegative, 0.1, "added to the diagonal of the Fisher matrix"),
  backtrackSteps: option(count, 10, "step sizes that the line search tries"),
  backtrackShrink: option(fraction, 0.8, "factor between them"),
});

type Options = typeof trpoUpdateOptions.Type;
/** The type of the stage `trpoUpdate`. */
export type TrpoUpdate = Stage<
  "policy" | "normalizer" | "batch" | "gradient",
  "policy",
  NonFiniteGradient | TensorsExhausted,
  TensorRuntime
>;

/** What an update starts from. */
interface UpdateInput {
  readonly policy: PolicyParams;
  readonly normalizer: Normalizer;
  readonly batch: Batch;
  readonly gradient: GradientEstimate;
}

const dot = (a: Float32Array, b: Float32Array): number => a.reduce((sum, x, i) => sum + x * b[i], 0);

/** (gradient) ⇒ the step of KL `maxKl` along F⁻¹g, and the curvature sᵀFs along it. */
const naturalStep = (input: UpdateInput, observation: Float32Array, o: Options) => {
  const fisher = makeFisherProduct(input.policy, observation, o.damping);
  try {
    const { x, residual, curvature } = conjugateGradient(fisher.product, input.gradient.gradient, {
      iterations: o.conjugateGradientSteps,
      tolerance: 1e-10,
    });
    const size = curvature > 0 ? Math.sqrt(2 * o.maxKl / curvature) : 0;
    return { step: x.map((s) => s * size), residual, curvature };
  } finally {
    fisher.dispose();
  }
};

const update = (input: UpdateInput, o: Options): { policy: PolicyParams; metrics: Metrics } => {
  const { policy, normalizer, batch, gradient: { gradient, surrogates } } = input;
  const observation = normalizeInto(normalizer, batch.observation);
  const { step, residual, curvature } = naturalStep(input, observation, o);
  const old = evaluatePolicy(policy, observation), before = totalValue(surrogates, old);
  const search = backtrack((fraction) => {
    const theta = policy.theta.map((t, i) => t + fraction * step[i]);
    const tried = evaluatePolicy({ ...policy, theta }, observation), kl = meanDivergence(old, tried);
    if (!(kl <= o.maxKl)) return { accepted: false, value: { theta, kl, improvement: NaN } }; // no rollouts for it
    const improvement = totalValue(surrogates, tried) - before;
    return { accepted: improvement > 0, value: { theta, kl, improvement } };
  }, { steps: o.backtrackSteps, shrink: o.backtrackShrink });
  const accepted = search.outcome === "accepted";
  return {
    policy: accepted ? { ...policy, theta: search.value.theta } : policy,
    metrics: {
      outcome: accepted ? "accepted" : "lineSearchRejected",
      kl: accepted ? search.value.kl : 0,
      improvement: accepted ? search.value.improvement : 0,
      expectedImprovement: dot(gradient, step),
      stepFraction: search.fraction,
      residual,
      curvature,
    },
  };
};

/** One step of trust-region policy optimisation along the estimated gradient. Source: Schulman et al. 2015, appendix C. */
export const trpoUpdate: StageDefinition<typeof trpoUpdateOptions, TrpoUpdate> = defineStage({
  name: "trpoUpdate",
  summary: "moves the policy along the natural gradient within a KL trust region",
  options: trpoUpdateOptions,
  metrics: {
    outcome: "accepted, or lineSearchRejected: the policy stays",
    kl: "mean KL(old ‖ new) of the accepted step, nats",
    improvement: "surrogate's gain by the accepted step",
    expectedImprovement: "its linear prediction for the full step",
    stepFraction: "accepted fraction of the full step",
    residual: "relative residual of the conjugate gradient",
    curvature: "xᵀFx of the solution x, before scaling to the trust region",
  },
  make: (_task, o): TrpoUpdate => ({
    name: "trpoUpdate",
    reads: ["policy", "normalizer", "batch", "gradient"],
    writes: ["policy"],
    run: Effect.fnUntraced(function* (slots) {
      const runtime = yield* TensorRuntime;
      if (!slots.gradient.gradient.every(Number.isFinite)) {
        return yield* Effect.fail(new NonFiniteGradient({ quantity: "gradient" }));
      }
      const { policy, metrics } = yield* runtime.scoped("trpoUpdate", () => update(slots, o));
      const { curvature, residual, expectedImprovement } = metrics;
      if (![curvature, residual, expectedImprovement].every(Number.isFinite)) {
        return yield* Effect.fail(new NonFiniteGradient({ quantity: "natural gradient" })); // a step that no search accepts
      }
      return { policy, metrics };
    }),
  }),
});
