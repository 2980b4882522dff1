/**
 * A catalog as a user composes it ⇒ the one that is read.
 *
 * @module
 */
import type { Estimators } from "../estimators/estimator.ts";
import { estimateGradient, estimateGradientOf, estimatorsOf } from "../stages/estimate_gradient.ts";
import type { Catalog } from "./catalog.ts";

const isSame = (a: Estimators, b: Estimators): boolean => {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
};

/**
 * (catalog) ⇒ (catalog) whose `estimateGradient` chooses among its estimators, and whose estimators are those that it
 * chooses among: one of the user's own may be given as either. A catalog that is so already is returned as it is, and a
 * stage of that name which chooses among no estimators is left alone.
 */
export const completed = (catalog: Catalog): Catalog => {
  const stage = catalog.stages.estimateGradient, chosen = stage === undefined ? null : estimatorsOf(stage);
  if (chosen === null || isSame(chosen, catalog.estimators)) return catalog;
  const estimators = stage === estimateGradient ? catalog.estimators : { ...chosen, ...catalog.estimators };
  return { ...catalog, estimators, stages: { ...catalog.stages, estimateGradient: estimateGradientOf(estimators) } };
};
