/**
 * Options that stages share.
 *
 * @module
 */
import type { TargetNormalization } from "../nn/training/target_units.ts";
import { oneOf, option, type Optional } from "../options/options.ts";

/** How `fitValue` and `fitCritic` scale what they regress on. */
export const targetNormalization: Optional<TargetNormalization> = option(
  oneOf("standardize", "none"),
  "standardize",
  "standardize: fits (y − μ)/σ with μ and σ of its targets, the last layer rescaled (PopArt); none: fits y as it is",
);
