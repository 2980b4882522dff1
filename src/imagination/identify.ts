/**
 * Identification: the factors of a simulator's physics, fitted to real steps.
 *
 * (steps, factors) ⇒ (factors, their standard errors)
 *
 *   e(φ) = (observation after the real step − after the simulator's, from the same state and action) / its usual change
 *   δ = (JᵀJ)⁻¹ Jᵀ e,   J = −∂e/∂log φ by central differences,   φ ← φ·exp δ
 *
 * Gauss–Newton on one-step errors: no derivative of the physics, and no error that compounds. Logarithms keep the sign of a
 * factor, so that no mass gets negative. A step that does not lower ‖e‖² is halved; with none that does, or one that lowers it
 * by less than a hundredth or moves every factor by less than a thousandth, the fit ends.
 *
 * @module
 */
import { factorCholesky, solveCholesky } from "../math/linear_algebra_cholesky.ts";
import { clipControl } from "../math/control_range.ts";
import type { StepSample } from "../data/step_sample.ts";
import { advance } from "../tasks/advance.ts";
import type { Simulation } from "../tasks/simulation.ts";
import type { Task } from "../tasks/task.ts";

/** Factors that were fitted. */
export interface Identified {
  /** [factors] */
  readonly factors: Float64Array;
  /** [factors] standard errors by the curvature and the errors left; 0 of those that were not fitted */
  readonly spread: Float64Array;
  /** root mean square of the errors left, in units of the usual change of each entry */
  readonly error: number;
  /** Gauss–Newton updates that were made */
  readonly updates: number;
}

const DIVERGED = 10; // error of a step that the simulator cannot take, in usual changes
const WIDTH = 1e-3; // of the central differences, in log φ
const LARGEST = 0.5; // of one update of a log φ
const SMALL = 1e-3; // update of a log φ: where all are smaller, none follows
const SETTLED = 0.01; // share of ‖e‖² that an update must take away for another one to follow
const HALVINGS = 5;
const RIDGE = 1e-9; // of the largest curvature: of a factor that moves nothing

/** (sample, obs) ⇒ [obs] root mean square of what one step changes. */
const usualChange = ({ count, observation, nextObservation }: StepSample, size: number): Float64Array => {
  const change = new Float64Array(size);
  for (let i = 0; i < count * size; i++) change[i % size] += (nextObservation[i] - observation[i]) ** 2 / count;
  return change.map((square) => Math.max(1e-8, Math.sqrt(square)));
};

/** (task, sample, scale) ⇒ e [n, obs]; a step that diverges is off by 10 everywhere. */
const errorsOf = (task: Task, { count, state, action, nextObservation }: StepSample, scale: Float64Array) => {
  const { simulator, observationSize: no, actionSize: na, controlRange } = task, { stateSize } = simulator;
  const data = simulator.make(), control = new Float64Array(na), seen = new Float64Array(no);
  const errors = new Float64Array(count * no);
  for (let i = 0; i < count; i++) {
    simulator.write(data, state.subarray(i * stateSize, (i + 1) * stateSize));
    clipControl(controlRange, action, i * na, control);
    const lost = advance(task, data, control) !== null;
    if (!lost) task.observe(data, seen);
    for (let j = 0, at = i * no; j < no; j++, at++) {
      const error = lost ? DIVERGED : (nextObservation[at] - seen[j]) / scale[j];
      errors[at] = Math.abs(error) <= DIVERGED ? error : Number.isNaN(error) ? DIVERGED : DIVERGED * Math.sign(error);
    }
  }
  return errors;
};

const squares = (errors: Float64Array): number => errors.reduce((sum, e) => sum + e * e, 0);

/** (a [p, p] symmetric, p) ⇒ its factor, with a ridge where it is singular. */
const factored = (a: Float64Array, p: number): Float64Array => {
  let largest = 0;
  for (let j = 0; j < p; j++) largest = Math.max(largest, a[j * p + j]);
  const factor = a.slice();
  for (let j = 0; j < p; j++) factor[j * p + j] += RIDGE * Math.max(largest, Number.MIN_VALUE / RIDGE);
  factorCholesky(factor, p);
  return factor;
};

