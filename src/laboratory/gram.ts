/**
 * Inner products of gradient estimates: all that their moments need, whatever the number of parameters.
 *
 * @module
 */

/** (F + damping)⁻¹g as an iterative solver finds it. */
export interface Solved {
  /** [parameters] x ≈ (F + damping)⁻¹g */
  readonly natural: Float32Array;
  /** [parameters] g − (F + damping)x, what the solver left; absent where it is 0 */
  readonly rest?: Float32Array;
}

/** One estimate g, and F⁻¹g. */
export interface SolvedEstimate extends Solved {
  /** [parameters] */
  readonly gradient: Float32Array;
}

/** euclidean: gᵀh; natural: gᵀF⁻¹h, in which the length of a gradient is what a step of fixed KL gains along it. */
export type Metric = "euclidean" | "natural";

/** [rows, columns] inner products ⟨gᵢ, hⱼ⟩. */
export interface Gram {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float64Array;
}

const dot = (a: Float32Array, b: Float32Array): number => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
};

/**
 * (g, h) ⇒ ⟨g, h⟩. The natural one, from solutions x_g and x_h with rests r_g and r_h, is
 *
 *   gᵀx_h + hᵀx_g − x_gᵀA x_h = gᵀx_h + x_gᵀr_h        A = F + damping
 *
 * which is symmetric, and off gᵀA⁻¹h by r_gᵀA⁻¹r_h alone: second order in what the solver left.
 */
export const innerProduct = (g: SolvedEstimate, h: SolvedEstimate, metric: Metric): number =>
  metric === "euclidean"
    ? dot(g.gradient, h.gradient)
    : dot(g.gradient, h.natural) + (h.rest === undefined ? 0 : dot(g.natural, h.rest));

/** (g [m], h [n], metric) ⇒ (gram [m, n]). */
export const gram = (g: ReadonlyArray<SolvedEstimate>, h: ReadonlyArray<SolvedEstimate>, metric: Metric): Gram => {
  const values = new Float64Array(g.length * h.length);
  for (let i = 0; i < g.length; i++) {
    for (let j = 0; j < h.length; j++) {
      values[i * h.length + j] = g === h && j < i ? values[j * h.length + i] : innerProduct(g[i], h[j], metric);
    }
  }
  return { rows: g.length, columns: h.length, values };
};

/** (gram, a [m], b [n]) ⇒ Σ aᵢ bⱼ ⟨gᵢ, hⱼ⟩. */
export const bilinear = ({ rows, columns, values }: Gram, a: Float64Array, b: Float64Array): number => {
  let total = 0;
  for (let i = 0; i < rows; i++) {
    if (a[i] === 0) continue;
    let sum = 0;
    for (let j = 0; j < columns; j++) sum += b[j] * values[i * columns + j];
    total += a[i] * sum;
  }
  return total;
};
