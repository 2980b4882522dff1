/**
 * The panel on one batch.
 *
 * @module
 */
import { type Batch, batchSize } from "../data/batch.ts";
import type { Metrics } from "../data/gradient.ts";
import type { AnyEstimator, EstimatorInput, Estimators } from "../estimators/estimator.ts";
import { fold, type Key } from "../math/random.ts";
import type { SolvedEstimate } from "./gram.ts";
import type { Solve } from "./natural.ts";
import type { PanelEntry } from "./panel.ts";

/** One estimator on one batch. */
export interface PanelEstimate extends SolvedEstimate {
  /** What the estimator says of itself. */
  readonly metrics: Metrics;
  /** Whether it declares to be unbiased. */
  readonly unbiased: boolean;
  /** Whether it declares to have the mean of the likelihood ratio with the same advantage. */
  readonly keepsMean: boolean;
  /** s, of the estimate alone */
  readonly seconds: number;
}

/** A clock in ms; measures, decides nothing. */
const now = (): number => performance.now();

/** (networks and batch, estimator, its options, key) ⇒ (estimate). Entries share the key, so that they share their random numbers. */
const estimateEntry = (
  input: EstimatorInput,
  { estimate: of }: AnyEstimator,
  { options }: PanelEntry,
  solve: Solve,
  key: Key,
): PanelEstimate => {
  const start = now();
  const { estimate, metrics } = of(input, options, key);
  const seconds = (now() - start) / 1000;
  const { gradient, unbiased, keepsMean } = estimate;
  return { gradient, ...solve(gradient), metrics, unbiased, keepsMean, seconds };
};

/** (estimators, name) ⇒ the estimator. Throws where a worker was told no module that exports it. */
const find = (estimators: Estimators, name: string): AnyEstimator => {
  if (Object.hasOwn(estimators, name)) return estimators[name];
  throw new Error(
    `Cannot measure ${name} as whoever measures must know it: known are ${Object.keys(estimators).join(", ")}`,
  );
};

/** (batch, t) ⇒ its first t steps, without its episodes; views of the same arrays. */
export const firstSteps = (batch: Batch, steps: number): Batch => {
  const rows = batchSize({ ...batch, steps });
  const { observationSize: no, actionSize: na } = batch;
  return {
    ...batch,
    steps,
    observation: batch.observation.subarray(0, rows * no),
    nextObservation: batch.nextObservation.subarray(0, rows * no),
    action: batch.action.subarray(0, rows * na),
    noise: batch.noise.subarray(0, rows * na),
    logProb: batch.logProb.subarray(0, rows),
    reward: batch.reward.subarray(0, rows),
    ...(batch.state === undefined
      ? {}
      : { state: batch.state.subarray(0, rows * batch.state.length / batchSize(batch)) }),
    terminated: batch.terminated.subarray(0, rows),
    truncated: batch.truncated.subarray(0, rows),
    episodeReturns: new Float64Array(0),
    episodeLengths: new Int32Array(0),
  };
};

/** The panel on one batch. */
export interface PanelOnBatch {
  /** By entry. */
  readonly estimates: ReadonlyArray<PanelEstimate>;
  /** [sizes][entries measured against size], of the batch's first steps */
  readonly bySize: ReadonlyArray<ReadonlyArray<PanelEstimate>>;
}

/**
 * (networks and batch, estimators by name, panel, fewer steps to measure at, entries to measure there, solve, key) ⇒
 * (estimates).
 *
 * @param inputOf  what an entry sees of networks and batch; by default all see the same
 */
export const estimatePanel = (
  input: EstimatorInput,
  estimators: Estimators,
  panel: ReadonlyArray<PanelEntry>,
  steps: ReadonlyArray<number>,
  sized: ReadonlyArray<PanelEntry>,
  solve: Solve,
  key: Key,
  inputOf: (entry: PanelEntry) => EstimatorInput = () => input,
): PanelOnBatch => ({
  estimates: panel.map((entry) => estimateEntry(inputOf(entry), find(estimators, entry.estimator), entry, solve, key)),
  bySize: steps.map((count) => {
    const batch = firstSteps(input.batch, count);
    return sized.map((entry) =>
      estimateEntry({ ...inputOf(entry), batch }, find(estimators, entry.estimator), entry, solve, fold(key, count))
    );
  }),
});