/** What a fit knows of one set of factors. */
interface Curvature {
  /** [p, p] factor of JᵀJ */
  readonly factor: Float64Array;
  /** [p] Jᵀe */
  readonly slope: Float64Array;
}

/** (factors, places of those that are fitted, their changes of log φ) ⇒ factors. */
const moved = (factors: Float64Array, chosen: ReadonlyArray<number>, change: ArrayLike<number>): Float64Array => {
  const next = factors.slice();
  chosen.forEach((at, j) => next[at] *= Math.exp(change[j]));
  return next;
};

/**
 * (simulation, factors to begin with, places of those that are fitted, real steps, most updates) ⇒ (identified).
 * Same inputs, same bits.
 */
export const identify = (
  { tried }: Simulation,
  begin: Float64Array,
  chosen: ReadonlyArray<number>,
  sample: StepSample,
  updates: number,
): Identified => {
  const p = chosen.length, size = sample.observation.length / sample.count, scale = usualChange(sample, size);
  const at = (factors: Float64Array) => errorsOf(tried(factors), sample, scale);
  const curvatureAt = (factors: Float64Array, errors: Float64Array): Curvature => {
    const unit = (j: number, h: number) => chosen.map((_, i) => (i === j ? h : 0));
    const slopes = chosen.map((_, j) => {
      const [up, down] = [WIDTH, -WIDTH].map((h) => at(moved(factors, chosen, unit(j, h))));
      return up.map((e, i) => Math.abs(e) < DIVERGED && Math.abs(down[i]) < DIVERGED ? (down[i] - e) / (2 * WIDTH) : 0);
    });
    const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, x, i) => sum + x * b[i], 0);
    const product = Float64Array.from({ length: p * p }, (_, i) => dot(slopes[Math.floor(i / p)], slopes[i % p]));
    return { factor: factored(product, p), slope: Float64Array.from(slopes, (slope) => dot(slope, errors)) };
  };
  let factors = begin.slice(), errors = at(factors), made = 0, curvature = curvatureAt(factors, errors);
  while (made < updates) {
    const step = new Float64Array(p);
    solveCholesky(curvature.factor, p, curvature.slope, step);
    const found = lowered(
      factors,
      chosen,
      step.map((d) => Math.min(LARGEST, Math.max(-LARGEST, d))),
      squares(errors),
      at,
    );
    if (found === null) break;
    const settled = squares(found.errors) > (1 - SETTLED) * squares(errors) || step.every((d) => Math.abs(d) < SMALL);
    ({ factors, errors } = found);
    made++;
    curvature = curvatureAt(factors, errors);
    if (settled) break;
  }
  const freedom = Math.max(1, errors.length - p), variance = squares(errors) / freedom;
  const spread = new Float64Array(factors.length);
  chosen.forEach((place, j) => {
    const unit = Float64Array.from({ length: p }, (_, i) => Number(i === j)), row = new Float64Array(p);
    solveCholesky(curvature.factor, p, unit, row);
    spread[place] = Math.abs(factors[place]) * Math.sqrt(variance * row[j]);
  });
  return { factors, spread, error: Math.sqrt(squares(errors) / errors.length), updates: made };
};

/** (factors, step of log φ, ‖e‖² before) ⇒ factors and errors after the step, or a half, a quarter … of it; null: none is lower. */
const lowered = (
  factors: Float64Array,
  chosen: ReadonlyArray<number>,
  step: Float64Array,
  before: number,
  at: (factors: Float64Array) => Float64Array,
): { readonly factors: Float64Array<ArrayBuffer>; readonly errors: Float64Array<ArrayBuffer> } | null => {
  for (let halving = 0; halving <= HALVINGS; halving++) {
    const tried = moved(factors, chosen, step.map((d) => d / 2 ** halving)), errors = at(tried);
    if (squares(errors) < before) return { factors: tried.slice(), errors: errors.slice() };
  }
  return null;
};
