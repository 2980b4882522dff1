/**
 * Identification: the factors of a simulator's physics, fitted to real steps.
 *
 * (steps, factors) ⇒ (factors, their standard errors)
 *
 *   e(φ) = (observation after the real step − after the simulator's, from the same state and action) / its usual change
 *   δ = H⁻¹ Jᵀe,   H = JᵀJ,   J = −∂e/∂log φ by central differences,   φ ← φ·exp δ
 *
 * Gauss–Newton on one-step errors: no derivative of the physics, and no error that compounds. Logarithms keep the sign of a
 * factor, so that no mass gets negative. A step that does not lower ‖e‖² is halved; with none that does, or one that lowers it
 * by less than a hundredth or moves every factor by less than a thousandth, the fit ends. Where the task refuses factors, each of
 * them goes as far as it alone may by halves, and differences are those of the side that is allowed.
 *
 * The variance of log φ is that of the steps, H⁻¹ (Σ gᵢgᵢᵀ) H⁻¹ with gᵢ = Jᵢᵀeᵢ of step i, whose entries err together, and
 * which counts once however often it was drawn; and δ², by which the fit still is from its minimum. With no more steps than
 * factors Σ gᵢ = 0 leaves nothing to tell it by.
 *
 * Source: White 1980, "A Heteroskedasticity-Consistent Covariance Matrix Estimator", by clusters.
 *
 * @module
 */
import { factorCholesky, solveCholesky } from "../math/linear_algebra_cholesky.ts";
import type { StepSample } from "../data/step_sample.ts";
import type { Simulation } from "../tasks/simulation.ts";
import type { Task } from "../tasks/task.ts";
import { simulatorSteps } from "./simulated_rollout.ts";

/** Factors that were fitted. */
export interface Identified {
  /** [factors] */
  readonly factors: Float64Array;
  /**
   * [factors] standard errors; 0 of those not fitted, those that move nothing, those that nobody can tell from others, and
   * where there are no more distinct steps than factors
   */
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
const RIDGE = 1e-11; // of the curvature by each factor: where factors do the same
const NOTHING = 1e-8; // usual changes by a doubled factor: it moves nothing
const ALIKE = 1e6; // by what a variance is inflated by other factors that do the same: nobody can tell them apart

/** (sample, obs) ⇒ [obs] root mean square of what one step changes. */
const usualChange = ({ count, observation, nextObservation }: StepSample, size: number): Float64Array => {
  const change = new Float64Array(size);
  for (let i = 0; i < count * size; i++) change[i % size] += (nextObservation[i] - observation[i]) ** 2 / count;
  return change.map((square) => Math.max(1e-8, Math.sqrt(square)));
};

/** (task, sample, scale) ⇒ e [n, obs]; a step that the simulator does not take is off by 10 everywhere. */
const errorsOf = (task: Task, { count, state, action, nextObservation }: StepSample, scale: Float64Array) => {
  const { observationSize: no, actionSize: na, simulator: { stateSize } } = task, step = simulatorSteps(task);
  const errors = new Float64Array(count * no), seen = step.observation;
  for (let i = 0; i < count; i++) {
    step.enter(state.subarray(i * stateSize, (i + 1) * stateSize));
    const lost = Number.isNaN(step.take(action, i * na));
    for (let j = 0, at = i * no; j < no; j++, at++) {
      const error = lost ? DIVERGED : (nextObservation[at] - seen[j]) / scale[j];
      errors[at] = Math.abs(error) <= DIVERGED ? error : Number.isNaN(error) ? DIVERGED : DIVERGED * Math.sign(error);
    }
  }
  return errors;
};

const squares = (errors: Float64Array): number => errors.reduce((sum, e) => sum + e * e, 0);

/** What a fit knows at one set of factors. */
interface Curvature {
  /** [p] Jᵀe, of each kept step */
  readonly scores: ReadonlyMap<number, Float64Array>;
  /** (x [p]) ⇒ H⁻¹ x [p]; 0 for factors that move nothing */
  readonly solve: (x: Float64Array) => Float64Array;
  /** [p] whether the factor moves anything that others do not move alike */
  readonly told: ReadonlyArray<boolean>;
}

const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, x, i) => sum + x * b[i], 0);

