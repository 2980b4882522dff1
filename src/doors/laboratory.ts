/**
 * The gradient laboratory: bias and variance of estimators on frozen networks, measured against a reference gradient.
 *
 * (networks, estimators, budget) ⇒ `measure` ⇒ (Measurement) ⇒ `printMeasurement`, `verdict` ⇒ text
 *
 * ```ts
 * import { budgets } from "@mscv/mscv/laboratory";
 * import { assert } from "@std/assert";
 *
 * assert(Object.keys(budgets).length > 1); // how much is sampled, by name
 * ```
 *
 * @module
 */
export type { BiasVariance } from "../laboratory/bias_variance.ts";
export type { BranchCounts } from "../laboratory/branches.ts";
export { type Budget, budgets } from "../laboratory/budget.ts";
export type { FloorCounts } from "../laboratory/floor.ts";
export type { FloorMoments } from "../laboratory/floor_moments.ts";
export type { VarianceParts } from "../laboratory/decomposition.ts";
export { MeasurementFailed } from "../laboratory/errors.ts";
export type { Frozen, FrozenNetworks } from "../laboratory/frozen.ts";
export type { Metric } from "../laboratory/gram.ts";
export type { IntervalEstimate } from "../laboratory/bootstrap_intervals.ts";
export { measure, type MeasureRequest, type Refit } from "../laboratory/measure.ts";
export * from "../laboratory/measurement.ts";
export type {
  Cause,
  Measured,
  MomentIntervals,
  RelativeIntervals,
  VarianceBySize,
} from "../laboratory/moments_of_panel.ts";
export { defaultSpecs, type EstimatorSpec } from "../laboratory/panel.ts";
export type { PhysicsModel } from "../laboratory/physics_model.ts";
export type { Decomposition, Removed, Sources } from "../laboratory/variance_sources.ts";
export { printMeasurement } from "../laboratory/measurement_table.ts";
export { verdict } from "../laboratory/verdict.ts";
