/**
 * A control variate on the signal of G1: how k and w are decided, and what they leave of A.
 *
 *   signal = A − w·Ã_k − u·near_k − v·far_k − baseline
 *
 * @module
 */
import { type Control, type Metrics, noControl } from "../data/gradient.ts";
import type { Batch } from "../data/batch.ts";
import { type Half, halfOf } from "../data/halves.ts";
import { correlation, mean, type Moments, moments } from "../math/statistics.ts";
import { makeBaseline } from "./baseline.ts";
import { blocksOf } from "./blocks.ts";
import { crossFittedSignal, fitsHalf } from "./cross_fitting.ts";
import type { EstimatorFrame } from "./estimator.ts";
import type { ByFold, ByUse, FoldSignals, SignalsAtHorizon } from "./fold_signals.ts";
import type { Later } from "./later_residuals.ts";
import { leastVarianceWeight, scoreRows } from "./least_variance.ts";
import { type Scored, sureShare } from "./shrinkage.ts";
import type {
  AdvantageOptions,
  BaselineOptions,
  CoefficientOptions,
  FittingOptions,
  HorizonOptions,
} from "./option_groups.ts";

/** What decides k. */
export type HorizonRules = Pick<HorizonOptions, "horizon"> & FittingOptions;

/** What decides k and w. */
export type ControlRules = HorizonRules & CoefficientOptions;

/** What decides the baseline. */
export type BaselineRules = BaselineOptions & AdvantageOptions & FittingOptions;

/** (coefficient, moments of (A, control)) ⇒ w. */
const weightOf = (coefficient: CoefficientOptions["coefficient"], { covariance, varianceY }: Moments): number => {
  switch (coefficient) {
    case "one":
      return 1;
    case "optimal":
    case "leastVariance": // of a control without a G2: later residuals
      return varianceY > 0 ? Math.min(1, Math.max(0, covariance / varianceY)) : 0;
    case "conservative":
      return covariance > 0 ? 1 : 0;
    case "aggressive":
      return Math.sign(covariance);
  }
};

const clip = (x: number, least: number): number => Math.min(1, Math.max(least, x));

const SINGULAR = 1e-9; // 1 − ρ² of near and far up to which they are one control

/** (x, which samples may decide) ⇒ x about its mean over them; 0 of the others. */
const centred = (x: Float64Array, where: (i: number) => boolean): Float64Array => {
  const level = mean(x, where);
  return x.map((value, i) => (where(i) ? value - level : 0));
};

/** (A − w·Ã, controls with their weights, which samples may decide, by block) ⇒ the share of the weights beyond chance. */
const sureShareOf = (
  residual: Float64Array,
  controls: readonly [Weighted] | readonly [Weighted, Weighted],
  where: (i: number) => boolean,
  blocks: ReadonlyArray<ReadonlyArray<number>>,
): number => {
  const y = centred(residual, where), xs = controls.map(({ values }) => centred(values, where));
  const left = y.map((value, i) => controls.reduce((sum, { weight }, c) => sum - weight * xs[c][i], value));
  const scored = xs.map((x): Scored => ({
    scores: x.map((value, i) => value * left[i]),
    product: x.reduce((sum, value, i) => sum + value * y[i], 0),
  }));
  return sureShare(scored as [Scored] | [Scored, Scored], blocks);
};

/** A control and its weight. */
interface Weighted {
  readonly values: Float64Array;
  readonly weight: number;
}

