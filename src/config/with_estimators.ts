/**
 * A catalog with estimators of one's own.
 *
 * @module
 */
import type { Estimators } from "../estimators/estimator.ts";
import { estimateGradientOf } from "../stages/estimate_gradient.ts";
import type { Catalog } from "./catalog.ts";

/** (catalog, estimators of one's own by name) ⇒ the catalog with both, and the stage that chooses among them. */
export const withEstimators = (catalog: Catalog, own: Estimators): Catalog => {
  const estimators = { ...catalog.estimators, ...own };
  return { ...catalog, estimators, stages: { ...catalog.stages, estimateGradient: estimateGradientOf(estimators) } };
};
