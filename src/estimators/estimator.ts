/**
 * The contract of a gradient estimator, and the options that the family shares.
 *
 * @module
 */
import type { Batch } from "../data/batch.ts";
import type { GradientEstimate, Metrics, ReturnForm } from "../data/gradient.ts";
import type { ModelParams, Normalizer, PolicyParams, ValueParams } from "../data/parameters.ts";
import type { Key } from "../math/random.ts";
import type { ImaginedTask } from "../tasks/task.ts";

/** What an estimator sees: plain records, frozen for the iteration. */
export interface EstimatorInput {
  readonly task: ImaginedTask;
  readonly policy: PolicyParams;
  readonly value: ValueParams;
  readonly model: ModelParams;
  readonly normalizer: Normalizer;
  readonly batch: Batch;
}

/** Options of the family; an estimator reads those that concern it. */
export interface EstimatorOptions {
  /** γ */
  readonly discount: number;
  /** The real advantage A: monteCarlo is unbiased, gae and kStep are biased by V. */
  readonly advantage: "monteCarlo" | "gae" | "kStep";
  /** λ of gae and of lambdaWeighted */
  readonly lambda: number;
  /** k; "dynamic" takes the largest k ≤ maxHorizon with Cov(A, Ã) > 0. */
  readonly horizon: number | "dynamic";
  readonly maxHorizon: number;
  readonly imaginedReturn: ReturnForm["weighting"];
  readonly termination: ReturnForm["termination"];
  /** w: one as in the paper, or clip(Cov(A, Ã)/Var(Ã), 0, 1). */
  readonly coefficient: "one" | "optimal";
  /** Which samples w, k and the baseline are taken from: the half that they do not correct, or the same batch. */
  readonly fitOn: "otherHalf" | "sameBatch";
  /** fresh rollouts a start for G2 */
  readonly rollouts: number;
  readonly terms: ReadonlyArray<"g1" | "g2">;
}

/** An estimate and what there is to say about it. */
export interface Estimated {
  readonly estimate: GradientEstimate;
  readonly metrics: Metrics;
}

/** (input, options, key) ⇒ (estimate, metrics). Same key, same bits; leaves no tensor behind. */
export type Estimator = (input: EstimatorInput, options: EstimatorOptions, key: Key) => Estimated;
