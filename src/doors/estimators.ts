/**
 * Estimators of the policy gradient: the built-in ones, and what one's own is made of.
 *
 * The likelihood-ratio gradient of returns without a baseline, as an estimator:
 *
 * ```ts
 * import { advantageOptions, advantageStepsOptions, defineEstimator, realAdvantage, scoreEstimate } from "@mscv/mscv/estimators";
 * import { assertEquals } from "@std/assert";
 *
 * const plain = defineEstimator({
 *   name: "plain",
 *   summary: "the likelihood ratio without a baseline",
 *   reads: ["value"],
 *   options: { ...advantageOptions, ...advantageStepsOptions },
 *   metrics: { signalStd: "standard deviation of the advantage" },
 *   estimate: (input, options) => scoreEstimate(input, realAdvantage(input, options)),
 * });
 * assertEquals(Object.keys(plain.options), ["discount", "advantage", "lambda", "advantageSteps"]);
 * ```
 *
 * @module
 */
export type { Batch } from "../data/batch.ts";
export type { Control, Metrics, ReturnForm } from "../data/gradient.ts";
export type {
  AdamState,
  CriticParams,
  LatentParams,
  MlpShape,
  ModelParams,
  Normalizer,
  PolicyParams,
  SimulatorParams,
  ValueParams,
} from "../data/parameters.ts";
export {
  type Ensemble,
  ensembleOf,
  type Fold,
  foldOf,
  type Folds,
  isSimulator,
  type Model,
  networksOf,
  oneFold,
} from "../data/folds.ts";
export { fold, type Key, makeKey, makeStream, type Stream } from "../math/random.ts";
export * from "../estimators/estimator.ts";
export * from "../estimators/option_groups.ts";
export * from "../options/options.ts";
export { type Declared, scoreEstimate } from "../estimators/score_estimate.ts";
export { inputOfHalf } from "../estimators/cross_fitting.ts";
export { declarations } from "../estimators/declarations.ts";
export { likelihoodRatio } from "../estimators/likelihood_ratio.ts";
export { logProbabilities } from "../estimators/log_probability.ts";
export { mbma, type MbmaOptions } from "../estimators/mbma.ts";
export { modelGradient, type ModelGradientOptions } from "../estimators/model_gradient.ts";
export { mscv, type MscvOptions } from "../estimators/mscv.ts";
export { qprop, type QpropOptions } from "../estimators/qprop.ts";
export { realAdvantage } from "../estimators/real_advantage.ts";
export { estimators } from "../estimators/registry.ts";
export { type Declarations, type GradientEstimate, signalOf } from "../estimators/estimate.ts";
export type { LinearSurrogate } from "../estimators/linear.ts";
export { type RatioSurrogate, scoreGradient } from "../estimators/ratio.ts";
export { type Surrogate, surrogateGradient, surrogateValue } from "../estimators/surrogate.ts";
export { type EvaluatedPolicy, evaluatePolicy } from "../nn/networks/evaluated_policy.ts";
export { svg1, type Svg1Options } from "../estimators/svg1.ts";
export { trajectoryControlVariate, type TrajectoryOptions } from "../estimators/trajectory_control_variate.ts";
export { embed } from "../imagination/embed.ts";
export { embeddedNoise } from "../data/embedded_noise.ts";
export { StatesUnrecorded } from "../imagination/simulated_rollout.ts";
export { type EnsembleWorld, type ImaginedWorld, ModelUndifferentiable, type World } from "../imagination/world.ts";
