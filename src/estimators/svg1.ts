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
import type { OptionFault } from "../options/options.ts";
import { decidedFit } from "./control.ts";
import { defineEstimator, type Estimator } from "./estimator.ts";
import {
  advantageLabel,
  boundLabels,
  coefficientLabel,
  fitLabel,
  imaginationLabels,
  laterLabels,
  termsLabels,
} from "./labels.ts";
import { modelGradient } from "./model_gradient.ts";
import { advantageFormOf } from "./imagined_signals.ts";
import { mscv, type MscvOptions } from "./mscv.ts";
import {
  advantageOptions,
  baselineOptions,
  boundOptions,
  coefficientOptions,
  type EarlierStatesOptions,
  fittingOptions,
  type HorizonOptions,
  imaginationOptions,
  laterResidualsOptions,
  termsOptions,
} from "./option_groups.ts";

/** Options of `svg1`; `imaginedReturn` counts where later residuals are corrected over more than one step. */
export type Svg1Options = Omit<MscvOptions, keyof HorizonOptions | keyof EarlierStatesOptions>;

/** (options) ⇒ those of MSCV that looks one step ahead. */
const oneStep = (options: Svg1Options): MscvOptions => ({ ...options, horizon: 1, maxHorizon: 1, earlierBatches: 0 });

/** Pure SVG(1) has no control variate that could be bounded. */
const checkSvg1 = ({ terms, imaginedBound }: Svg1Options): OptionFault<Svg1Options> | null =>
  imaginedBound > 0 && !terms.includes("g1")
    ? { option: "imaginedBound", must: "0 where terms leave out g1: pure SVG(1) has no control variate" }
    : null;

const { earlierShare: _, ...metrics } = mscv.metrics; // it looks at no earlier batch

/** Pure SVG(1) reads none of these. */
const ofControl = { coefficient: "one", baseline: "constant", laterResiduals: "kept", laterHorizon: 1 } as const;

/** (options) ⇒ the same, with those that play no part at their defaults. */
const canonical = (o: Svg1Options): Svg1Options => decidedFit(o.terms.includes("g1") ? o : { ...o, ...ofControl });

/** (options) ⇒ words behind its name. */
const label = (o: Svg1Options): string =>
  [
    advantageLabel(advantageFormOf(oneStep(o))),
    coefficientLabel(o),
    ...laterLabels(o),
    ...imaginationLabels(o),
    ...boundLabels(o),
    ...termsLabels(o),
  ].join(", ") + fitLabel(o);

/** (input, options, key) ⇒ (estimate). */
export const svg1: Estimator<Svg1Options, "value" | "model"> = defineEstimator({
  name: "svg1",
  summary: "the derivative of one imagined step, alone or as a control variate",
  options: {
    ...advantageOptions,
    ...imaginationOptions,
    ...boundOptions,
    ...coefficientOptions,
    ...fittingOptions,
    ...baselineOptions,
    ...laterResidualsOptions,
    ...termsOptions,
  },
  reads: mscv.reads,
  metrics,
  check: checkSvg1,
  laboratory: { label, canonical, comparator: (options) => advantageFormOf(oneStep(options)), horizon: () => 1 },
  estimate: (input, options, key) =>
    (options.terms.includes("g1") ? mscv : modelGradient).estimate(input, oneStep(options), key),
});
