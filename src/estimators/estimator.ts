/**
 * The contract of a gradient estimator, and the options that the family shares.
 *
 * @module
 */
import type { Batch } from "../data/batch.ts";
import type { Control, GradientEstimate, Metrics, ReturnForm } from "../data/gradient.ts";
import type { CriticParams, ModelParams, Normalizer, PolicyParams, ValueParams } from "../data/parameters.ts";
import type { Key } from "../math/random.ts";
import type { ImaginedTask } from "../tasks/task.ts";

/** The networks that estimators may read beside the policy. */
export interface EstimatorNetworks {
  /** V */
  readonly value: ValueParams;
  /** f */
  readonly model: ModelParams;
  /** Q */
  readonly critic: CriticParams;
}

/** Name of such a network, and of its slot. */
export type NetworkName = keyof EstimatorNetworks;

/** What every estimator sees: plain records, frozen for the iteration. */
export interface EstimatorFrame {
  /** The task as imagination sees it. */
  readonly task: ImaginedTask;
  /** π, the policy that took the batch. */
  readonly policy: PolicyParams;
  /** k and w as the previous batch decided them */
  readonly control: Control;
  /** Normalisation of observations in use. */
  readonly normalizer: Normalizer;
  /** B */
  readonly batch: Batch;
}

/** What an estimator sees that reads these networks. */
export type EstimatorInput<N extends NetworkName = NetworkName> = EstimatorFrame & Pick<EstimatorNetworks, N>;

/** Options of the family; an estimator reads those that concern it. */
export interface EstimatorOptions {
  /** γ */
  readonly discount: number;
  /** The real advantage A: gae and kStep are biased by V, monteCarlo only where returns are cut and bootstrap with V. */
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
  /**
   * w: one as in the paper; optimal, clip(Cov(A, Ã)/Var(Ã), 0, 1); leastVariance, the same for the whole gradient, G2's
   * own noise included; conservative, 1 where Cov > 0 and else 0; aggressive, the sign of Cov.
   */
  readonly coefficient: "one" | "optimal" | "leastVariance" | "conservative" | "aggressive";
  /**
   * Which samples decide w and k: the half that they do not correct, the previous batch, or the same batch. The baseline
   * is taken from the other half, or from the same batch.
   */
  readonly fitOn: "otherHalf" | "previousBatch" | "sameBatch";
  /** Subtracted beside V: a constant, or a function of the time in the episode and of the steps left in the batch. */
  readonly baseline: "constant" | "horizonAware";
  /** Noise of the later actions: left in A, or removed by the model at later states. */
  readonly laterResiduals: "kept" | "corrected";
  /** imagined steps behind the correction of one later action */
  readonly laterHorizon: number;
  /** How G2 is taken: by derivatives along imagined paths, or by likelihood ratio over mirrored pairs of first actions. */
  readonly imaginedGradient: "pathDerivative" | "mirroredPairs";
  /** fresh rollouts a start for G2; of mirroredPairs, pairs of them */
  readonly rollouts: number;
  /** Summands of the gradient. */
  readonly terms: ReadonlyArray<"g1" | "g2">;
}

/** An estimate and what there is to say about it. */
export interface Estimated {
  /** The gradient, and what the line search needs. */
  readonly estimate: GradientEstimate;
  /** k and w as this whole batch decides them, for the next one. */
  readonly control: Control;
  /** Numbers to report. */
  readonly metrics: Metrics;
}

/** An estimator, and the networks that it reads: a program that holds it has to fit them. */
export interface Estimator<N extends NetworkName = NetworkName> {
  /** (input, options, key) ⇒ (estimate, metrics). Same key, same bits; leaves no tensor behind. */
  (input: EstimatorInput<N>, options: EstimatorOptions, key: Key): Estimated;
  /** The networks that it reads. */
  readonly reads: ReadonlyArray<N>;
}

/** ({ reads, estimate }) ⇒ (estimator): the one way to define an estimator. */
export const defineEstimator = <N extends NetworkName>({ reads, estimate }: {
  readonly reads: ReadonlyArray<N>;
  readonly estimate: (input: EstimatorInput<N>, options: EstimatorOptions, key: Key) => Estimated;
}): Estimator<N> => Object.assign(estimate.bind(null) as typeof estimate, { reads });