/** (J by columns, each [n·obs]) ⇒ (x ⇒ H⁻¹ x, which factors are told), by columns of length 1, so that no unit counts. */
const solverOf = (slopes: ReadonlyArray<Float64Array>): Pick<Curvature, "solve" | "told"> => {
  const p = slopes.length, lengths = slopes.map((slope) => Math.sqrt(dot(slope, slope)));
  const moves = slopes.map((slope, j) => lengths[j] > NOTHING * Math.sqrt(slope.length));
  const cosine = (i: number, j: number) =>
    moves[i] && moves[j] ? dot(slopes[i], slopes[j]) / (lengths[i] * lengths[j]) : 0;
  const factor = Float64Array.from({ length: p * p }, (_, at) => {
    const i = Math.floor(at / p), j = at % p;
    return i === j ? 1 + RIDGE : cosine(i, j);
  });
  factorCholesky(factor, p);
  const divided = (x: Float64Array) => x.map((value, j) => moves[j] ? value / lengths[j] : 0);
  const inflation = (j: number): number => {
    const unit = Float64Array.from({ length: p }, (_, i) => Number(i === j));
    solveCholesky(factor, p, unit, unit);
    return unit[j];
  };
  return {
    told: moves.map((does, j) => does && inflation(j) < ALIKE),
    solve: (x) => {
      const found = divided(x);
      solveCholesky(factor, p, found, found);
      return divided(found);
    },
  };
};

/** (J by columns, e, number of the step behind each row of obs errors) ⇒ Jᵀe of each step. */
const scoresOf = (slopes: ReadonlyArray<Float64Array>, errors: Float64Array, origin: Int32Array) => {
  const size = errors.length / origin.length, scores = new Map<number, Float64Array>();
  origin.forEach((step, i) => {
    const score = scores.get(step) ?? new Float64Array(slopes.length);
    scores.set(step, score);
    for (let j = 0; j < slopes.length; j++) {
      for (let at = i * size; at < (i + 1) * size; at++) score[j] += slopes[j][at] * errors[at];
    }
  });
  return scores;
};

/** (what is known) ⇒ [p] the step that is left, the standard error of each log φ, and whether there are steps enough for it. */
const precisionOf = ({ scores, solve }: Curvature, p: number) => {
  const total = new Float64Array(p), square = new Float64Array(p), clusters = scores.size;
  for (const score of scores.values()) {
    score.forEach((x, j) => total[j] += x);
    solve(score).forEach((x, j) => square[j] += x * x);
  }
  const step = solve(total), few = clusters / Math.max(1, clusters - p);
  return { step, error: square.map((x, j) => Math.sqrt(few * x + step[j] ** 2)), enough: clusters > p };
};

/** (factors, places of those that are fitted, their changes of log φ) ⇒ factors. */
const moved = (factors: Float64Array, chosen: ReadonlyArray<number>, change: ArrayLike<number>): Float64Array => {
  const next = factors.slice();
  chosen.forEach((at, j) => next[at] *= Math.exp(change[j]));
  return next;
};

/** ([factors]) ⇒ e there; null where the task refuses them. */
type ErrorsAt = (factors: Float64Array) => Float64Array | null;

/** (factors, places, e there, e at others) ⇒ J by columns: central differences, or those of the one side that the task takes. */
const slopesOf = (
  factors: Float64Array,
  chosen: ReadonlyArray<number>,
  errors: Float64Array,
  at: ErrorsAt,
): ReadonlyArray<Float64Array> =>
  chosen.map((_, j) => {
    const [up, down] = [WIDTH, -WIDTH].map((h) => at(moved(factors, chosen, chosen.map((_, i) => (i === j ? h : 0)))));
    const above = up ?? errors, below = down ?? errors, width = WIDTH * (Number(up !== null) + Number(down !== null));
    const slope = (e: number, i: number) =>
      width > 0 && Math.abs(e) < DIVERGED && Math.abs(below[i]) < DIVERGED ? (below[i] - e) / width : 0;
    return above.map(slope);
  });

