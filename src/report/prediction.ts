/**
 * How far a model's open-loop predictions go with the real trajectories, step by step.
 * (real, predicted) ⇒ (agreement)
 *
 * @module
 */
import { quantile } from "../math/aggregate.ts";

/** Middle and spread of a quantity over the starts. */
export interface Spread {
  /** Mean. */
  readonly mean: number;
  /** A tenth of the starts lies below. */
  readonly low: number;
  /** A tenth of the starts lies above. */
  readonly high: number;
}

/** Agreement after one number of steps. */
export interface Agreement {
  /** Steps since the start, from 1. */
  readonly step: number;
  /** Starts whose episode lasted that long. */
  readonly starts: number;
  readonly realNorm: Spread;
  readonly predictedNorm: Spread;
  /** Norm of real − predicted. */
  readonly differenceNorm: Spread;
  /** Of vectors, between real and predicted of each start; of scalars, between both as vectors over the starts. */
  readonly cosine: Spread;
}

/** Trajectories by step, start and component. */
export interface Trajectories {
  /** H */
  readonly horizon: number;
  /** n */
  readonly count: number;
  /** d */
  readonly width: number;
  /** [H, n] 1 while the episode lasts */
  readonly mask: ArrayLike<number>;
  /** [H, n, d] */
  readonly real: ArrayLike<number>;
  /** [H, n, d] */
  readonly predicted: ArrayLike<number>;
}

const spread = (values: ReadonlyArray<number>): Spread => ({
  mean: values.reduce((sum, value) => sum + value, 0) / values.length,
  low: quantile(values, 0.1),
  high: quantile(values, 0.9),
});

const dot = (x: ReadonlyArray<number>, y: ReadonlyArray<number>): number =>
  x.reduce((sum, value, i) => sum + value * y[i], 0);
const norm = (x: ReadonlyArray<number>): number => Math.sqrt(dot(x, x));

/** (x, y) ⇒ cosine of their angle; 1 where both vanish, 0 where one does. */
const cosine = (x: ReadonlyArray<number>, y: ReadonlyArray<number>): number => {
  const product = norm(x) * norm(y);
  return product > 0 ? dot(x, y) / product : norm(x) === norm(y) ? 1 : 0;
};

const cosines = (real: ReadonlyArray<ReadonlyArray<number>>, predicted: typeof real, width: number): Spread => {
  if (width > 1) return spread(real.map((x, i) => cosine(x, predicted[i])));
  const whole = cosine(real.flat(), predicted.flat());
  return { mean: whole, low: whole, high: whole };
};

/** (trajectories) ⇒ agreement after 1 … H steps, as far as any start lasts. */
export const agreementOf = (trajectories: Trajectories): ReadonlyArray<Agreement> => {
  const { horizon, count, width, mask } = trajectories;
  return Array.from({ length: horizon }, (_, h) => {
    const starts = Array.from({ length: count }, (_, n) => h * count + n).filter((row) => mask[row] === 1);
    const rows = (values: ArrayLike<number>) =>
      starts.map((row) => Array.from({ length: width }, (_, j) => values[row * width + j]));
    const real = rows(trajectories.real), predicted = rows(trajectories.predicted);
    return {
      step: h + 1,
      starts: starts.length,
      realNorm: spread(real.map(norm)),
      predictedNorm: spread(predicted.map(norm)),
      differenceNorm: spread(real.map((x, i) => norm(x.map((value, j) => value - predicted[i][j])))),
      cosine: cosines(real, predicted, width),
    };
  }).filter(({ starts }) => starts > 0);
};
