/**
 * MSCV: imagined multi-step rollouts as control variates of the likelihood-ratio gradient.
 *
 *   G1 = mean ∇ log π(aₜ|sₜ)·(Aₜ − w·Ãₜ)          Ã of the real trajectory embedded into the model
 *   G2 = ∇ᵗθ mean w·Ã(sₜ, μ_θ(sₜ, ε), …)           the same Ã with fresh noise, by its path derivative or mirrored pairs
 *
 * E[G1 + G2] is the likelihood-ratio gradient for any model, reward and value, as long as w and k do not depend on the
 * sample that they correct.
 *
 * Source: MSCV, section 4. Departure: w and k may be cross-fitted on halves of the batch (`fitOn: otherHalf`) or carried
 * over from the previous one; a constant baseline is subtracted from G1's signal, which leaves its mean.
 *
 * @module
 */
import type { ReturnForm } from "../data/gradient.ts";
import type { Half } from "../data/halves.ts";
import { embeddedNoise } from "../data/segments.ts";
import { embed } from "../imagination/embed.ts";
import { pathDerivative, scaledPath } from "../imagination/path.ts";
import { normalizeInto } from "../nn/networks/normalizer.ts";
import { float64Algebra } from "../math/algebra.ts";
import { latentSize } from "../imagination/world.ts";
import { fold, type Key, makeStream } from "../math/random.ts";
import type { OptionFault } from "../options/options.ts";
import {
  chooseControls,
  controlledSignal,
  controlMeanings,
  controlMetrics,
  type Controls,
  type View,
  weightsOf,
} from "./control.ts";
import { differentiate, type Differentiated, twoTermEstimate } from "./estimate.ts";
import { defineEstimator, type Estimated, type Estimator, type EstimatorInput, type PanelSize } from "./estimator.ts";
import { declarations, viewsByHalf } from "./halves.ts";
import {
  advantageLabel,
  coefficientLabel,
  fitLabel,
  horizonLabel,
  imaginationLabels,
  laterLabels,
  returnLabels,
  termsLabels,
} from "./labels.ts";
import { laterResiduals } from "./later_residuals.ts";
import { mirroredSlopes } from "./mirrored_pairs.ts";
import {
  type AdvantageForm,
  type AdvantageOptions,
  advantageOptions,
  type BaselineOptions,
  baselineOptions,
  type CoefficientOptions,
  coefficientOptions,
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
} from "./options.ts";
import { type OutputSlopes, slopeRows, weightedSlopes } from "./output_slopes.ts";
import { freshPaths, type PathOptions } from "./paths.ts";
import { foldAdvantage } from "./real_advantage.ts";
import { ratioOf } from "./ratio.ts";
import { type UnitPaths, unitPaths } from "./unit_paths.ts";

/** Options of `mscv`. */
export interface MscvOptions
  extends
    AdvantageOptions,
    HorizonOptions,
    ImaginationOptions,
    CoefficientOptions,
    FittingOptions,
    BaselineOptions,
    LaterResidualsOptions,
    TermsOptions {}

/** What an estimator sees that imagines. */
type ImaginingInput = EstimatorInput<"value" | "model">;

/** (input) ⇒ whether imagined episodes may end: without that, hard and soft termination are the same. */
const mayEnd = ({ task, batch }: ImaginingInput): boolean =>
  task.survival(float64Algebra, new Array<number>(batch.observationSize).fill(0)).length > 0;

/** A view, with G2 as its networks have it, for w = 1. */
interface ImaginedView extends View {
  /** (k) ⇒ rollouts and gradients of both halves, by path derivatives */
  readonly unit: (horizon: number) => UnitPaths;
  /** (k) ⇒ G2 of every row, by mirrored pairs */
  readonly slopes: (horizon: number) => OutputSlopes;
}

/** (f) ⇒ f, computed once for each argument. */
const remembered = <A>(f: (horizon: number) => A): (horizon: number) => A => {
  const found = new Map<number, A>();
  return (horizon) => {
    if (!found.has(horizon)) found.set(horizon, f(horizon));
    return found.get(horizon)!;
  };
};

/** (views, controls of both halves) ⇒ G2 of each half that has a control, w times that of w = 1. */
const scaledUnits = (views: readonly [ImaginedView, ImaginedView], { halves }: Controls): Differentiated[] =>
  ([0, 1] as const).filter((half) => halves[half].horizon > 0 && halves[half].weight !== 0).map((half) => {
    const { horizon, weight } = halves[half], { surrogate, gradient } = views[half].unit(horizon).halves[half];
    return { surrogate: scaledPath(surrogate, weight), gradient: gradient.map((g) => weight * g) };
  });

/** (views, controls) ⇒ G2 by path derivatives; those that decided w are used again. */
const byPaths = (
  input: ImaginingInput,
  views: readonly [ImaginedView, ImaginedView],
  controls: Controls,
  { coefficient }: CoefficientOptions,
  options: PathOptions,
  key: Key,
): Differentiated[] =>
  coefficient === "leastVariance"
    ? scaledUnits(views, controls)
    : freshPaths(input, controls.halves, options, key).map(pathDerivative);

