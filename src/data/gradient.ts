/**
 * How a gradient is estimated, as iterations hand it on and report it: metrics, how imagined rewards add up, k and w.
 *
 * @module
 */

/** Numbers that a stage reports, by documented name. */
export type Metrics = Readonly<Record<string, number | string>>;

/** How imagined rewards add up to an advantage. */
export interface ReturnForm {
  /** γ */
  readonly discount: number;
  /** kStep: Q̃_k − V; lambdaWeighted: Σ_{j<k} λʲ(q_j − q_{j−1}), as GAE weighs the real residuals. */
  readonly weighting: "kStep" | "lambdaWeighted";
  /** λ of lambdaWeighted */
  readonly lambda: number;
  /** soft: survival is a product of sigmoids of margins, which a path derivative sees; hard: 0 or 1, which biases one. */
  readonly termination: "soft" | "hard";
}

/** A control variate as the samples of a batch decide it. */
export interface Control {
  /** k; 0 for none */
  readonly horizon: number;
  /** w of the control variate */
  readonly weight: number;
  /** u of the residuals within the imagined steps, which w leaves in A */
  readonly nearWeight: number;
  /** v of the residuals after the imagined steps */
  readonly farWeight: number;
}

/** None at all. */
export const noControl: Control = { horizon: 0, weight: 0, nearWeight: 0, farWeight: 0 };
