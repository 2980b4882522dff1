/**
 * MSCV: imagined multi-step rollouts as control variates of the likelihood-ratio gradient.
 *
 *   G1 = mean ∇ log π(aₜ|sₜ)·(Aₜ − w·Ãₜ)          Ã of the real trajectory embedded into the model
 *   G2 = ∇ᵗθ mean w·Ã(sₜ, μ_θ(sₜ, ε), …)           the same Ã with fresh noise, by path derivative, mirrored pairs or both
 *
 * E[G1 + G2] is the likelihood-ratio gradient for any model, reward and value, as long as these, w, k and all else that is
 * decided do not depend on the sample that they correct.
 *
 * Source: MSCV, section 4. Departure: w and k may be cross-fitted on halves of the batch (`fitOn: otherHalf`) or carried
 * over from the previous one; a baseline is subtracted from G1's signal, Ã may be cut (`bound.ts`), and later residuals may
 * be corrected (`later_residuals.ts`), all of which leave its mean.
 *
 * @module
 */
import { batchSize } from "../data/batch.ts";
import type { Half } from "../data/halves.ts";
import { latentSize } from "../imagination/world.ts";
import { float64Algebra } from "../math/algebra.ts";
import { fold, type Key } from "../math/random.ts";
import { normalizeInto } from "../nn/networks/normalizer.ts";
import type { OptionFault } from "../options/options.ts";
import {
  chooseControls,
  chooseHorizons,
  controlledSignal,
  controlMeanings,
  controlMetrics,
  decidedFit,
} from "./control.ts";
import { byFold } from "./cross_fitting.ts";
import { declarations } from "./declarations.ts";
import { differentiate, twoTermEstimate } from "./estimate.ts";
import { defineEstimator, type Estimated, type Estimator, type EstimatorInput, type PanelSize } from "./estimator.ts";
import { atHorizons } from "./fold_signals.ts";
import {
  advantageFormOf,
  cutMeanings,
  cutMetrics,
  deepestOf,
  imaginedAt,
  imaginedFold,
  imaginedSignals,
  noiseOf,
  usesPaths,
} from "./imagined_signals.ts";
import { earlierMeanings, earlierShares } from "./earlier_states.ts";
import { mixed, mixMeanings, mixMetrics } from "./mixed_slopes.ts";
import {
  advantageLabel,
  boundLabels,
  coefficientLabel,
  earlierLabels,
  fitLabel,
  horizonLabel,
  imaginationLabels,
  laterLabels,
  returnLabels,
  termsLabels,
} from "./labels.ts";
import {
  type AdvantageOptions,
  advantageOptions,
  type BaselineOptions,
  baselineOptions,
  type BoundOptions,
  boundOptions,
  type CoefficientOptions,
  coefficientOptions,
  type EarlierStatesOptions,
  earlierStatesOptions,
  type FittingOptions,
  fittingOptions,
  type HorizonOptions,
  horizonOptions,
  type ImaginationOptions,
  imaginationOptions,
  type LaterResidualsOptions,
  laterResidualsOptions,
  type TermsOptions,
  termsOptions,
} from "./option_groups.ts";
import { slopeRows } from "./output_slopes.ts";
import { ratioOf } from "./ratio.ts";
import { secondTerm } from "./second_term.ts";

/** Options of `mscv`. */
export interface MscvOptions
  extends
    AdvantageOptions,
    HorizonOptions,
    ImaginationOptions,
    BoundOptions,
    CoefficientOptions,
    FittingOptions,
    BaselineOptions,
    LaterResidualsOptions,
    EarlierStatesOptions,
    TermsOptions {}

/** What an estimator sees that imagines. */
type ImaginingInput = EstimatorInput<"value" | "model">;

/** (input) ⇒ whether imagined episodes may end: without that, hard and soft termination are the same. */
const mayEnd = ({ task, batch }: ImaginingInput): boolean =>
  task.survival(float64Algebra, new Array<number>(batch.observationSize).fill(0)).length > 0;

/** (input, options) ⇒ whether G2 is taken at states of earlier policies, too. */
const looksBack = ({ earlier = [] }: ImaginingInput, { earlierBatches }: MscvOptions): boolean =>
  earlierBatches > 0 && earlier.length > 0;

/** (input, options) ⇒ whether G1 and G2 are both there, and G2 exact. */
const isWhole = (input: ImaginingInput, options: MscvOptions): boolean =>
  !looksBack(input, options) &&
  options.terms.includes("g1") && options.terms.includes("g2") && latentSize(input.model.first.network) === 0 &&
  (!usesPaths(options) || options.termination === "soft" || !mayEnd(input));

