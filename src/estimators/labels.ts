/**
 * Words for estimators in the laboratory's tables: what is as it mostly is goes without saying.
 *
 * @module
 */
import type {
  AdvantageForm,
  BaselineOptions,
  BoundOptions,
  CoefficientOptions,
  EarlierStatesOptions,
  FittingOptions,
  HorizonOptions,
  ImaginationOptions,
  LaterResidualsOptions,
  TermsOptions,
} from "./option_groups.ts";

const decimals = (x: number): string => String(x).replace(/^0(?=\.)/, "");

/** (form) ⇒ "GAE .97", "MC", "2-step". */
export const advantageLabel = ({ advantage, lambda, advantageSteps }: AdvantageForm): string => {
  switch (advantage) {
    case "monteCarlo":
      return "MC";
    case "gae":
      return `GAE ${decimals(lambda)}`;
    case "kStep":
      return `${advantageSteps}-step`;
  }
};

/** (options) ⇒ "k 10", "k ≤ 20". */
export const horizonLabel = ({ horizon, maxHorizon }: HorizonOptions): string =>
  `k ${horizon === "dynamic" ? `≤ ${maxHorizon}` : horizon}`;

/** (options) ⇒ "w 1", "w optimal". */
export const coefficientLabel = ({ coefficient }: CoefficientOptions): string =>
  `w ${coefficient === "one" ? 1 : coefficient}`;

/** (options) ⇒ how the actions after the first are corrected. */
export const laterLabels = ({ laterResiduals, laterHorizon }: LaterResidualsOptions): ReadonlyArray<string> =>
  laterResiduals === "kept" ? [] : [`later by ${laterHorizon}`];

const gradientLabels: Readonly<Record<ImaginationOptions["imaginedGradient"], ReadonlyArray<string>>> = {
  pathDerivative: [],
  mirroredPairs: ["pairs"],
  mixed: ["mixed"],
};

/** (options) ⇒ how G2 is taken. */
export const imaginationLabels = (o: Omit<ImaginationOptions, "imaginedReturn">): ReadonlyArray<string> => [
  ...gradientLabels[o.imaginedGradient],
  ...(o.rollouts === 1 ? [] : [`${o.rollouts} rollouts`]),
  ...(o.termination === "soft" ? [] : ["hard"]),
];

/** (options) ⇒ how far imagined advantages may go. */
export const boundLabels = ({ imaginedBound }: BoundOptions): ReadonlyArray<string> =>
  imaginedBound === 0 ? [] : [`|Ã| ≤ ${decimals(imaginedBound)} std`];

/** (options) ⇒ which states G2 is taken at beside the batch's own. */
export const earlierLabels = ({ earlierBatches }: EarlierStatesOptions): ReadonlyArray<string> =>
  earlierBatches === 0 ? [] : [`${earlierBatches} earlier`];

/** (options) ⇒ how imagined rewards add up. */
export const returnLabels = ({ imaginedReturn }: Pick<ImaginationOptions, "imaginedReturn">): ReadonlyArray<string> =>
  imaginedReturn === "lambdaWeighted" ? ["λ"] : [];

/** (options) ⇒ which summand stands alone. */
export const termsLabels = ({ terms }: TermsOptions): ReadonlyArray<string> =>
  terms.length === 2 ? [] : [`${terms.join(" ")} only`];

const fitLabels: Readonly<Record<FittingOptions["fitOn"], string>> = {
  otherHalf: "",
  previousBatch: ", fit on the previous batch",
  sameBatch: ", fit on the same batch",
};

/** (options) ⇒ what the baseline knows and which samples decide, with a comma before each. */
export const fitLabel = ({ fitOn, baseline = "constant" }: FittingOptions & Partial<BaselineOptions>): string =>
  `${baseline === "constant" ? "" : ", horizon-aware"}${fitLabels[fitOn]}`;
