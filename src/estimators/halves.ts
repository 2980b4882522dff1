/**
 * Two halves of a batch, so that nothing fitted on samples corrects those same samples.
 *
 * @module
 */
import type { Batch } from "../data/batch.ts";
import { mean } from "../math/statistics.ts";
import type { EstimatorOptions } from "./estimator.ts";

/** 0 or 1. */
export type Half = 0 | 1;

/**
 * (batch) ⇒ the half of transition i: environments in turn, or early and late steps where there is but one environment.
 * Whole environments, since neighbouring transitions share their returns.
 */
export const halfOf = ({ environments, steps }: Batch): (i: number) => Half =>
  environments > 1 ? (i) => ((i % environments) & 1) as Half : (i) => (i < steps / 2 ? 0 : 1);

/** (half, fitOn) ⇒ which transitions may decide about those of this half. */
export const fitsHalf = (batch: Batch, half: Half, fitOn: EstimatorOptions["fitOn"]): (i: number) => boolean => {
  const which = halfOf(batch);
  return fitOn === "sameBatch" ? () => true : (i) => which(i) !== half;
};

/**
 * (residual of a half's control, over the whole batch) ⇒ signal: each sample's residual under the control of its own half,
 * minus a constant baseline. The baseline of a half is the mean, over the samples that may decide about it, of their
 * residual under that half's control: their own control would have seen the samples that the baseline corrects.
 */
export const crossFittedSignal = (
  batch: Batch,
  residualOf: (half: Half) => Float64Array,
  fitOn: EstimatorOptions["fitOn"],
): Float32Array => {
  const residual = [residualOf(0), residualOf(1)] as const;
  const baseline = ([0, 1] as const).map((half) => mean(residual[half], fitsHalf(batch, half, fitOn)));
  const which = halfOf(batch);
  return Float32Array.from(residual[0], (_, i) => residual[which(i)][i] - baseline[which(i)]);
};
