/**
 * What a measurement holds: plain records, as `panel.json` writes them.
 *
 * @module
 */
import type { Budget } from "./budget.ts";
import type { FloorMoments } from "./floor_moments.ts";
import type { Metric } from "./gram.ts";
import type { IntervalEstimate } from "./bootstrap_intervals.ts";
import type { Cause, Measured, VarianceBySize } from "./moments_of_panel.ts";
import type { Decomposition } from "./variance_sources.ts";

/** One estimator of the panel. */
export interface EstimatorResult {
  /** Its name in the table, unique. */
  readonly label: string;
  /** Name among the estimators at hand. */
  readonly estimator: string;
  /** All of its options. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Label of the likelihood ratio it is compared with: the same V, advantage, λ, γ and halves. */
  readonly match: string;
  /** Whether it declares to be unbiased. */
  readonly declaredUnbiased: boolean;
  /** Whether it declares to have the mean of its match, with these networks, options and environments. */
  readonly sameMeanAsMatch: boolean;
  /** before the natural-gradient step, lengths Euclidean */
  readonly euclidean: Measured;
  /** after it: lengths are gᵀF⁻¹g */
  readonly natural: Measured;
  /** The same from two halves of the batches: what the first one picks is quoted from the second. */
  readonly split: Split;
  /** Means over the batches of what the estimator reports of itself. */
  readonly metrics: Readonly<Record<string, IntervalEstimate>>;
  /** s of one estimate, median */
  readonly seconds: number;
  /** natural variance × seconds of batch and estimate, relative to the match: what one unit of precision costs; the
   * interval is that of the variance, times are medians */
  readonly relativeCost: IntervalEstimate;
  /** natural variance / the floor of the deepest horizon; null where there is none, or another advantage is estimated with */
  readonly aboveFloor: IntervalEstimate | null;
}

/** An estimator by halves of the batches, in the natural metric. */
export interface Split {
  /** first half: Var / Var of the match, and first-order gain of a step */
  readonly pick: { readonly variance: number; readonly improvement: number };
  /** second half */
  readonly quote: Measured;
}

/** The pipeline's own estimator beside the Monte-Carlo likelihood ratio, after the natural-gradient step. */
export interface CauseResult extends Cause {
  /** Label of that likelihood ratio. */
  readonly beside: string;
}

/** What the whole gradient of a perfect model over k steps leaves of the variance of the own advantage's likelihood ratio. */
export interface FloorResult extends Readonly<Record<Metric, FloorMoments>> {
  /** k */
  readonly horizon: number;
}

/** Variance at several sizes of a batch, in the natural metric. */
export interface SizeResult extends VarianceBySize {
  /** Label of the estimator. */
  readonly label: string;
}

/** Sources of variance of one advantage. */
export interface SourcesResult extends Readonly<Record<Metric, Decomposition>> {
  /** Name of the likelihood ratio whose signal it is. */
  readonly label: string;
}

/** A measurement at one checkpoint. */
export interface Measurement {
  /** How much was sampled. */
  readonly budget: Budget;
  /** ‖r‖² of the reference, without bias, and the variance of its mean */
  readonly truth: Readonly<Record<Metric, { readonly signal: IntervalEstimate; readonly noise: number }>>;
  /** transitions of the reference */
  readonly referenceSteps: number;
  /** γ^tail: the weight with which V still enters the reference, where a return is cut off */
  readonly valueWeight: number;
  /** mean undiscounted return of the reference's episodes; NaN where none ended */
  readonly meanReturn: number;
  /** s of collecting one batch, median */
  readonly batchSeconds: number;
  /** Label of the pipeline's own estimator. */
  readonly own: string;
  /** The panel, each estimator after its match. */
  readonly estimators: ReadonlyArray<EstimatorResult>;
  /** null where the pipeline's own is that likelihood ratio, or none is measured */
  readonly cause: CauseResult | null;
  /** Horizons over which a perfect model imagines, ascending. */
  readonly horizons: ReadonlyArray<number>;
  /** by horizon; none where the task's physics cannot imagine */
  readonly floors: ReadonlyArray<FloorResult>;
  /** of the own estimator and its match */
  readonly sizes: ReadonlyArray<SizeResult>;
  /** of the own advantage, and of Monte-Carlo returns */
  readonly sources: ReadonlyArray<SourcesResult>;
  /** wall time of each part, s */
  readonly seconds: Readonly<Record<string, number>>;
}
