/**
 * Linear least squares with an intercept, for a handful of features.
 *
 * @module
 */
import { factorCholesky, solveCholesky } from "./linear_algebra_cholesky.ts";
import { mean, moments } from "./statistics.ts";

const RIDGE = 1e-6; // of each standardised feature's variance: what tells collinear features apart

/**
 * (features [p][n], y [n], where, d) ⇒ (i ⇒ prediction), fitted to the selected samples. Features whose standard deviation
 * among them is at most d are left out: elsewhere they may be many times as large. With none selected the prediction is 0.
 */
export const fitLeastSquares = (
  features: ReadonlyArray<Float64Array>,
  y: Float64Array,
  where: (i: number) => boolean,
  least: number,
): (i: number) => number => {
  const centre = mean(y, where);
  const varied = features.map((x) => ({ x, at: mean(x, where), scale: Math.sqrt(moments(x, x, where).varianceX) }))
    .filter(({ scale }) => scale > least);
  const p = varied.length, product = new Float64Array(p * p), right = new Float64Array(p);
  const standard = (j: number, i: number) => (varied[j].x[i] - varied[j].at) / varied[j].scale;
  let count = 0;
  for (let i = 0; i < y.length; i++) {
    if (!where(i)) continue;
    count++;
    for (let j = 0; j < p; j++) {
      const z = standard(j, i);
      right[j] += z * (y[i] - centre);
      for (let k = 0; k <= j; k++) product[j * p + k] += z * standard(k, i);
    }
  }
  for (let j = 0; j < p; j++) product[j * p + j] += RIDGE * count;
  const slopes = new Float64Array(p);
  if (factorCholesky(product, p)) solveCholesky(product, p, right, slopes);
  return (i) => slopes.reduce((sum, slope, j) => sum + slope * standard(j, i), centre);
};