const estimate = (input: ImaginingInput, options: MscvOptions, key: Key): Estimated => {
  const { batch, policy, normalizer } = input, { terms } = options, fresh = fold(key, "fresh");
  const observation = normalizeInto(normalizer, batch.observation), noise = noiseOf(input, options, key);

  const folds = byFold(input, (own) => imaginedFold(own, observation, noise, options, fresh));
  const signals = imaginedSignals(batch, folds, options), differ = signals[0] !== signals[1];
  const horizons = chooseHorizons(input, signals, options);
  const taken = atHorizons(horizons, differ, (half, k) => imaginedAt(signals[half], k, options, fresh));
  const known = mixed(batch, policy, taken, options);
  const shared = (half: Half) => {
    const { slopes, earlier } = known.halves[half];
    return {
      own: folds[half].own,
      rows: slopes === null || earlier === null ? null : slopeRows(policy, slopes),
      earlier,
    };
  };
  const shares = earlierShares([shared(0), shared(1)], options);
  const controls = chooseControls(input, signals, known, options);

  const controlled = { signals, atHorizons: known, controls };
  const signal = terms.includes("g1")
    ? controlledSignal(input, controlled, options)
    : new Float32Array(batchSize(batch));
  const second = terms.includes("g2")
    ? secondTerm({ input, observation, ...controlled, earlierShares: shares }, options)
    : [];
  return {
    estimate: twoTermEstimate(
      differentiate(policy, ratioOf(batch, observation, signal)),
      second,
      declarations(input, options, [input.value, input.model], isWhole(input, options)),
    ),
    control: controls.next,
    metrics: {
      ...controlMetrics(input, controlled),
      ...mixMetrics(known),
      ...cutMetrics(batch, signals, horizons, options),
      ...looksBack(input, options) ? { earlierShare: (shares[0] + shares[1]) / 2 } : {},
    },
  };
};

/** (options) ⇒ words behind its name. */
const label = (o: MscvOptions): string =>
  [
    advantageLabel(advantageFormOf(o)),
    horizonLabel(o),
    coefficientLabel(o),
    ...returnLabels(o),
    ...laterLabels(o),
    ...imaginationLabels(o),
    ...boundLabels(o),
    ...earlierLabels(o),
    ...termsLabels(o),
  ].join(", ") + fitLabel(o);

/** Of k-step advantages that look no step ahead nothing is left, nor of G2 alone. */
export const checkHorizon = (
  { advantage, horizon, terms }: AdvantageOptions & HorizonOptions & TermsOptions,
): OptionFault<HorizonOptions> | null => {
  if (horizon !== 0) return null;
  if (advantage === "kStep") {
    return { option: "horizon", must: "at least 1 with kStep advantages, which are 0 without a step" };
  }
  return terms.includes("g1") ? null : { option: "horizon", must: "at least 1 without g1: of no step g2 is 0" };
};

/** States of earlier batches have no real action about which a pair could be centred, and no A that bounds what is imagined. */
const checkMscv = (options: MscvOptions): OptionFault<MscvOptions> | null => {
  const { earlierBatches, imaginedGradient, imaginedBound } = options;
  if (earlierBatches > 0 && imaginedGradient !== "pathDerivative") {
    return {
      option: "earlierBatches",
      must: `0 where imaginedGradient is "${imaginedGradient}": pairs need real actions`,
    };
  }
  if (earlierBatches > 0 && imaginedBound > 0) {
    return {
      option: "earlierBatches",
      must: "0 where imaginedBound is not: earlier states have no A that bounds theirs",
    };
  }
  return checkHorizon(options);
};

/** Rows of the default panel; quick ones measure only where a control variate pays most. */
const variants = {
  full: [1, 2, 5, 10, 20].flatMap((horizon) => [{ horizon, coefficient: "one" }, { horizon, coefficient: "optimal" }]),
  quick: [2, 5, 10, 20].map((horizon) => ({ horizon, coefficient: "optimal" })),
} as Readonly<Record<PanelSize, ReadonlyArray<Partial<MscvOptions>>>>;

/** (input, options, key) ⇒ (estimate). */
export const mscv: Estimator<MscvOptions, "value" | "model"> = defineEstimator({
  name: "mscv",
  summary: "imagined rollouts of several steps as control variates of the likelihood ratio",
  options: {
    ...advantageOptions,
    ...horizonOptions,
    ...imaginationOptions,
    ...boundOptions,
    ...coefficientOptions,
    ...fittingOptions,
    ...baselineOptions,
    ...laterResidualsOptions,
    ...earlierStatesOptions,
    ...termsOptions,
  },
  reads: ["value", "model"],
  metrics: { ...controlMeanings, ...mixMeanings, ...cutMeanings, ...earlierMeanings },
  check: checkMscv,
  remembers: ({ earlierBatches }) => earlierBatches,
  instead: { advantageSteps: "horizon" },
  laboratory: { label, canonical: decidedFit, comparator: advantageFormOf, horizon: deepestOf, variants },
  estimate,
});
