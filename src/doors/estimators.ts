/**
 * Estimators of the policy gradient: the built-in ones, and what one's own is made of.
 *
 * The likelihood-ratio gradient without a baseline, as an estimator:
 *
 * ```ts
 * import { declarations, defineEstimator, realAdvantage, scoreGradient } from "@mscv/mscv/estimators";
 * import { assertEquals } from "@std/assert";
 *
 * const plain = defineEstimator({
 *   reads: ["value"],
 *   estimate: (input, options) => {
 *     const signal = Float32Array.from(realAdvantage(input, options));
 *     const gradient = scoreGradient(input.policy, input.normalizer, input.batch, signal);
 *     const terms = { g1: gradient };
 *     const declared = declarations(input, options, [input.value], true);
 *     return {
 *       estimate: { gradient, terms, signal, paths: [], linear: [], ...declared },
 *       control: input.control,
 *       metrics: {},
 *     };
 *   },
 * });
 * assertEquals(plain.reads, ["value"]);
 * ```
 *
 * @module
 */
export type { Batch } from "../data/batch.ts";
export type { Control, GradientEstimate, LinearTerm, Metrics, PathTerm, ReturnForm } from "../data/gradient.ts";
export type {
  AdamState,
  CriticParams,
  Fitted,
  LatentParams,
  MlpShape,
  ModelParams,
  Normalizer,
  PolicyParams,
  ValueParams,
} from "../data/parameters.ts";
export { fold, type Key, makeKey, makeStream, type Stream } from "../math/random.ts";
export {
  defineEstimator,
  type Estimated,
  type Estimator,
  type EstimatorFrame,
  type EstimatorInput,
  type EstimatorNetworks,
  type EstimatorOptions,
  type NetworkName,
} from "../estimators/estimator.ts";
export { declarations } from "../estimators/halves.ts";
export { likelihoodRatio } from "../estimators/likelihood_ratio.ts";
export { logProbabilities } from "../estimators/log_probability.ts";
export { modelGradient } from "../estimators/model_gradient.ts";
export { mscv } from "../estimators/mscv.ts";
export { qprop } from "../estimators/qprop.ts";
export { realAdvantage } from "../estimators/real_advantage.ts";
export { type EstimatorName, estimators } from "../estimators/registry.ts";
export { scoreGradient, scoreSurrogate } from "../estimators/score.ts";
export { svg1 } from "../estimators/svg1.ts";
export { embed } from "../imagination/embed.ts";
export { embeddedNoise } from "../data/segments.ts";
export type { World } from "../imagination/world.ts";
