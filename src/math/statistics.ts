/**
 * Sums over samples, in float64.
 *
 * @module
 */

/** (x [n], where) ⇒ mean of the selected elements; 0 for none. */
export const mean = (x: ArrayLike<number>, where: (i: number) => boolean = () => true): number => {
  let sum = 0, count = 0;
  for (let i = 0; i < x.length; i++) {
    if (!where(i)) continue;
    sum += x[i];
    count++;
  }
  return count === 0 ? 0 : sum / count;
};

/** Second moments of two samples. */
export interface Moments {
  readonly varianceX: number;
  readonly varianceY: number;
  readonly covariance: number;
}

/** (x [n], y [n], where) ⇒ variances and covariance of the selected pairs, divided by their number. */
export const moments = (
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  where: (i: number) => boolean = () => true,
): Moments => {
  const meanX = mean(x, where), meanY = mean(y, where);
  let count = 0, squaresX = 0, squaresY = 0, products = 0;
  for (let i = 0; i < x.length; i++) {
    if (!where(i)) continue;
    const dx = x[i] - meanX, dy = y[i] - meanY;
    squaresX += dx * dx;
    squaresY += dy * dy;
    products += dx * dy;
    count++;
  }
  const n = Math.max(1, count);
  return { varianceX: squaresX / n, varianceY: squaresY / n, covariance: products / n };
};

/** Pearson's ρ, within ±1 however small the variances; 0 where either of them is 0. */
export const correlation = ({ varianceX, varianceY, covariance }: Moments): number =>
  varianceX > 0 && varianceY > 0
    ? Math.max(-1, Math.min(1, covariance / (Math.sqrt(varianceX) * Math.sqrt(varianceY))))
    : 0;

/** 1 − Var(y − x)/Var(y): 1 for a perfect prediction x of y, 0 for a constant one. 0 where y does not vary. */
export const explainedVariance = (prediction: ArrayLike<number>, target: ArrayLike<number>): number => {
  const { varianceX, varianceY, covariance } = moments(prediction, target);
  return varianceY > 0 ? 1 - (varianceX + varianceY - 2 * covariance) / varianceY : 0;
};
