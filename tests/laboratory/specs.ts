/**
 * Rows of a panel from options of the family.
 *
 * @module
 */
import { estimators } from "../../src/estimators/registry.ts";
import type { AdvantageForm } from "../../src/estimators/option_groups.ts";
import { advantageFormOf } from "../../src/estimators/imagined_signals.ts";
import type { ReturnForm } from "../../src/data/gradient.ts";
import type { EstimatorSpec } from "../../src/laboratory/panel.ts";
import { type FamilyOptions, optionsOf } from "../estimators/world.ts";

/** (name, options of the family) ⇒ (spec) with those options that the estimator has. */
export const specOf = (estimator: keyof typeof estimators, family: FamilyOptions): EstimatorSpec => ({
  estimator,
  options: optionsOf(estimators[estimator], family),
});

/** (options of the family) ⇒ the real advantage, and how imagined rewards add up, as a plan of branches has them. */
export const formsOf = (
  family: FamilyOptions,
): { readonly advantage: AdvantageForm; readonly form: ReturnForm } => {
  const { discount, lambda, imaginedReturn: weighting, termination } = family;
  return { advantage: advantageFormOf(family), form: { discount, lambda, weighting, termination } };
};
