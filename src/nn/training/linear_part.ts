/**
 * The linear part of the dynamics: what least squares say of the outputs, under what the layers add.
 *
 *   S = argmin |ŷ − x̂·S|²,   unit of the layers' output: the deviation of ŷ − x̂·S, what they have to say
 *
 * S follows the data alone. Fitted to what the layers leave it makes smaller errors of one step, but the two may cancel each
 * other where there are data, and not beyond: on Hopper, in batches of 1000 steps, 1.05 of the variance was left so after
 * iteration 100, in ten runs, and .52 to .71 as it is, in thirty. Of an output that has changed before, and happens not to in
 * these transitions, nothing is fitted.
 *
 * @module
 */
import { type ModelParams, skipCount } from "../../data/parameters.ts";
import { networkForward } from "../passes/network_forward.ts";
import { leastSquares } from "./least_squares.ts";

const LEAST_UNIT = 0.01; // of an output's deviation
const ROWS_A_WEIGHT = 10; // different transitions a coefficient, with fewer of which there is no linear part
const STILL = 1e-9; // mean square, in deviations, of an output that does not change in these transitions
const ROWS_A_COLUMN = 30; // that carry a column's variance: a coefficient that a few spikes decide says nothing elsewhere

/** Normalised transitions. */
export interface NormalisedTransitions {
  /** [n, in] */
  readonly input: Float32Array;
  /** [n, out] in deviations of the outputs; 0 of what never changes */
  readonly output: Float32Array;
  /** of the n, at most, where they are drawn with repetition */
  readonly different: number;
}

/** (x [n, width], width) ⇒ sums of its columns' squares and of their fourth powers. */
const powerSums = (x: Float32Array, width: number) => {
  const squares = new Float64Array(width), fourths = new Float64Array(width);
  for (let i = 0; i < x.length;) {
    for (let j = 0; j < width; j++, i++) {
      const square = x[i] * x[i];
      squares[j] += square;
      fourths[j] += square * square;
    }
  }
  return { squares, fourths };
};

/** (x [n, width], width) ⇒ [width] mean squares of its columns. */
const meanSquares = (x: Float32Array, width: number): Float64Array =>
  powerSums(x, width).squares.map((sum) => sum / (x.length / width));

/** (x [n, width], width) ⇒ the same, 0 in columns whose variance a few rows carry: (Σz²)²/Σz⁴ of them. */
const withoutSpikes = (x: Float32Array, width: number): Float32Array => {
  const { squares, fourths } = powerSums(x, width), kept = x.slice();
  squares.forEach((sum, j) => {
    if (fourths[j] > 0 && sum * sum >= ROWS_A_COLUMN * fourths[j]) return;
    for (let i = j; i < x.length; i += width) kept[i] = 0;
  });
  return kept;
};

/** (Z [n, in], Y [n, out]) ⇒ both side by side. */
const sideBySide = (z: Float32Array, inputs: number, y: Float32Array, outputs: number): Float32Array => {
  const width = inputs + outputs, n = z.length / inputs, rows = new Float32Array(n * width);
  for (let i = 0; i < n; i++) {
    rows.set(z.subarray(i * inputs, (i + 1) * inputs), i * width);
    rows.set(y.subarray(i * outputs, (i + 1) * outputs), i * width + inputs);
  }
  return rows;
};

/** (Z [n, in], S [in, out], Y [n, out]) ⇒ Y − Z·S. */
const residualOf = (z: Float32Array, inputs: number, weights: Float64Array, y: Float32Array): Float32Array => {
  const outputs = weights.length / inputs, theta = new Float32Array(weights.length + outputs), left = y.slice();
  theta.set(weights);
  networkForward({ sizes: [inputs, outputs], activation: "tanh" }, theta, z, (said, first) => {
    for (let i = 0; i < said.length; i++) left[first * outputs + i] -= said[i];
  });
  return left;
};

/** A model under a new normalisation, which predicts as it did. */
export interface Renormalised {
  readonly model: ModelParams;
  /** [out] what the last bias of the layers has taken over of the linear part and of μ, in units of the outputs */
  readonly shift: Float64Array;
}

/**
 * (model with a skip connection, renormalised in the deviations of its outputs; transitions) ⇒ the model with S fitted, its
 * layers in their new unit, adding what they did. Layers that have learned without S, for want of transitions, begin anew at
 * 0. With too few different transitions the model stays as it is.
 */
export const withLinearPart = (
  { model, shift }: Renormalised,
  { input, output, different }: NormalisedTransitions,
): ModelParams => {
  const [inputs] = model.shape.sizes, outputs = model.outputMean.length;
  if (different < ROWS_A_WEIGHT * inputs) return model;
  const still = meanSquares(output, outputs).map((squares) => (squares < STILL ? 1 : 0));
  const rows = sideBySide(withoutSpikes(input, inputs), inputs, output, outputs);
  const weights = leastSquares(rows, inputs + outputs, inputs);
  const left = meanSquares(residualOf(input, inputs, weights, output), outputs);
  const units = left.map((squares) => Math.max(LEAST_UNIT, Math.sqrt(squares)));
  return fitted(model, shift, { weights, units, still });
};

/** What least squares found. */
interface LinearFit {
  /** [in, out] S in deviations of the outputs */
  readonly weights: Float64Array;
  /** [out] unit of the layers' output, in deviations */
  readonly units: Float64Array;
  /** [out] 1: nothing is fitted */
  readonly still: Float64Array;
}

/** (renormalised model, what its last bias took over, fit) ⇒ the model with it. */
const fitted = (model: ModelParams, shift: Float64Array, { weights, units, still }: LinearFit): ModelParams => {
  const { sizes } = model.shape, before = sizes[sizes.length - 2], outputs = units.length;
  const theta = model.theta.slice(), from = theta.length - skipCount(model.shape), last = from - (before + 1) * outputs;
  const outputScale = model.outputScale.map((s, o) => (still[o] === 1 ? s : s * units[o]));
  const silent = model.adam.step > 0 && theta.subarray(from).every((s) => s === 0);
  for (let o = 0; o < outputs; o++) {
    if (still[o] === 1) continue;
    theta[last + before * outputs + o] -= shift[o];
    for (let i = 0; i <= before; i++) theta[last + i * outputs + o] *= silent ? 0 : 1 / units[o]; // weights, then bias
    for (let i = 0; i < sizes[0]; i++) theta[from + i * outputs + o] = weights[i * outputs + o] / units[o];
  }
  return { ...model, theta, outputScale };
};
