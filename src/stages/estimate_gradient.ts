/**
 * Stage `estimateGradient`: (policy, networks of the estimator, control, normalizer, batch) ⇒ (gradient, control).
 *
 * @module
 */
import * as Effect from "effect/Effect";
import * as Schema from "effect/Schema";
import { bootstrapWeights } from "../data/returns.ts";
import type { Estimator, EstimatorOptions } from "../estimators/estimator.ts";
import { type EstimatorName, estimators } from "../estimators/registry.ts";
import { mean } from "../math/statistics.ts";
import { imaginedOf } from "../tasks/survival.ts";
import type { Task } from "../tasks/task.ts";
import { NonFiniteGradient, type TensorsExhausted } from "./errors.ts";
import { count, fraction, oneOf, option, type OptionsOf } from "./options.ts";
import { defineStage, type Stage, type StageDefinition } from "./stage.ts";
import { TensorRuntime } from "./tensor_runtime.ts";

const horizonSchema = Schema.Union([
  Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 20 })),
  Schema.Literal("dynamic"),
]) as unknown as Schema.Codec<EstimatorOptions["horizon"], EstimatorOptions["horizon"]>;

const termsSchema = Schema.Array(Schema.Literals(["g1", "g2"]))
  .check(Schema.isMinLength(1)) as unknown as Schema.Codec<EstimatorOptions["terms"], EstimatorOptions["terms"]>;

const names = Object.keys(estimators) as ReadonlyArray<EstimatorName>;

/** Options of `estimateGradient`. */
export const estimateGradientOptions: OptionsOf<EstimatorOptions & { estimator: EstimatorName }> = Schema
  .Struct({
    estimator: option(oneOf(...names), "mscv", "which estimator of the family"),
    discount: option(fraction, 0.995, "γ"),
    advantage: option(
      oneOf("gae", "monteCarlo", "kStep"),
      "gae",
      "the real advantage A; gae and kStep are biased by V, monteCarlo only where a return is cut and bootstraps with V",
    ),
    lambda: option(fraction, 0.97, "λ of gae and of lambdaWeighted imagined returns"),
    horizon: option(horizonSchema, 2, "k, 0 … 20 imagined steps, or dynamic: the largest with Cov(A, Ã) > 0"),
    maxHorizon: option(count.check(Schema.isLessThanOrEqualTo(20)), 20, "largest k that dynamic may take"),
    imaginedReturn: option(
      oneOf("kStep", "lambdaWeighted"),
      "kStep",
      "kStep: the paper's Q̃_k; lambdaWeighted: the model's residuals weighted as GAE weighs the real ones",
    ),
    coefficient: option(
      oneOf("one", "optimal", "leastVariance", "conservative", "aggressive"),
      "one",
      "w: one as in the paper; optimal: clip(Cov(A, Ã)/Var(Ã), 0, 1); leastVariance: the same for the whole gradient, " +
        "G2's noise included; conservative: 1 where Cov > 0, else 0; aggressive: the sign of Cov",
    ),
    fitOn: option(
      oneOf("otherHalf", "previousBatch", "sameBatch"),
      "otherHalf",
      "samples that decide w and k: the half that they do not correct, the previous batch, or the same batch (biased)",
    ),
    baseline: option(
      oneOf("constant", "horizonAware"),
      "constant",
      "subtracted beside V, from the other half: its mean residual, or b(t) of the time in the episode and the batch",
    ),
    laterResiduals: option(
      oneOf("kept", "corrected"),
      "kept",
      "noise of the actions after the first: kept in A, or corrected by the model at later states (mscv, svg1; not with k = 0, " +
        "nor with kStep advantages)",
    ),
    laterHorizon: option(
      count.check(Schema.isLessThanOrEqualTo(20)),
      1,
      "imagined steps that tell what one later action did, 1 … 20: few where V is good, more where it is not",
    ),
    imaginedGradient: option(
      oneOf("pathDerivative", "mirroredPairs"),
      "pathDerivative",
      "how G2 is taken (mscv, svg1, modelGradient): by derivatives along the imagined path, as in the paper, or by " +
        "likelihood ratio over pairs μ ± σε of first actions, which long paths do not make noisier",
    ),
    termination: option(
      oneOf("soft", "hard"),
      "soft",
      "survival in imagination: differentiable, or 0 or 1 (biases path derivatives where episodes may end)",
    ),
    rollouts: option(count, 1, "fresh imagined rollouts from each state for G2; of mirroredPairs: pairs of them"),
    terms: option(termsSchema, ["g1", "g2"], "summands of the gradient; leaving one out is biased by design"),
  })
  .check(
    Schema.makeFilter(({ advantage, horizon }) =>
      advantage === "kStep" && horizon === 0
        ? { path: ["horizon"], issue: "at least 1 with kStep advantages, which are 0 without a step" }
        : undefined
    ),
  );

