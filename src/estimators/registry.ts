/**
 * Every estimator by name.
 *
 * @module
 */
import { likelihoodRatio } from "./likelihood_ratio.ts";
import { modelGradient } from "./model_gradient.ts";
import { mscv } from "./mscv.ts";
import { qprop } from "./qprop.ts";
import { svg1 } from "./svg1.ts";

/** Name ⇒ estimator. */
export const estimators = { likelihoodRatio, modelGradient, mscv, qprop, svg1 } as const;
