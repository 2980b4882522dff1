/**
 * The pure model gradient ∇ᵗθ mean Ã(s, μ_θ(s, ε), …): MSCV's G2 with w = 1 and without G1, by path derivatives or by
 * antithetic pairs. Biased by model and value.
 *
 * Source: the path derivative of Heess et al. 2015 (SVG) from real states, k imagined steps at a time.
 *
 * @module
 */
import { decidedFit } from "./control.ts";
import { defineEstimator, type Estimator } from "./estimator.ts";
import { advantageLabel, fitLabel, horizonLabel, imaginationLabels, returnLabels } from "./labels.ts";
import { advantageFormOf, deepestOf } from "./imagined_signals.ts";
import { checkHorizon, mscv } from "./mscv.ts";
import {
  type AdvantageOptions,
  advantageOptions,
  type FittingOptions,
  fittingOptions,
  type HorizonOptions,
  horizonOptions,
  type ImaginationOptions,
  imaginationOptions,
} from "./option_groups.ts";

/** Options of `modelGradient`; the real advantage and `fitOn` decide a dynamic k, and are reported. */
export interface ModelGradientOptions extends AdvantageOptions, HorizonOptions, ImaginationOptions, FittingOptions {}

/** What it leaves of MSCV. */
const secondTermAlone = {
  terms: ["g2"],
  imaginedBound: 0,
  coefficient: "one",
  baseline: "constant",
  laterResiduals: "kept",
  laterHorizon: 1,
  earlierBatches: 0,
} as const;

const { earlierShare: _, imaginedCut: __, ...metrics } = mscv.metrics; // none of its options make these

/** (options) ⇒ words behind its name. */
const label = (o: ModelGradientOptions): string =>
  [advantageLabel(advantageFormOf(o)), horizonLabel(o), ...returnLabels(o), ...imaginationLabels(o)].join(", ") +
  fitLabel(o);

/** (input, options, key) ⇒ (estimate). */
export const modelGradient: Estimator<ModelGradientOptions, "value" | "model"> = defineEstimator({
  name: "modelGradient",
  summary: "the gradient of imagined returns alone, biased by model and value",
  options: { ...advantageOptions, ...horizonOptions, ...imaginationOptions, ...fittingOptions },
  reads: mscv.reads,
  metrics,
  check: (options) => checkHorizon({ ...options, ...secondTermAlone }),
  instead: { advantageSteps: "horizon" },
  laboratory: { label, canonical: decidedFit, comparator: advantageFormOf, horizon: deepestOf },
  estimate: (input, options, key) => mscv.estimate(input, { ...options, ...secondTermAlone }, key),
});
