/**
 * Q-Prop: the first-order expansion of an off-policy critic around the policy's mean as a control variate.
 *
 *   Ā(s, a) = ∂Q(s, μ)/∂a · (a − μ(s))
 *   G1 = mean ∇ log π(a|s)·(A − η·Ā)        G2 = mean η·∂Q(s, μ)/∂a · ∇μ_θ(s)
 *
 * E[∇ log π·Ā] = ∂Q/∂a · ∇μ_θ for any critic, so that the mean is the likelihood-ratio gradient. η is `coefficient`:
 * conservative, 1 where Cov(A, Ā) > 0 and else 0; aggressive, its sign; optimal, Cov/Var within [0, 1]; leastVariance; one.
 *
 * Source: Gu et al. 2017. Departure: the paper decides η for each sample from that sample's own A·Ā, which biases the
 * estimate, and its code standardises A but not Ā's other half; here η is decided as `fitOn` says, and G1 and G2 share it.
 *
 * @module
 */
import { batchSize } from "../data/batch.ts";
import type { Half } from "../data/halves.ts";
import { actionGradient, meanActions } from "../nn/networks/critic.ts";
import { normalizeInto } from "../nn/networks/normalizer.ts";
import {
  chooseControls,
  chooseHorizons,
  controlledSignal,
  controlMeanings,
  controlMetrics,
  decidedFit,
  weightsOf,
} from "./control.ts";
import { differentiate, twoTermEstimate } from "./estimate.ts";
import { defineEstimator, type Estimated, type Estimator, type EstimatorInput, type FoldInput } from "./estimator.ts";
import { byFold, isCrossFitted } from "./cross_fitting.ts";
import { declarations } from "./declarations.ts";
import { atHorizons, type FoldSignals } from "./fold_signals.ts";
import { advantageLabel, coefficientLabel, fitLabel, termsLabels } from "./labels.ts";
import {
  type AdvantageForm,
  advantageOptions,
  advantageStepsOptions,
  baselineOptions,
  type CoefficientOptions,
  coefficientOptions,
  fittingOptions,
  type LikelihoodRatioOptions,
  type TermsOptions,
  termsOptions,
} from "./option_groups.ts";
import { type OutputSlopes, slopeRows, weightedSlopes } from "./output_slopes.ts";
import { foldAdvantage } from "./real_advantage.ts";
import { ratioOf } from "./ratio.ts";

/** Options of `qprop`. */
export interface QpropOptions extends LikelihoodRatioOptions, CoefficientOptions, TermsOptions {}

/** Signals of one fold, with the critic's derivatives at the policy's mean. */
interface CriticSignals extends FoldSignals {
  /** ∂Q/∂a at (s, μ(s)), and nothing by log σ */
  readonly slopes: OutputSlopes;
}

/** (one fold's input, the batch's observations normalised, form of A) ⇒ (A, Ā, ∂Q/∂a). */
const criticSignals = (
  own: FoldInput<"value" | "critic">,
  observation: Float32Array,
  form: AdvantageForm,
): CriticSignals => {
  const { batch, policy, critic } = own, { actionSize } = batch;
  const mean = meanActions(policy, policy.theta, observation);
  const slope = actionGradient(critic, observation, mean, actionSize), expansion = new Float64Array(batchSize(batch));
  slope.forEach((g, i) => expansion[Math.floor(i / actionSize)] += g * (batch.action[i] - mean[i]));
  return {
    advantage: foldAdvantage(own, observation, form),
    imagined: [expansion],
    slopes: { mean: slope, logStd: new Float32Array(slope.length) },
  };
};

const estimate = (input: EstimatorInput<"value" | "critic">, options: QpropOptions): Estimated => {
  const { batch, policy, normalizer } = input, { terms } = options, rules = { ...options, horizon: 1 as const };
  const observation = normalizeInto(normalizer, batch.observation);

  const signals = byFold(input, (own) => criticSignals(own, observation, options));
  const known = atHorizons(chooseHorizons(input, signals, rules), isCrossFitted(input), (half, horizon) => ({
    horizon,
    later: null,
    gradientRows: options.coefficient === "leastVariance" ? slopeRows(policy, signals[half].slopes) : null,
  }));
  const controls = chooseControls(input, signals, known, rules);

  const controlled = { signals, atHorizons: known, controls };
  const signal = terms.includes("g1") ? controlledSignal(input, controlled, rules) : new Float32Array(batchSize(batch));
  const slopes = (half: Half) => signals[half].slopes;
  const second = terms.includes("g2") ? [weightedSlopes(batch, observation, slopes, weightsOf(controls))] : [];
  return {
    estimate: twoTermEstimate(
      differentiate(policy, ratioOf(batch, observation, signal)),
      second.map((surrogate) => differentiate(policy, surrogate)),
      declarations(input, options, [input.value, input.critic], terms.includes("g1") && terms.includes("g2")),
    ),
    control: controls.next,
    metrics: controlMetrics(input, controlled),
  };
};

/** (options) ⇒ words behind its name. */
const label = (options: QpropOptions): string =>
  [advantageLabel(options), coefficientLabel(options), ...termsLabels(options)].join(", ") + fitLabel(options);

/** (input, options) ⇒ (estimate). */
export const qprop: Estimator<QpropOptions, "value" | "critic"> = defineEstimator({
  name: "qprop",
  summary: "Q-Prop: the expansion of an off-policy critic around the policy's mean as a control variate",
  options: {
    ...advantageOptions,
    ...advantageStepsOptions,
    ...coefficientOptions,
    ...fittingOptions,
    ...baselineOptions,
    ...termsOptions,
  },
  reads: ["value", "critic"],
  metrics: controlMeanings,
  instead: { horizon: "advantageSteps" },
  laboratory: { label, canonical: decidedFit },
  estimate,
});
