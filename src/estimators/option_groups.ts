/**
 * Options that estimators share, in groups to spread into a definition. Each estimator holds those that it reads.
 *
 * @module
 */
import type { ReturnForm } from "../data/gradient.ts";
import {
  count,
  either,
  fraction,
  nonNegative,
  oneOf,
  option,
  type OptionFields,
  someOf,
  whole,
} from "../options/options.ts";

/** γ, and which real advantage A. */
export interface AdvantageOptions {
  /** γ */
  readonly discount: number;
  /** The real advantage A: gae and kStep are biased by V, monteCarlo only where returns are cut and bootstrap with V. */
  readonly advantage: "monteCarlo" | "gae" | "kStep";
  /** λ of gae and of lambdaWeighted */
  readonly lambda: number;
}

/** γ, λ and the real advantage. */
export const advantageOptions: OptionFields<AdvantageOptions> = {
  discount: option(fraction, 0.995, "γ"),
  advantage: option(
    oneOf("gae", "monteCarlo", "kStep"),
    "gae",
    "the real advantage A; gae and kStep are biased by V, monteCarlo only where a return is cut and bootstraps with V",
  ),
  lambda: option(fraction, 0.97, "λ of gae, and of lambdaWeighted imagined returns"),
};

/** k of k-step advantages, of an estimator without a horizon of its own. */
export interface AdvantageStepsOptions {
  /** real steps of kStep before V bootstraps */
  readonly advantageSteps: number;
}

/** k of k-step advantages, of an estimator without a horizon of its own. */
export const advantageStepsOptions: OptionFields<AdvantageStepsOptions> = {
  advantageSteps: option(count, 2, "real steps of kStep advantages before V bootstraps"),
};

/** All that decides the real advantage. */
export type AdvantageForm = AdvantageOptions & AdvantageStepsOptions;

/** How far imagination looks. */
export interface HorizonOptions {
  /** k; "dynamic" takes the largest k ≤ maxHorizon with Cov(A, Ã) > 0. Of kStep advantages, their k as well. */
  readonly horizon: number | "dynamic";
  /** Largest k that dynamic may take. */
  readonly maxHorizon: number;
}

/** How far imagination looks. */
export const horizonOptions: OptionFields<HorizonOptions> = {
  horizon: option(
    either(whole(0, 20), oneOf("dynamic")),
    2,
    "k, 0 … 20 imagined steps, or dynamic: the largest with Cov(A, Ã) > 0; of kStep advantages, their k as well",
  ),
  maxHorizon: option(whole(1, 20), 20, "largest k that dynamic may take"),
};

/** What is imagined, and how G2 is taken of it. */
export interface ImaginationOptions {
  /** How imagined rewards add up. */
  readonly imaginedReturn: ReturnForm["weighting"];
  /**
   * How G2 is taken: by derivatives along imagined paths, by likelihood ratio over antithetic pairs of first actions, or by
   * the mix of both that varies least.
   */
  readonly imaginedGradient: "pathDerivative" | "mirroredPairs" | "mixed";
  /** Survival in imagination. */
  readonly termination: ReturnForm["termination"];
  /** fresh rollouts a start for G2; of mirroredPairs, pairs of them in orthogonal directions; of mixed, as many of both */
  readonly rollouts: number;
}

/** What is imagined, and how G2 is taken of it. */
export const imaginationOptions: OptionFields<ImaginationOptions> = {
  imaginedReturn: option(
    oneOf("kStep", "lambdaWeighted"),
    "kStep",
    "kStep: the paper's Q̃_k; lambdaWeighted: the model's residuals weighted as GAE weighs the real ones",
  ),
  imaginedGradient: option(
    oneOf("pathDerivative", "mirroredPairs", "mixed"),
    "pathDerivative",
    "how G2 is taken: by derivatives along the imagined path, as in the paper, or by likelihood ratio over antithetic " +
      "pairs μ ± σε of first actions, which long paths do not make noisier, or by the mix of both that varies least, for " +
      "each output of the policy as the other half of the batch decides",
  ),
  termination: option(
    oneOf("soft", "hard"),
    "soft",
    "survival in imagination: differentiable, or 0 or 1 (biases path derivatives where episodes may end)",
  ),
  rollouts: option(
    count,
    1,
    "fresh imagined rollouts from each state for G2; of mirroredPairs: pairs of them, in orthogonal directions; of mixed: " +
      "as many of both",
  ),
};

/** How far imagined advantages may go. */
export interface BoundOptions {
  /** Largest |Ã| in standard deviations of A in the other half, or with `fitOn: sameBatch` in the batch; 0: none. */
  readonly imaginedBound: number;
}

/** How far imagined advantages may go. */
export const boundOptions: OptionFields<BoundOptions> = {
  imaginedBound: option(
    nonNegative,
    0,
    "largest |Ã|, in standard deviations of A in the other half (fitOn: sameBatch: in the batch): beyond it Ã is cut, in G1 " +
      "and G2 alike, so that the mean stays; 0: none",
  ),
};

