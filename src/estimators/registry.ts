/**
 * Every estimator by name. Written by `deno task gen`.
 *
 * @module
 */
import type { Estimator } from "./estimator.ts";
import { likelihoodRatio } from "./likelihood_ratio.ts";
import { mscv } from "./mscv.ts";

/** Name ⇒ estimator. */
export const estimators: Readonly<Record<"likelihoodRatio" | "mscv", Estimator>> = { likelihoodRatio, mscv };
