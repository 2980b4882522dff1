/**
 * Branches ⇒ the sources of the gradient's variance, and the share that a control variate removes.
 *
 * @module
 */
import { correlation, mean, type Moments, moments } from "../math/statistics.ts";
import type { Branches } from "./branches.ts";
import {
  type StateSums,
  stateSums,
  totalVariance,
  type VarianceParts,
  varianceParts,
  varianceWithStateBaseline,
} from "./decomposition.ts";
import { bootstrapInterval, type IntervalEstimate, type Resamples } from "./bootstrap_intervals.ts";

/** Parts of the variance of one sample's gradient, and their shares of the whole. */
export interface Sources {
  /** their sum */
  readonly total: IntervalEstimate;
  /** Var_s of the mean within a state */
  readonly state: IntervalEstimate;
  /** mean Var_a of the mean of an action */
  readonly action: IntervalEstimate;
  /** mean Var_τ of what follows an action */
  readonly trajectory: IntervalEstimate;
  /** of the sum */
  readonly shares: { readonly [K in keyof VarianceParts]: IntervalEstimate };
}

/** What a control variate over k steps with w = Cov/Var removes, its own mean (G2) known without noise. */
export interface Removed {
  /** k */
  readonly horizon: number;
  /** ρ(A, Ã) */
  readonly correlation: number;
  /** 1 − Var(∇log π·(A − w·Ã)) / Var(∇log π·A) */
  readonly share: IntervalEstimate;
  /** The same of the variance that the state baseline E[Â|s] would leave, with w of the deviations within a state. */
  readonly beyondBaseline: IntervalEstimate;
}

/** Sources of one advantage's variance. */
export interface Decomposition {
  /** where it comes from */
  readonly sources: Sources;
  /** Share of the variance that the state baseline E[Â|s] would remove; with Monte-Carlo returns, what V gets wrong. */
  readonly stateBaseline: IntervalEstimate;
  /** by the real physics with the same noise, by horizon */
  readonly perfect: ReadonlyArray<Removed>;
  /** by the learned model; none where nothing fitted it, or it cannot be imagined with */
  readonly learned: ReadonlyArray<Removed>;
}

const sourcesOf = (sums: StateSums, draws: Resamples): Sources => {
  const value = varianceParts(sums), replicates = draws.map((weight) => varianceParts(sums, weight));
  const interval = (of: (parts: VarianceParts) => number) => bootstrapInterval(of(value), replicates.map(of));
  const share = (part: keyof VarianceParts) => interval((parts) => parts[part] / totalVariance(parts));
  return {
    total: interval(totalVariance),
    state: interval((parts) => parts.state),
    action: interval((parts) => parts.action),
    trajectory: interval((parts) => parts.trajectory),
    shares: { state: share("state"), action: share("action"), trajectory: share("trajectory") },
  };
};

/** (moments of A and Ã) ⇒ w = Cov/Var. */
const weightOf = ({ covariance, varianceY }: Moments): number => varianceY > 0 ? covariance / varianceY : 0;

/** (x [S·n], n) ⇒ x minus the mean of its state. */
const withinStates = (x: Float64Array, perState: number): Float64Array => {
  const out = x.slice();
  for (let start = 0; start < x.length; start += perState) {
    const centre = mean(x.subarray(start, start + perState));
    for (let i = start; i < start + perState; i++) out[i] -= centre;
  }
  return out;
};

/** (branches, scores [S, K, M], A, control variates by horizon, horizons, draws of states) ⇒ (decomposition). */
export const decompose = (
  { counts, perfect, learned }: Pick<Branches, "counts" | "perfect" | "learned">,
  score: Float64Array,
  advantage: Float64Array,
  horizons: ReadonlyArray<number>,
  draws: Resamples,
): Decomposition => {
  const projections = score.length / (counts.states * counts.actions);
  const centre = mean(advantage); // the constant baseline that estimators subtract
  const nestedOf = (values: Float64Array) => ({ ...counts, score, projections, advantage: values });
  const sumsOf = (values: Float64Array) => stateSums(nestedOf(values));
  const centred = advantage.map((a) => a - centre), whole = sumsOf(centred);
  const before = totalVariance(varianceParts(whole));
  const beforeDraws = draws.map((weight) => totalVariance(varianceParts(whole, weight)));
  const share = (left: number, all: number) => 1 - left / all;
  const withBaseline = varianceWithStateBaseline(nestedOf(centred)), baselineDraws = draws.map(withBaseline);
  const perState = counts.actions * counts.continuations;
  const deviations = withinStates(advantage, perState);
  const removed = (imagined: Float64Array, horizon: number): Removed => {
    const overall = moments(advantage, imagined), within = moments(deviations, withinStates(imagined, perState));
    const residual = (weight: number) => {
      const left = advantage.map((a, i) => a - weight * imagined[i]), offset = mean(left);
      return left.map((x) => x - offset);
    };
    const rest = sumsOf(residual(weightOf(overall)));
    const beyond = varianceWithStateBaseline(nestedOf(residual(weightOf(within))));
    return {
      horizon,
      correlation: correlation(overall),
      share: bootstrapInterval(
        share(totalVariance(varianceParts(rest)), before),
        draws.map((draw, b) => share(totalVariance(varianceParts(rest, draw)), beforeDraws[b])),
      ),
      beyondBaseline: bootstrapInterval(
        share(beyond(), withBaseline()),
        draws.map((draw, b) => share(beyond(draw), baselineDraws[b])),
      ),
    };
  };
  return {
    sources: sourcesOf(whole, draws),
    stateBaseline: bootstrapInterval(
      share(withBaseline(), before),
      draws.map((_, b) => share(baselineDraws[b], beforeDraws[b])),
    ),
    perfect: perfect.map((imagined, i) => removed(imagined, horizons[i])),
    learned: learned.map((imagined, i) => removed(imagined, horizons[i])),
  };
};