/** The type of the stage `estimateGradient` with one of these estimators: it reads the networks that the estimator reads. */
export type EstimateGradient<E extends EstimatorName = EstimatorName> = Stage<
  "policy" | "control" | "normalizer" | "batch" | (typeof estimators)[E]["reads"][number],
  "gradient" | "control",
  NonFiniteGradient | TensorsExhausted,
  TensorRuntime
>;

/** The definition of `estimateGradient`: the estimator among the options is known to the compiler. */
export interface EstimateGradientDefinition extends StageDefinition<typeof estimateGradientOptions, EstimateGradient> {
  /**
   * (task, options) ⇒ (stage). Throws on an option out of range, and TaskNotImagined where the estimator imagines and the
   * task does not say how its ends are seen in observations.
   */
  <E extends EstimatorName = "mscv">(
    task: Task,
    options?: (typeof estimateGradientOptions)["Encoded"] & { readonly estimator?: E },
  ): EstimateGradient<E>;
}

const norm = (x: Float32Array): number => Math.sqrt(x.reduce((sum, v) => sum + v * v, 0));

const isSound = (x: number | string): boolean => typeof x === "string" || Number.isFinite(x);

/** (task, estimator) ⇒ slots that it reads. Throws TaskNotImagined where they are those of an imagined rollout. */
const readsOf = <E extends EstimatorName>(task: Task, estimator: E): (typeof estimators)[E]["reads"] => {
  const { reads } = estimators[estimator];
  if (reads.some((slot) => slot === "model")) imaginedOf(task, `"${estimator}"`);
  return reads;
};

/** Estimates the policy gradient. */
export const estimateGradient: EstimateGradientDefinition = defineStage({
  name: "estimateGradient",
  summary: "estimates the policy gradient with the chosen estimator",
  options: estimateGradientOptions,
  metrics: {
    horizon: "k in use, mean over the two halves of the batch",
    coefficient: "w in use, mean over the two halves of the batch",
    nearCoefficient: "weight of the correction of residuals within the imagined steps, mean over the two halves",
    laterCoefficient: "weight of the correction of residuals after them, mean over the two halves",
    unbiased:
      "1 where the estimator declares its mean to be the likelihood-ratio gradient with these networks and this " +
      "batch, whose every return then ends in a terminal state (V's weight at most 1%), else 0",
    bootstrapWeight: "mean weight of V in the Monte-Carlo returns: γ^(steps to a cut by time limit or batch), else 0",
    varianceRatio:
      "what w·Ã and the correction of later residuals leave of the signal's variance, as a share of Var(A)",
    correlation: "ρ(A, Ã)",
    advantageMean: "mean of A",
    advantageStd: "standard deviation of A",
    imaginedStd: "standard deviation of what is subtracted from A: w·Ã and the correction of later residuals",
    gradientNorm: "Euclidean norm of the gradient",
    g1Norm: "Euclidean norm of G1",
    g2Norm: "Euclidean norm of G2",
  },
  make: (task, o): EstimateGradient => ({
    name: "estimateGradient",
    reads: ["policy", ...readsOf(task, o.estimator), "control", "normalizer", "batch"],
    writes: ["gradient", "control"],
    run: Effect.fnUntraced(function* (slots, key) {
      const runtime = yield* TensorRuntime;
      const estimate: Estimator = estimators[o.estimator]; // what it does not read is not among the slots
      const { estimate: gradient, control, metrics } = yield* runtime.scoped(
        "estimateGradient",
        () => estimate({ task: task.imagined, ...slots }, o, key),
      );
      const norms: Record<string, number> = {}; // terms first, so that an error names the one at fault
      for (const [name, term] of Object.entries(gradient.terms)) norms[`${name}Norm`] = norm(term);
      norms.gradientNorm = norm(gradient.gradient);
      const fault = Object.entries({ advantage: metrics.advantageStd, ...norms, ...metrics }).find(([, x]) =>
        !isSound(x)
      );
      if (fault !== undefined) {
        return yield* Effect.fail(new NonFiniteGradient({ quantity: fault[0].replace("Norm", "") }));
      }
      const unbiased = gradient.unbiased ? 1 : 0, bootstrapWeight = mean(bootstrapWeights(slots.batch, o.discount));
      return { gradient, control, metrics: { ...metrics, ...norms, unbiased, bootstrapWeight } };
    }),
  }),
});
