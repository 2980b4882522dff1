/**
 * Every estimator by name.
 *
 * @module
 */
import { likelihoodRatio } from "./likelihood_ratio.ts";
import { mbma } from "./mbma.ts";
import { modelGradient } from "./model_gradient.ts";
import { mscv } from "./mscv.ts";
import { qprop } from "./qprop.ts";
import { svg1 } from "./svg1.ts";
import { trajectoryControlVariate } from "./trajectory_control_variate.ts";

/** Name ⇒ estimator. */
export const estimators = {
  likelihoodRatio,
  mbma,
  modelGradient,
  mscv,
  qprop,
  svg1,
  trajectoryControlVariate,
} as const;
