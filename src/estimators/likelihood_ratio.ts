/**
 * The likelihood-ratio estimator that TRPO uses: mean ∇ log π(a|s)·(A − baseline).
 *
 * @module
 */
import { chooseControls, controlledSignal, controlMetrics, type View } from "./control.ts";
import {
  defineEstimator,
  type Estimated,
  type Estimator,
  type EstimatorInput,
  type EstimatorOptions,
} from "./estimator.ts";
import { declarations, viewsByHalf } from "./halves.ts";
import { realAdvantage } from "./real_advantage.ts";
import { scoreGradient } from "./score.ts";

const estimate = (input: EstimatorInput<"value">, options: EstimatorOptions): Estimated => {
  const views = viewsByHalf(input, (own): View => ({
    advantage: realAdvantage(own, options),
    imagined: [],
    later: () => null,
    gradientRows: () => new Float64Array(0),
  }));
  const controls = chooseControls(input, views, options);
  const signal = controlledSignal(input, views, controls, options);
  const gradient = scoreGradient(input.policy, input.normalizer, input.batch, signal);
  return {
    estimate: {
      gradient,
      terms: { g1: gradient },
      signal,
      paths: [],
      linear: [],
      ...declarations(input, options, [input.value], true),
    },
    control: controls.next,
    metrics: controlMetrics(input, views, controls),
  };
};

/** (input, options) ⇒ (estimate). Unbiased with Monte-Carlo advantages of uncut returns and a baseline from the other half. */
export const likelihoodRatio: Estimator<"value"> = defineEstimator({ reads: ["value"], estimate });
