/**
 * Estimates by halves of a batch: nothing fitted on samples corrects those same samples.
 *
 * @module
 */
import { type Batch, fingerprint } from "../data/batch.ts";
import { type Half, halfOf } from "../data/halves.ts";
import { foldOf, type Folds } from "../data/folds.ts";
import { bootstrapWeights } from "../data/returns.ts";
import { type Baseline, constantBaseline } from "./baseline.ts";
import type { Declarations } from "./estimate.ts";
import {
  type EstimatorFrame,
  type EstimatorInput,
  type EstimatorNetworks,
  type FoldInput,
  type NetworkName,
  networkNames,
} from "./estimator.ts";
import type { AdvantageOptions, FittingOptions } from "./options.ts";

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
export const isCrossFitted = (input: Partial<EstimatorNetworks>): boolean =>
  networkNames.some((name) => input[name]?.second !== undefined);

/**
 * (input, view) ⇒ views of the whole batch with each half's networks; one and the same where no fit was cross-fitted. Of
 * the whole batch, since what decides about a half must be seen with that half's networks: the others have seen it.
 */
export const viewsByHalf = <N extends NetworkName, V>(
  input: EstimatorInput<N>,
  view: (input: FoldInput<N>) => V,
): readonly [V, V] => {
  const first = view(inputOfHalf(input, 0));
  return [first, isCrossFitted(input as Partial<EstimatorNetworks>) ? view(inputOfHalf(input, 1)) : first];
};

/**
 * (input, options, networks in use) ⇒ whether baseline, k, w and networks leave the mean: the halves are independent (whole
 * environments), and no network has seen the batch that it corrects.
 */
const correctsUnseen = (
  { batch }: EstimatorFrame,
  { fitOn }: FittingOptions,
  networks: ReadonlyArray<Folds<unknown>>,
): boolean => {
  const newest = fingerprint(batch);
  const saw = networks.some(({ first, second }) => first.seen === newest || second?.seen === newest);
  return fitOn !== "sameBatch" && batch.environments > 1 && !saw;
};

/** Weight of V in a return up to which a wrong V is of no account. */
const NEGLIGIBLE = 0.01;

/**
 * (input, options, networks in use, whether all summands are there and exact) ⇒ what an estimate declares of its mean: that
 * of the likelihood ratio with the same A, and, where A is Monte-Carlo and V's weight in every return at most 1%, the
 * likelihood-ratio gradient. Every return then ends in a terminal state: where the time limit or the end of the batch cuts
 * it, V stands in for its rest, with weight γ one step before.
 */
export const declarations = (
  input: EstimatorFrame,
  options: FittingOptions & AdvantageOptions,
  networks: ReadonlyArray<Folds<unknown>>,
  whole: boolean,
): Declarations => {
  const real = () => bootstrapWeights(input.batch, options.discount).every((weight) => weight <= NEGLIGIBLE);
  const keepsMean = whole && correctsUnseen(input, options, networks);
  return { keepsMean, unbiased: keepsMean && options.advantage === "monteCarlo" && real() };
};
