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
import type { EstimatorFrame } from "./estimator.ts";
import { crossFittedSignal, fitsHalf } from "./halves.ts";
import type { Later } from "./later_residuals.ts";
import { leastVarianceWeight, scoreRows } from "./least_variance.ts";
import type {
  AdvantageOptions,
  BaselineOptions,
  CoefficientOptions,
  FittingOptions,
  HorizonOptions,
} from "./options.ts";

/** What decides k and w. */
export type ControlRules = Pick<HorizonOptions, "horizon"> & CoefficientOptions & FittingOptions;

/** What decides the baseline. */
export type BaselineRules = BaselineOptions & AdvantageOptions & FittingOptions;

/** What one half's networks say of every transition of the batch. */
export interface View {
  /** A [n] */
  readonly advantage: Float64Array;
  /** Ã₁ … Ã_k, each [n]; empty for no control variate */
  readonly imagined: ReadonlyArray<ArrayLike<number>>;
  /** (k) ⇒ what is known of later residuals; null where they are kept */
  readonly later: (horizon: number) => Later | null;
  /** (k) ⇒ G2 of the rows with w = 1, [n, 2·act], as `leastVarianceWeight` takes it */
  readonly gradientRows: (horizon: number) => Float64Array;
}

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

/** (coefficient, A − w·Ã, later residuals, which samples may decide) ⇒ (u, v); u alone may be negative. */
export const laterWeights = (
  coefficient: CoefficientOptions["coefficient"],
  residual: Float64Array,
  { near, far }: Later,
  where: (i: number) => boolean,
): Pick<Control, "near" | "later"> => {
  const ofFar = moments(residual, far, where);
  if (coefficient !== "optimal" && coefficient !== "leastVariance") {
    return { near: 0, later: weightOf(coefficient, ofFar) };
  }
  const ofNear = moments(residual, near, where), { covariance: both } = moments(near, far, where);
  const determinant = ofNear.varianceY * ofFar.varianceY - both ** 2;
  if (!(determinant > SINGULAR * ofNear.varianceY * ofFar.varianceY)) {
    return { near: 0, later: weightOf(coefficient, ofFar) };
  }
  return {
    near: clip((ofNear.covariance * ofFar.varianceY - ofFar.covariance * both) / determinant, -1),
    later: clip((ofFar.covariance * ofNear.varianceY - ofNear.covariance * both) / determinant, 0),
  };
};

/** (batch, view, which samples may decide) ⇒ (k, w, u, v): w first, then u and v on what w leaves. */
const decide = (
  batch: Batch,
  { advantage, imagined, later, gradientRows }: View,
  where: (i: number) => boolean,
  { horizon, coefficient }: ControlRules,
): Control => {
  let k = imagined.length;
  if (horizon === "dynamic") { while (k > 0 && moments(advantage, imagined[k - 1], where).covariance <= 0) k--; }
  if (k === 0) return noControl;
  const control = imagined[k - 1];
  const weight = coefficient === "leastVariance"
    ? leastVarianceWeight(scoreRows(batch), advantage, control, gradientRows(k), where)
    : weightOf(coefficient, moments(advantage, control, where));
  const rest = later(k);
  if (rest === null) return { horizon: k, weight, near: 0, later: 0 };
  const residual = advantage.map((a, i) => a - weight * control[i]);
  return { horizon: k, weight, ...laterWeights(coefficient, residual, rest, where) };
};

/** Controls of both halves, and the one that the whole batch decides for the next batch. */
export interface Controls {
  /** by half */
  readonly halves: readonly [Control, Control];
  /** of the whole batch */
  readonly next: Control;
}

/** (controls) ⇒ w of either half. */
export const weightsOf = ({ halves: [first, second] }: Controls): readonly [number, number] => [
  first.weight,
  second.weight,
];

/** (previous batch's control, options) ⇒ the same within what this batch's options allow. */
const carriedOver = (previous: Control, view: View, { horizon }: ControlRules): Control => {
  const most = view.imagined.length, k = horizon === "dynamic" ? Math.min(previous.horizon, most) : most;
  return k === 0 ? noControl : { ...previous, horizon: k };
};

/** (input, views by half) ⇒ (controls). Where k and w are fixed by the options, no sample decides anything. */
export const chooseControls = (
  input: EstimatorFrame,
  views: readonly [View, View],
  options: ControlRules,
): Controls => {
  const { batch, control: previous } = input, { fitOn } = options;
  const fixed = options.horizon !== "dynamic" && options.coefficient === "one";
  const decideFor = (half: Half): Control =>
    fitOn === "previousBatch" && !fixed
      ? carriedOver(previous, views[half], options)
      : decide(batch, views[half], fitsHalf(batch, half, fitOn), options);
  return { halves: [decideFor(0), decideFor(1)], next: decide(batch, views[0], () => true, options) };
};

/** (view, control) ⇒ (i) ⇒ w·Ã_k + u·near_k + v·far_k of transition i. */
const controlOf = (
  { imagined, later }: View,
  { horizon: k, weight, near: u, later: v }: Control,
): (i: number) => number => {
  if (k === 0) return () => 0;
  const rest = u === 0 && v === 0 ? null : later(k), main = imagined[k - 1];
  return (i) => weight * main[i] + (rest === null ? 0 : u * rest.near[i] + v * rest.far[i]);
};

/** (views, controls of both halves) ⇒ G1's signal [n]. */
export const controlledSignal = (
  { batch }: EstimatorFrame,
  views: readonly [View, View],
  { halves }: Controls,
  options: BaselineRules,
): Float32Array =>
  crossFittedSignal(
    batch,
    (half) => {
      const control = controlOf(views[half], halves[half]);
      return views[half].advantage.map((a, i) => a - control(i));
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
  correlation: "ρ(A, Ã)",
  advantageMean: "mean of A",
  advantageStd: "standard deviation of A",
  imaginedStd: "standard deviation of what is subtracted from A: w·Ã and the correction of later residuals",
};

/** (views, controls of both halves) ⇒ what to report of them. */
export const controlMetrics = (
  { batch }: EstimatorFrame,
  views: readonly [View, View],
  { halves: [first, second] }: Controls,
): Metrics => {
  const which = halfOf(batch), controls = [controlOf(views[0], first), controlOf(views[1], second)];
  const advantage = views[0].advantage.map((_, i) => views[which(i)].advantage[i]);
  const control = advantage.map((_, i) => controls[which(i)](i));
  const spread = moments(advantage.map((a, i) => a - control[i]), advantage);
  const { imagined } = views[0];
  return {
    horizon: (first.horizon + second.horizon) / 2,
    coefficient: (first.weight + second.weight) / 2,
    nearCoefficient: (first.near + second.near) / 2,
    laterCoefficient: (first.later + second.later) / 2,
    varianceRatio: spread.varianceY > 0 ? spread.varianceX / spread.varianceY : 1,
    correlation: imagined.length === 0
      ? 0
      : correlation(moments(views[0].advantage, imagined[Math.max(1, first.horizon) - 1])),
    advantageMean: mean(advantage),
    advantageStd: Math.sqrt(spread.varianceY),
    imaginedStd: Math.sqrt(moments(control, control).varianceX),
  };
};
