/**
 * SVG(1): the path derivative of one imagined step, ∂(r + γV(f(s, a)))/∂a · ∂a/∂θ, alone or as a control variate.
 *
 *   terms [g1, g2]  k = 1 of MSCV: the likelihood ratio corrects what model and value get wrong
 *   terms [g2]      pure SVG(1): w = 1 and no correction, biased by model and value
 *
 * Source: Heess et al. 2015, algorithm 2. Departure: with fresh noise, at the model's own next state; there the noise is
 * inferred from the real transition.
 *
 * @module
 */
import { defineEstimator, type Estimator } from "./estimator.ts";
import { modelGradient } from "./model_gradient.ts";
import { mscv } from "./mscv.ts";

/** (input, options, key) ⇒ (estimate), whatever `horizon` says. */
export const svg1: Estimator<"value" | "model"> = defineEstimator({
  reads: mscv.reads,
  estimate: (input, options, key) =>
    (options.terms.includes("g1") ? mscv : modelGradient)(input, { ...options, horizon: 1 }, key),
});
