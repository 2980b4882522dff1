/**
 * The linear part of the dynamics: what least squares say of the outputs, beside what the layers say already.
 *
 *   S = argmin |ŷ − layers(x̂) − x̂·S|²,   unit of the layers' output: the deviation of ŷ − x̂·S, what they have to say
 *
 * So a fit anew makes no error larger on the transitions that it sees, but for its ridge, and training goes on warm. Of an
 * output that has changed before, and happens not to in these transitions, nothing is fitted.
 *
 * @module
 */
import { mlpParameterCount, type ModelParams, skipCount } from "../../data/parameters.ts";
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

/** (x [n, width], width) ⇒ the same, 0 in columns whose variance a few rows carry: (Σz²)²/Σz⁴ of them. */
const withoutSpikes = (x: Float32Array, width: number): Float32Array => {
  const squares = new Float64Array(width), fourths = new Float64Array(width);
  x.forEach((z, i) => {
    squares[i % width] += z * z;
    fourths[i % width] += z ** 4;
  });
  const carried = squares.map((sum, j) => fourths[j] > 0 && sum * sum >= ROWS_A_COLUMN * fourths[j] ? 1 : 0);
  return x.map((z, i) => z * carried[i % width]);
};

const means = (x: Float32Array, width: number): Float64Array => {
  const sum = new Float64Array(width), n = x.length / width;
  x.forEach((value, i) => sum[i % width] += value / n);
  return sum;
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

/** (shape's parts, θ, x) ⇒ its outputs [n, out]. */
const outputsOf = (
  sizes: ReadonlyArray<number>,
  activation: ModelParams["shape"]["activation"],
  theta: Float32Array,
  x: Float32Array,
): Float32Array => {
  const found = new Float32Array(x.length / sizes[0] * sizes[sizes.length - 1]), outputs = sizes[sizes.length - 1];
  networkForward({ sizes, activation }, theta, x, (output, first) => found.set(output, first * outputs));
  return found;
};

/**
 * (model with a skip connection, normalised, its outputDeviation those of the outputs; transitions) ⇒ the model with S fitted
 * and its layers in their new unit. With too few different transitions S stays as it is.
 */
export const withLinearPart = (
  model: ModelParams,
  { input, output, different }: NormalisedTransitions,
): ModelParams => {
  const { shape: { sizes, activation }, outputScale, outputMean } = model, deviation = model.outputDeviation!;
  const inputs = sizes[0], outputs = outputMean.length, from = model.theta.length - skipCount(model.shape);
  if (different < ROWS_A_WEIGHT * inputs) return model;
  const units = deviation.map((s, j) => (s > 0 ? outputScale[j] / s : 0));
  const said = outputsOf(sizes, activation, model.theta.subarray(0, mlpParameterCount({ sizes, activation })), input);
  const still = means(output.map((y) => y * y), outputs).map((squares) => (squares < STILL ? 1 : 0));
  const missing = output.map((y, i) => still[i % outputs] === 1 ? 0 : y - units[i % outputs] * said[i]);
  const level = means(missing, outputs);
  const centred = missing.map((y, i) => y - level[i % outputs]);
  const weights = leastSquares(
    sideBySide(withoutSpikes(input, inputs), inputs, centred, outputs),
    inputs + outputs,
    inputs,
  );
  const linear = Float32Array.from([...weights, ...new Float64Array(outputs)]);
  const left = outputsOf([inputs, outputs], activation, linear, input).map((y, i) => (output[i] - y) ** 2);
  const next = means(left, outputs).map((squares, j) =>
    still[j] === 1 ? 1 : Math.min(1, Math.max(LEAST_UNIT, Math.sqrt(squares)))
  );
  return inUnits(model, deviation.map((s, j) => s * next[j]), level.map((y, j) => y * deviation[j]), {
    weights: weights.map((s, i) => (still[i % outputs] === 1 ? model.theta[from + i] : s / next[i % outputs])),
    from,
  });
};

/** (model, new unit [out], what its layers' last bias goes up by [out] in raw units, S in new units) ⇒ the model with all of these. */
const inUnits = (
  model: ModelParams,
  outputScale: Float32Array,
  level: Float64Array,
  { weights, from }: { readonly weights: Float64Array; readonly from: number },
): ModelParams => {
  const { sizes } = model.shape, before = sizes[sizes.length - 2], outputs = outputScale.length;
  const theta = model.theta.slice(), last = from - (before + 1) * outputs;
  for (let o = 0; o < outputs; o++) {
    if (outputScale[o] === 0) continue;
    const ratio = model.outputScale[o] / outputScale[o];
    for (let i = 0; i <= before; i++) theta[last + i * outputs + o] *= ratio; // weights, then bias
    theta[last + before * outputs + o] += level[o] / outputScale[o];
  }
  theta.set(weights, from);
  return { ...model, theta, outputScale };
};