/** (coefficient, A − w·Ã, later residuals, which samples may decide, by block) ⇒ (u, v); u alone may be negative. */
export const laterWeights = (
  coefficient: CoefficientOptions["coefficient"],
  residual: Float64Array,
  { near, far }: Later,
  where: (i: number) => boolean,
  blocks: ReadonlyArray<ReadonlyArray<number>>,
): Pick<Control, "nearWeight" | "farWeight"> => {
  const ofFar = moments(residual, far, where), shrinks = coefficient === "leastVariance";
  if (coefficient !== "optimal" && !shrinks) return { nearWeight: 0, farWeight: weightOf(coefficient, ofFar) };
  const ofNear = moments(residual, near, where), { covariance: both } = moments(near, far, where);
  const determinant = ofNear.varianceY * ofFar.varianceY - both ** 2;
  if (!(determinant > SINGULAR * ofNear.varianceY * ofFar.varianceY)) {
    const weight = ofFar.varianceY > 0 ? ofFar.covariance / ofFar.varianceY : 0;
    const share = shrinks ? sureShareOf(residual, [{ values: far, weight }], where, blocks) : 1;
    return { nearWeight: 0, farWeight: share * weightOf(coefficient, ofFar) };
  }
  const u = (ofNear.covariance * ofFar.varianceY - ofFar.covariance * both) / determinant;
  const v = (ofFar.covariance * ofNear.varianceY - ofNear.covariance * both) / determinant;
  const controls = [{ values: near, weight: u }, { values: far, weight: v }] as const;
  const share = shrinks ? sureShareOf(residual, controls, where, blocks) : 1;
  return { nearWeight: share * clip(u, -1), farWeight: share * clip(v, 0) };
};

/** Whether k and w of the batch before are used as they stand. Where the options fix both, no sample decides anything. */
const carriesOver = ({ fitOn, horizon, coefficient }: ControlRules): boolean =>
  fitOn === "previousBatch" && (horizon === "dynamic" || coefficient !== "one");

/** (options; an estimator without a k or a w fixes these) ⇒ the same, without a previous batch that has nothing to decide. */
export const decidedFit = <O extends FittingOptions & Partial<ControlRules>>(options: O): O => {
  const { fitOn, horizon = 1, coefficient = "one" } = options;
  return fitOn === "previousBatch" && !carriesOver({ fitOn, horizon, coefficient })
    ? { ...options, fitOn: "otherHalf" }
    : options;
};

/** (signals, which samples may decide, k or dynamic) ⇒ k. */
const decideHorizon = (
  { advantage, imagined }: FoldSignals,
  where: (i: number) => boolean,
  horizon: HorizonOptions["horizon"],
): number => {
  let k = imagined.length;
  if (horizon === "dynamic") { while (k > 0 && moments(advantage, imagined[k - 1], where).covariance <= 0) k--; }
  return k;
};

/** (input, signals by fold, options) ⇒ k by use. */
export const chooseHorizons = (
  { batch, control: previous }: EstimatorFrame,
  signals: ByFold<FoldSignals>,
  options: ControlRules,
): ByUse<number> => {
  const { fitOn, horizon } = options;
  const ofHalf = (half: Half): number => {
    if (!carriesOver(options)) return decideHorizon(signals[half], fitsHalf(batch, half, fitOn), horizon);
    const most = signals[half].imagined.length;
    return horizon === "dynamic" ? Math.min(previous.horizon, most) : most;
  };
  return { halves: [ofHalf(0), ofHalf(1)], next: decideHorizon(signals[0], () => true, horizon) };
};

/** (batch, signals, what is known at k, which samples may decide) ⇒ (k, w, u, v): w first, then u and v on what w leaves. */
const decide = (
  batch: Batch,
  { advantage, imagined }: FoldSignals,
  { horizon, later, gradientRows }: SignalsAtHorizon,
  where: (i: number) => boolean,
  { coefficient }: CoefficientOptions,
): Control => {
  if (horizon === 0) return noControl;
  const control = imagined[horizon - 1];
  const blocks = coefficient === "leastVariance" ? blocksOf(batch, where) : []; // others do not shrink
  const weight = coefficient === "leastVariance" && gradientRows !== null
    ? leastVarianceWeight(scoreRows(batch), advantage, control, gradientRows, blocks)
    : weightOf(coefficient, moments(advantage, control, where));
  if (later === null) return { horizon, weight, nearWeight: 0, farWeight: 0 };
  const residual = advantage.map((a, i) => a - weight * control[i]);
  return { horizon, weight, ...laterWeights(coefficient, residual, later, where, blocks) };
};

/** Controls of both halves, and the one that the whole batch decides for the next batch. */
export type Controls = ByUse<Control>;

