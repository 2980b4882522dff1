/**
 * Units in which a regression sees its targets: the network is expressed in them, trained, and expressed in the targets'
 * own units again, so that its outputs never change but by training.
 *
 *   ŷ = (y − μ)/σ,  Ŵ = W/σ,  b̂ = (b − μ)/σ     (last layer)
 *
 * Adam's steps do not depend on the loss's scale, so that in units of y only the last layer notices: its steps are σ times
 * as long. Without that, targets of hundreds take thousands of steps of .001 to reach.
 *
 * Source: van Hasselt et al. 2016 (PopArt), eq. 4. Departure: σ is at least the error of the outputs as they are, so that
 * targets far from V and close to each other are reached as well; μ and σ are those of the data at hand, not running ones.
 *
 * @module
 */
import type { MlpShape } from "../../data/parameters.ts";
import { layerSpans } from "../passes/layers.ts";
import type { Trained } from "./network_training.ts";

/** How targets are scaled for a fit: by their mean and deviation, or not at all. */
export type TargetNormalization = "standardize" | "none";

/** An origin and a unit of the targets. */
export interface TargetUnits {
  /** μ */
  readonly mean: number;
  /** σ > 0 */
  readonly deviation: number;
}

/** Of targets as they are. */
export const rawUnits: TargetUnits = { mean: 0, deviation: 1 };

const MINIMAL_DEVIATION = 1e-6;

/** (y [n], outputs V [n], w [n]) ⇒ weighted mean of y, and the larger of √Var y and √mean (y − V)². */
export const standardUnits = (
  target: Float32Array,
  output: Float32Array,
  weight: (i: number) => number,
): TargetUnits => {
  let total = 0, sum = 0;
  for (let i = 0; i < target.length; i++) {
    total += weight(i);
    sum += weight(i) * target[i];
  }
  if (total === 0) return rawUnits;
  const mean = sum / total;
  let squares = 0, errors = 0;
  for (let i = 0; i < target.length; i++) {
    squares += weight(i) * (target[i] - mean) ** 2;
    errors += weight(i) * (target[i] - output[i]) ** 2;
  }
  return { mean, deviation: Math.max(MINIMAL_DEVIATION, Math.sqrt(Math.max(squares, errors) / total)) };
};

/** (shape, network in raw units, units) ⇒ the same network in those: outputs (y − μ)/σ, moments of a loss σ² smaller. */
export const expressIn = (
  shape: MlpShape,
  { theta, adam }: Trained,
  { mean, deviation }: TargetUnits,
): Trained => {
  const spans = layerSpans(shape), { weights: last } = spans[spans.length - 1];
  const outputs = shape.sizes[shape.sizes.length - 1], bias = theta.length - outputs;
  const hidden = deviation ** 2; // ∂L/∂θ = σ²·∂L̂/∂θ below the last layer, σ·∂L̂/∂θ̂ in it
  const out = {
    theta: theta.slice(),
    adam: { first: adam.first.slice(), second: adam.second.slice(), step: adam.step },
  };
  divide(out.theta, last, bias, deviation);
  divide(out.theta, bias, theta.length, deviation, mean);
  divide(out.adam.first, 0, last, hidden);
  divide(out.adam.first, last, theta.length, deviation);
  divide(out.adam.second, 0, last, hidden ** 2);
  divide(out.adam.second, last, theta.length, deviation ** 2);
  return out;
};

/** x ← (x − origin)/unit from `first` to before `end`. */
const divide = (x: Float32Array, first: number, end: number, unit: number, origin = 0): void => {
  for (let i = first; i < end; i++) x[i] = (x[i] - origin) / unit;
};

/** (shape, network in units, units) ⇒ the same network in raw units. */
export const expressRaw = (shape: MlpShape, network: Trained, { mean, deviation }: TargetUnits): Trained =>
  expressIn(shape, network, { mean: -mean / deviation, deviation: 1 / deviation });
