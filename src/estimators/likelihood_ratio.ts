/**
 * The likelihood-ratio estimator that TRPO uses: mean ∇ log π(a|s)·(A − baseline).
 *
 * @module
 */
import { noControl } from "../data/gradient.ts";
import { type Controlled, controlledSignal, controlMeanings, controlMetrics, decidedFit } from "./control.ts";
import type { SignalsAtHorizon } from "./fold_signals.ts";
import { differentiate, oneTermEstimate } from "./estimate.ts";
import { defineEstimator, type Estimated, type Estimator, type EstimatorInput } from "./estimator.ts";
import { normalizeInto } from "../nn/networks/normalizer.ts";
import { byFold } from "./cross_fitting.ts";
import { declarations } from "./declarations.ts";
import { advantageLabel, fitLabel } from "./labels.ts";
import {
  advantageOptions,
  advantageStepsOptions,
  baselineOptions,
  fittingOptions,
  type LikelihoodRatioOptions,
} from "./option_groups.ts";
import { foldAdvantage } from "./real_advantage.ts";
import { ratioOf } from "./ratio.ts";

/** No control variate, whatever the half. */
const none: SignalsAtHorizon = { horizon: 0, later: null, gradientRows: null };

const estimate = (input: EstimatorInput<"value">, options: LikelihoodRatioOptions): Estimated => {
  const { batch, policy, normalizer } = input, observation = normalizeInto(normalizer, batch.observation);
  const signals = byFold(input, (own) => ({ advantage: foldAdvantage(own, observation, options), imagined: [] }));
  const controlled: Controlled = {
    signals,
    atHorizons: { halves: [none, none], next: none },
    controls: { halves: [noControl, noControl], next: noControl },
  };
  const signal = controlledSignal(input, controlled, options);
  return {
    estimate: oneTermEstimate(
      differentiate(policy, ratioOf(batch, observation, signal)),
      declarations(input, options, [input.value], true),
    ),
    control: noControl,
    metrics: controlMetrics(input, controlled),
  };
};

/** (options) ⇒ the same, with what it does not read at its default. */
const canonical = (options: LikelihoodRatioOptions): LikelihoodRatioOptions => ({
  ...decidedFit(options),
  lambda: options.advantage === "gae" ? options.lambda : 0.97,
  advantageSteps: options.advantage === "kStep" ? options.advantageSteps : 2,
});

/** (input, options) ⇒ (estimate). Unbiased with Monte-Carlo advantages of uncut returns and a baseline from the other half. */
export const likelihoodRatio: Estimator<LikelihoodRatioOptions, "value"> = defineEstimator({
  name: "likelihoodRatio",
  summary: "the likelihood ratio that TRPO uses, mean ∇ log π(a|s)·(A − baseline)",
  options: { ...advantageOptions, ...advantageStepsOptions, ...fittingOptions, ...baselineOptions },
  reads: ["value"],
  metrics: controlMeanings,
  instead: { horizon: "advantageSteps" },
  laboratory: { label: (options) => `${advantageLabel(options)}${fitLabel(options)}`, canonical },
  estimate,
});
