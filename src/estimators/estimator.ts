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
  /** The task as imagination sees it. */
  readonly task: ImaginedTask;
  /** π, the policy that took the batch. */
  readonly policy: PolicyParams;
  /** V */
  readonly value: ValueParams;
  /** f */
  readonly model: ModelParams;
  /** Normalisation of observations in use. */
  readonly normalizer: Normalizer;
  /** B */
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
  /** Largest k that dynamic may take. */
  readonly maxHorizon: number;
  /** How imagined rewards add up. */
  readonly imaginedReturn: ReturnForm["weighting"];
  /** Survival in imagination. */
  readonly termination: ReturnForm["termination"];
  /** w: one as in the paper, or clip(Cov(A, Ã)/Var(Ã), 0, 1). */
  readonly coefficient: "one" | "optimal";
  /** Which samples w, k and the baseline are taken from: the half that they do not correct, or the same batch. */
  readonly fitOn: "otherHalf" | "sameBatch";
  /** fresh rollouts a start for G2 */
  readonly rollouts: number;
  /** Summands of the gradient. */
  readonly terms: ReadonlyArray<"g1" | "g2">;
}

/** An estimate and what there is to say about it. */
export interface Estimated {
  /** The gradient, and what the line search needs. */
  readonly estimate: GradientEstimate;
  /** Numbers to report. */
  readonly metrics: Metrics;
}

/** (input, options, key) ⇒ (estimate, metrics). Same key, same bits; leaves no tensor behind. */
export type Estimator = (input: EstimatorInput, options: EstimatorOptions, key: Key) => Estimated;
