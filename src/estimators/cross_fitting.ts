/**
 * Cross-fitting: what corrects one half of a batch was fitted without it.
 *
 * @module
 */
import type { Batch } from "../data/batch.ts";
import { type Half, halfOf } from "../data/halves.ts";
import { foldOf, type Folds } from "../data/folds.ts";
import type { ByFold } from "./fold_signals.ts";
import { type Baseline, constantBaseline } from "./baseline.ts";
import {
  type EstimatorInput,
  type EstimatorNetworks,
  type FoldInput,
  type NetworkName,
  networkNames,
} from "./estimator.ts";
import type { FittingOptions } from "./option_groups.ts";

/** (half, fitOn) ⇒ which transitions of the batch may decide about those of this half. */
export const fitsHalf = (batch: Batch, half: Half, fitOn: FittingOptions["fitOn"]): (i: number) => boolean => {
  const which = halfOf(batch);
  return fitOn === "sameBatch" ? () => true : (i) => which(i) !== half;
};

/**
 * (residual of a half's control, over the whole batch) ⇒ signal: each sample's residual under the control of its own half,
 * minus a baseline. The baseline of a half is fitted to the samples that may decide about it, and to their residual under
 * that half's control: their own control would have seen the samples that the baseline corrects.
 */
export const crossFittedSignal = (
  batch: Batch,
  residualOf: (half: Half) => Float64Array,
  fitOn: FittingOptions["fitOn"],
  baseline: Baseline = constantBaseline,
): Float32Array => {
  const residual = [residualOf(0), residualOf(1)] as const;
  const levels = ([0, 1] as const).map((half) => baseline(residual[half], fitsHalf(batch, half, fitOn)));
  const which = halfOf(batch);
  return Float32Array.from(residual[0], (_, i) => residual[which(i)][i] - levels[which(i)](i));
};

/** (input, half) ⇒ the input with the networks that correct this half. */
export const inputOfHalf = <N extends NetworkName>(input: EstimatorInput<N>, half: Half): FoldInput<N> => {
  const networks = networkNames.filter((name) => name in input).map((name) =>
    [name, foldOf((input as unknown as EstimatorNetworks)[name] as Folds<unknown>, half).network] as const
  );
  return { ...input, ...Object.fromEntries(networks) } as unknown as FoldInput<N>;
};

/** (input) ⇒ whether a network has a fold of its own for either half. */
export const isCrossFitted = (input: object): boolean =>
  networkNames.some((name) => (input as Partial<EstimatorNetworks>)[name]?.second !== undefined);

/** (input, of) ⇒ `of` the input with either fold's networks; one and the same where no fit was cross-fitted. */
export const byFold = <N extends NetworkName, V>(
  input: EstimatorInput<N>,
  of: (input: FoldInput<N>) => V,
): ByFold<V> => {
  const first = of(inputOfHalf(input, 0));
  return [first, isCrossFitted(input) ? of(inputOfHalf(input, 1)) : first];
};