/** (input, signals by fold, what is known at each k, options) ⇒ (controls). */
export const chooseControls = (
  { batch, control: previous }: EstimatorFrame,
  signals: ByFold<FoldSignals>,
  { halves, next }: ByUse<SignalsAtHorizon>,
  options: ControlRules,
): Controls => {
  const ofHalf = (half: Half): Control => {
    const { horizon } = halves[half];
    if (carriesOver(options)) return horizon === 0 ? noControl : { ...previous, horizon };
    return decide(batch, signals[half], halves[half], fitsHalf(batch, half, options.fitOn), options);
  };
  return { halves: [ofHalf(0), ofHalf(1)], next: decide(batch, signals[0], next, () => true, options) };
};

/** (controls) ⇒ w of either half. */
export const weightsOf = ({ halves: [first, second] }: Controls): ByFold<number> => [first.weight, second.weight];

/** (signals, later residuals, control) ⇒ (i) ⇒ w·Ã_k + u·near_k + v·far_k of transition i. */
const controlOf = (
  { imagined }: FoldSignals,
  later: Later | null,
  { horizon: k, weight, nearWeight: u, farWeight: v }: Control,
): (i: number) => number => {
  if (k === 0) return () => 0;
  const rest = u === 0 && v === 0 ? null : later, main = imagined[k - 1];
  return (i) => weight * main[i] + (rest === null ? 0 : u * rest.near[i] + v * rest.far[i]);
};

/** What a control variate was decided on, and what was decided. */
export interface Controlled {
  /** by fold */
  readonly signals: ByFold<FoldSignals>;
  /** by use */
  readonly atHorizons: ByUse<SignalsAtHorizon>;
  /** by use */
  readonly controls: Controls;
}

const subtracted = ({ signals, atHorizons, controls }: Controlled, half: Half): (i: number) => number =>
  controlOf(signals[half], atHorizons.halves[half].later, controls.halves[half]);

/** (input, control variate, options) ⇒ G1's signal [n]. */
export const controlledSignal = (
  { batch }: EstimatorFrame,
  controlled: Controlled,
  options: BaselineRules,
): Float32Array =>
  crossFittedSignal(
    batch,
    (half) => {
      const control = subtracted(controlled, half);
      return controlled.signals[half].advantage.map((a, i) => a - control(i));
    },
    options.fitOn,
    makeBaseline(batch, options),
  );

/** Meanings of `controlMetrics`. */
export const controlMeanings: Readonly<Record<string, string>> = {
  horizon: "k in use, mean over the two halves of the batch",
  coefficient: "w in use, mean over the two halves of the batch",
  nearCoefficient: "weight of the correction of residuals within the imagined steps, mean over the two halves",
  laterCoefficient: "weight of the correction of residuals after them, mean over the two halves",
  varianceRatio: "what w·Ã and the correction of later residuals leave of the signal's variance, as a share of Var(A)",
  correlation: "ρ(A, Ã) over the batch, by what corrects its first half",
  advantageMean: "mean of A",
  advantageStd: "standard deviation of A",
  imaginedStd: "standard deviation of what is subtracted from A: w·Ã and the correction of later residuals",
};

/** (input, control variate) ⇒ what to report of it. */
export const controlMetrics = ({ batch }: EstimatorFrame, controlled: Controlled): Metrics => {
  const { signals, controls: { halves: [first, second] } } = controlled, { imagined } = signals[0];
  const which = halfOf(batch), byHalf = [subtracted(controlled, 0), subtracted(controlled, 1)];
  const advantage = signals[0].advantage.map((_, i) => signals[which(i)].advantage[i]);
  const control = advantage.map((_, i) => byHalf[which(i)](i));
  const spread = moments(advantage.map((a, i) => a - control[i]), advantage);
  return {
    horizon: (first.horizon + second.horizon) / 2,
    coefficient: (first.weight + second.weight) / 2,
    nearCoefficient: (first.nearWeight + second.nearWeight) / 2,
    laterCoefficient: (first.farWeight + second.farWeight) / 2,
    varianceRatio: spread.varianceY > 0 ? spread.varianceX / spread.varianceY : 1,
    correlation: imagined.length === 0
      ? 0
      : correlation(moments(signals[0].advantage, imagined[Math.max(1, first.horizon) - 1])),
    advantageMean: mean(advantage),
    advantageStd: Math.sqrt(spread.varianceY),
    imaginedStd: Math.sqrt(moments(control, control).varianceX),
  };
};
