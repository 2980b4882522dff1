/**
 * The likelihood-ratio estimator that TRPO uses: mean ∇ log π(a|s)·(A − baseline).
 *
 * @module
 */
import { mean, moments } from "../math/statistics.ts";
import type { Estimated, Estimator } from "./estimator.ts";
import { crossFittedSignal } from "./halves.ts";
import { realAdvantage } from "./real_advantage.ts";
import { scoreGradient } from "./score.ts";

/** (input, options) ⇒ (estimate). Unbiased with Monte-Carlo advantages and a baseline from the other half. */
export const likelihoodRatio: Estimator = (input, options): Estimated => {
  const advantage = realAdvantage(input, options);
  const signal = crossFittedSignal(input.batch, () => advantage, options.fitOn);
  const gradient = scoreGradient(input.policy, input.normalizer, input.batch, signal);
  return {
    estimate: {
      gradient,
      terms: { g1: gradient },
      signal,
      paths: [],
      unbiased: options.advantage === "monteCarlo" && options.fitOn === "otherHalf",
    },
    metrics: {
      horizon: 0,
      coefficient: 0,
      varianceRatio: 1,
      correlation: 0,
      advantageMean: mean(advantage),
      advantageStd: Math.sqrt(moments(advantage, advantage).varianceX),
    },
  };
};
