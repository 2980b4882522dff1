/**
 * The likelihood-ratio estimator that TRPO uses: mean ∇ log π(a|s)·(A − baseline).
 *
 * @module
 */
import { chooseControls, controlledSignal, controlMeanings, controlMetrics, type View } from "./control.ts";
import { differentiate, oneTermEstimate } from "./estimate.ts";
import { defineEstimator, type Estimated, type Estimator, type EstimatorInput } from "./estimator.ts";
import { normalizeInto } from "../nn/networks/normalizer.ts";
import { declarations, viewsByHalf } from "./halves.ts";
import { advantageLabel, fitLabel } from "./labels.ts";
import {
  advantageOptions,
  advantageStepsOptions,
  baselineOptions,
  fittingOptions,
  type LikelihoodRatioOptions,
} from "./options.ts";
import { foldAdvantage } from "./real_advantage.ts";
import { ratioOf } from "./ratio.ts";

const estimate = (input: EstimatorInput<"value">, options: LikelihoodRatioOptions): Estimated => {
  const views = viewsByHalf(input, (own): View => ({
    advantage: foldAdvantage(own, options),
    imagined: [],
    later: () => null,
    gradientRows: () => new Float64Array(0),
  }));
  const controls = chooseControls(input, views, { ...options, horizon: 0, coefficient: "one" });
  const signal = controlledSignal(input, views, controls, options);
  const observation = normalizeInto(input.normalizer, input.batch.observation);
  return {
    estimate: oneTermEstimate(
      differentiate(input.policy, ratioOf(input.batch, observation, signal)),
      declarations(input, options, [input.value], true),
    ),
    control: controls.next,
    metrics: controlMetrics(input, views, controls),
  };
};

/** (options) ⇒ the same, with what its advantage does not read at its default. */
const canonical = (options: LikelihoodRatioOptions): LikelihoodRatioOptions => ({
  ...options,
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
