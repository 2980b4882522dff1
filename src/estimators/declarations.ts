/**
 * What an estimate declares of its mean.
 *
 * @module
 */
import { fingerprint } from "../data/batch.ts";
import type { Folds } from "../data/folds.ts";
import { bootstrapWeights } from "../data/returns.ts";
import type { Declarations } from "./estimate.ts";
import type { EstimatorFrame } from "./estimator.ts";
import type { AdvantageOptions, FittingOptions } from "./option_groups.ts";

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