/** (views, controls) ⇒ G2 by mirrored pairs. */
const byPairs = (
  { batch, policy }: ImaginingInput,
  observation: Float32Array,
  views: readonly [ImaginedView, ImaginedView],
  controls: Controls,
): Differentiated[] => {
  const weights = weightsOf(controls), slopes = (half: Half) => views[half].slopes(controls.halves[half].horizon);
  if (weights.every((weight) => weight === 0)) return [];
  return [differentiate(policy, weightedSlopes(batch, observation, slopes, weights))];
};

/** (options) ⇒ whether G2 is taken by mirrored pairs. */
const usesPairs = ({ imaginedGradient }: ImaginationOptions): boolean => imaginedGradient === "mirroredPairs";

/** (input, options) ⇒ whether G1 and G2 are both there, and G2 exact. */
const isWhole = (input: ImaginingInput, options: MscvOptions): boolean =>
  options.terms.includes("g1") && options.terms.includes("g2") && latentSize(input.model.first.network) === 0 &&
  (usesPairs(options) || options.termination === "soft" || !mayEnd(input));

/** (options) ⇒ k at most. */
export const deepestOf = ({ horizon, maxHorizon }: HorizonOptions): number =>
  horizon === "dynamic" ? maxHorizon : horizon;

/** (options) ⇒ A: of kStep advantages k is that of imagination. */
export const advantageFormOf = (options: AdvantageOptions & HorizonOptions): AdvantageForm => ({
  discount: options.discount,
  advantage: options.advantage,
  lambda: options.lambda,
  advantageSteps: deepestOf(options),
});

/** (options) ⇒ how imagined rewards add up. */
const formOf = (
  { discount, imaginedReturn, lambda, termination }: AdvantageOptions & ImaginationOptions,
): ReturnForm => ({
  discount,
  weighting: imaginedReturn,
  lambda,
  termination,
});

/** (input, options, key, key of G2) ⇒ views by half; what only some options ask for runs when it is first asked for. */
const imaginedViews = (
  input: ImaginingInput,
  options: MscvOptions,
  key: Key,
  fresh: Key,
): readonly [ImaginedView, ImaginedView] => {
  const { rollouts, laterHorizon } = options, form = formOf(options), { batch, policy } = input;
  const horizon = deepestOf(options);
  const deepest = options.laterResiduals === "kept" ? horizon : Math.max(horizon, laterHorizon);
  const noise = embeddedNoise(batch, deepest, makeStream(fold(key, "embed")));
  return viewsByHalf(input, (own): ImaginedView => {
    const all = horizon === 0 ? [] : embed(own, batch, noise, deepest, form);
    const unit = remembered((k) => unitPaths(own, k, { form, rollouts }, fresh));
    const slopes = remembered((k) => mirroredSlopes(own, { noise, imagined: all, form }, k, rollouts, fresh));
    return {
      advantage: foldAdvantage(own, advantageFormOf(options)),
      imagined: all.slice(0, horizon),
      later: laterResiduals(own, options, form, all[laterHorizon - 1] ?? [], noise),
      gradientRows: (k) => usesPairs(options) ? slopeRows(policy, slopes(k)) : unit(k).rows,
      unit,
      slopes,
    };
  });
};

const estimate = (input: ImaginingInput, options: MscvOptions, key: Key): Estimated => {
  const { batch, policy, normalizer } = input, { terms, rollouts } = options, fresh = fold(key, "fresh");
  const observation = normalizeInto(normalizer, batch.observation);
  const views = imaginedViews(input, options, key, fresh);
  const controls = chooseControls(input, views, options);

  const signal = terms.includes("g1")
    ? controlledSignal(input, views, controls, options)
    : new Float32Array(views[0].advantage.length);
  const second = !terms.includes("g2")
    ? []
    : usesPairs(options)
    ? byPairs(input, observation, views, controls)
    : byPaths(input, views, controls, options, { form: formOf(options), rollouts }, fresh);
  return {
    estimate: twoTermEstimate(
      differentiate(policy, ratioOf(batch, observation, signal)),
      second,
      declarations(input, options, [input.value, input.model], isWhole(input, options)),
    ),
    control: controls.next,
    metrics: controlMetrics(input, views, controls),
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
    ...termsLabels(o),
  ].join(", ") + fitLabel(o);

/** Of k-step advantages that look no step ahead nothing is left. */
export const checkHorizon = (
  { advantage, horizon }: AdvantageOptions & HorizonOptions,
): OptionFault<HorizonOptions> | null =>
  advantage === "kStep" && horizon === 0
    ? { option: "horizon", must: "at least 1 with kStep advantages, which are 0 without a step" }
    : null;

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
    ...coefficientOptions,
    ...fittingOptions,
    ...baselineOptions,
    ...laterResidualsOptions,
    ...termsOptions,
  },
  reads: ["value", "model"],
  metrics: controlMeanings,
  check: checkHorizon,
  instead: { advantageSteps: "horizon" },
  laboratory: { label, comparator: advantageFormOf, horizon: deepestOf, variants },
  estimate,
});