/** How large a share of the control variate is subtracted. */
export interface CoefficientOptions {
  /**
   * w: one as in the paper; optimal, clip(Cov(A, Ã)/Var(Ã), 0, 1); leastVariance, the same for the whole gradient, G2's
   * own noise included, less what is chance (`shrinkage.ts`), as are the weights of later residuals; conservative, 1 where
   * Cov > 0 and else 0; aggressive, the sign of Cov.
   */
  readonly coefficient: "one" | "optimal" | "leastVariance" | "conservative" | "aggressive";
}

/** How large a share of the control variate is subtracted. */
export const coefficientOptions: OptionFields<CoefficientOptions> = {
  coefficient: option(
    oneOf("one", "optimal", "leastVariance", "conservative", "aggressive"),
    "one",
    "w: one as in the paper; optimal: clip(Cov(A, Ã)/Var(Ã), 0, 1); leastVariance: the same for the whole gradient, " +
      "G2's noise included, less what is chance; conservative: 1 where Cov > 0, else 0; aggressive: the sign of Cov",
  ),
};

/** Which samples decide. */
export interface FittingOptions {
  /**
   * Which samples decide w and k: those of the half that they do not correct, of the previous batch, or all. Baseline, bound
   * and shares: the other half's, or all.
   */
  readonly fitOn: "otherHalf" | "previousBatch" | "sameBatch";
}

/** Which samples decide. */
export const fittingOptions: OptionFields<FittingOptions> = {
  fitOn: option(
    oneOf("otherHalf", "previousBatch", "sameBatch"),
    "otherHalf",
    "samples that decide w and k: the half that they do not correct, the previous batch, or the same batch (biased); " +
      "baseline, bound and shares are taken from the other half, or from the same batch",
  ),
};

/** What is subtracted beside V. */
export interface BaselineOptions {
  /** A constant, or a function of the time in the episode and of the steps left in the batch. */
  readonly baseline: "constant" | "horizonAware";
}

/** What is subtracted beside V. */
export const baselineOptions: OptionFields<BaselineOptions> = {
  baseline: option(
    oneOf("constant", "horizonAware"),
    "constant",
    "subtracted beside V, from the other half: its mean residual, or b(t) of the time in the episode and the batch",
  ),
};

/** What becomes of the noise of later actions. */
export interface LaterResidualsOptions {
  /** Left in A, or removed by the model at later states. */
  readonly laterResiduals: "kept" | "corrected";
  /** imagined steps behind the correction of one later action */
  readonly laterHorizon: number;
}

/** What becomes of the noise of later actions. */
export const laterResidualsOptions: OptionFields<LaterResidualsOptions> = {
  laterResiduals: option(
    oneOf("kept", "corrected"),
    "kept",
    "noise of the actions after the first: kept in A, or corrected by the model at later states (not with k = 0, nor with " +
      "kStep advantages)",
  ),
  laterHorizon: option(
    whole(1, 20),
    1,
    "imagined steps that tell what one later action did, 1 … 20: few where V is good, more where it is not",
  ),
};

/** Which states G2 is taken at. */
export interface EarlierStatesOptions {
  /** Earlier batches at whose states G2 is taken too; biased, since earlier policies met them. */
  readonly earlierBatches: number;
}

/** Which states G2 is taken at. */
export const earlierStatesOptions: OptionFields<EarlierStatesOptions> = {
  earlierBatches: option(
    whole(0, 20),
    0,
    "earlier batches at whose states G2 is taken too, with the weight that the other half decides; biased, since earlier " +
      "policies met them; needs imaginedGradient: pathDerivative and imaginedBound: 0",
  ),
};

/** How many actions the model judges that were not taken. */
export interface FreshActionsOptions {
  /** m, fresh actions drawn from the policy at each state */
  readonly freshActions: number;
}

/** How many actions the model judges that were not taken. */
export const freshActionsOptions: OptionFields<FreshActionsOptions> = {
  freshActions: option(count, 8, "fresh actions drawn from the policy at each state, which the model judges"),
};

/** Summands of the gradient. */
export interface TermsOptions {
  /** G1, the corrected likelihood ratio; G2, what the control variate's mean adds again. */
  readonly terms: ReadonlyArray<"g1" | "g2">;
}

/** Summands of the gradient. */
export const termsOptions: OptionFields<TermsOptions> = {
  terms: option(
    someOf("g1", "g2"),
    ["g1", "g2"],
    "summands of the gradient; leaving one out is biased by design",
  ),
};

/** Options of `likelihoodRatio`, which the whole family is compared with. */
export interface LikelihoodRatioOptions extends AdvantageForm, FittingOptions, BaselineOptions {}
