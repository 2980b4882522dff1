/**
 * The pure model gradient ∇ᵗθ mean Ã(s, μ_θ(s, ε), …): MSCV's G2 with w = 1 and without G1, by path derivatives or by
 * mirrored pairs. Biased by model and value.
 *
 * Source: the path derivative of Heess et al. 2015 (SVG) from real states, k imagined steps at a time.
 *
 * @module
 */
import { defineEstimator, type Estimator } from "./estimator.ts";
import { mscv } from "./mscv.ts";

/** (input, options, key) ⇒ (estimate), whatever `terms`, `coefficient` and `laterResiduals` say. */
export const modelGradient: Estimator<"value" | "model"> = defineEstimator({
  reads: mscv.reads,
  estimate: (input, options, key) =>
    mscv(input, { ...options, terms: ["g2"], coefficient: "one", laterResiduals: "kept" }, key),
});