/** (step of log φ, whether the task takes one) ⇒ the step; where it is refused, of each entry what may be done alone, by halves. */
const admitted = (step: Float64Array, accepts: (step: Float64Array) => boolean): Float64Array => {
  if (accepts(step)) return step;
  const alone = (j: number, d: number) => step.map((_, i) => (i === j ? d : 0));
  return step.map((d, j) => {
    const halving = Array.from({ length: HALVINGS + 1 }, (_, h) => d / 2 ** h).find((part) => accepts(alone(j, part)));
    return halving ?? 0;
  });
};

/**
 * (simulation, factors to begin with, places of those that are fitted, real steps, most updates) ⇒ (identified).
 * Same inputs, same bits. Throws a RangeError where the task refuses the factors to begin with.
 */
export const identify = (
  { tried, real }: Simulation,
  begin: Float64Array,
  chosen: ReadonlyArray<number>,
  sample: StepSample,
  updates: number,
): Identified => {
  const p = chosen.length, size = sample.observation.length / sample.count, scale = usualChange(sample, size);
  const at: ErrorsAt = (factors) => {
    const task = tried(factors);
    if (task === null) return null;
    const errors = errorsOf(task, sample, scale);
    if (task !== real) task.simulator.release?.(); // of MuJoCo's memory there is room for a hundred or two
    return errors;
  };
  const first = at(begin);
  if (first === null) throw new RangeError(`Cannot identify factors as the task must take ${begin}: it refuses them`);
  const curvatureAt = (factors: Float64Array, errors: Float64Array): Curvature => {
    const slopes = slopesOf(factors, chosen, errors, at);
    return { ...solverOf(slopes), scores: scoresOf(slopes, errors, sample.origin) };
  };
  let factors = begin.slice(), errors = first, made = 0, curvature = curvatureAt(factors, errors);
  let precision = precisionOf(curvature, p);
  while (made < updates) {
    const wanted = precision.step.map((d) => Math.min(LARGEST, Math.max(-LARGEST, d)));
    const step = admitted(wanted, (change) => tried(moved(factors, chosen, change)) !== null);
    const found = lowered(factors, chosen, step, squares(errors), at);
    if (found === null) break;
    const settled = squares(found.errors) > (1 - SETTLED) * squares(errors) || step.every((d) => Math.abs(d) < SMALL);
    ({ factors, errors } = found);
    made++;
    curvature = curvatureAt(factors, errors);
    precision = precisionOf(curvature, p);
    if (settled) break;
  }
  const spread = new Float64Array(factors.length);
  chosen.forEach((place, j) =>
    spread[place] = precision.enough && curvature.told[j] ? Math.abs(factors[place]) * precision.error[j] : 0
  );
  return { factors, spread, error: Math.sqrt(squares(errors) / errors.length), updates: made };
};

/** (factors, step of log φ, ‖e‖² before) ⇒ factors and errors after the step, or a half, a quarter … of it; null: none is lower. */
const lowered = (
  factors: Float64Array,
  chosen: ReadonlyArray<number>,
  step: Float64Array,
  before: number,
  at: ErrorsAt,
): { readonly factors: Float64Array<ArrayBuffer>; readonly errors: Float64Array<ArrayBuffer> } | null => {
  for (let halving = 0; halving <= HALVINGS; halving++) {
    const tried = moved(factors, chosen, step.map((d) => d / 2 ** halving)), errors = at(tried);
    if (errors !== null && squares(errors) < before) return { factors: tried.slice(), errors: errors.slice() };
  }
  return null;
};
