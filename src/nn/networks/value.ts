/**
 * The value function V(s) over normalised observations, and its regression on targets.
 *
 * @module
 */
import { mlpParameterCount, type MlpShape, type ValueParams } from "../../data/parameters.ts";
import { fold, type Key, makeStream } from "../../math/random.ts";
import { makeAdam } from "../training/adam.ts";
import { initializeMlp } from "./mlp.ts";
import { networkGradient, type OutputSlope } from "../passes/network_gradient.ts";
import { networkForward } from "../passes/network_forward.ts";
import { trainNetwork } from "../training/network_training.ts";
import type { LossGradient } from "../passes/read.ts";
import { expressIn, expressRaw, rawUnits, standardUnits, type TargetNormalization } from "../training/target_units.ts";

/** What `makeValue` builds. */
export interface ValueOptions {
  readonly observationSize: number;
  readonly hidden: ReadonlyArray<number>; // sizes of the tanh layers
}

/** (options, key) ⇒ (value): orthogonal weights, output gain 1; the target θ′ starts as θ. */
export const makeValue = ({ observationSize, hidden }: ValueOptions, key: Key): ValueParams => {
  const shape: MlpShape = { sizes: [observationSize, ...hidden, 1], activation: "tanh" };
  const theta = initializeMlp(shape, key, 1);
  return { shape, theta, target: theta.slice(), adam: makeAdam(mlpParameterCount(shape)) };
};

/** (value, observation [n, obs] normalised) ⇒ (V [n]). */
export const predictValue = (
  { shape, theta }: Pick<ValueParams, "shape" | "theta">,
  observation: Float32Array,
): Float32Array => {
  const value = new Float32Array(observation.length / shape.sizes[0]);
  if (value.length > 0) networkForward(shape, theta, observation, (v, first) => value.set(v, first));
  return value;
};

/** (value, rate) ⇒ (value) with θ′ ← rate·θ′ + (1 − rate)·θ (Algorithm 2). */
export const moveTarget = (value: ValueParams, rate: number): ValueParams => ({
  ...value,
  target: value.target.map((t, i) => rate * t + (1 - rate) * value.theta[i]),
});

/** What V is fitted to. */
export interface ValueData {
  readonly observation: Float32Array; // [n, obs] normalised
  readonly target: Float32Array; // [n] y
  readonly weight?: Float32Array; // [n] w, 1 where absent
  readonly output?: Float32Array; // [n] V as it stands before the fit, computed where absent
}

/** How V is fitted. */
export interface RegressionOptions {
  readonly epochs: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly targetNormalization: TargetNormalization;
}

/** (y [n], w [n]) ⇒ slope of: mean w·(V − y)². */
const regressionSlope = (target: Float32Array, weight: Float32Array): OutputSlope => (value, first, slope) => {
  let loss = 0;
  for (let i = 0; i < value.length; i++) {
    const error = value[i] - target[first + i], scaled = weight[first + i] * error / target.length;
    slope[i] = 2 * scaled;
    loss += scaled * error;
  }
  return loss;
};

/** (θ, data) ⇒ (mean w·(V − y)², its gradient in θ). */
export const valueGradient = (
  shape: MlpShape,
  theta: Float32Array,
  { observation, target, weight }: Required<Omit<ValueData, "output">>,
): LossGradient => networkGradient(shape, theta, observation, regressionSlope(target, weight));

/**
 * (value, data, key) ⇒ (value, mean loss over the last epoch): minibatch Adam on mean w·(V − y)², with targets normalised
 * or as they are; θ and Adam's moments that come in and go out are those of targets as they are. The target θ′ stays.
 */
export const regressValue = (
  value: ValueParams,
  data: ValueData,
  { epochs, batchSize, learningRate, targetNormalization }: RegressionOptions,
  key: Key,
): { readonly value: ValueParams; readonly loss: number } => {
  const { shape } = value, n = data.target.length, size = shape.sizes[0], { weight: w, output } = data;
  const units = targetNormalization === "none"
    ? rawUnits
    : standardUnits(data.target, output ?? predictValue(value, data.observation), (i) => w === undefined ? 1 : w[i]);
  const scaled = { ...data, target: data.target.map((y) => (y - units.mean) / units.deviation) };
  let loss = 0;
  const trained = trainNetwork(shape, expressIn(shape, value, units), Math.min(n, batchSize), (step) => {
    for (let epoch = 0; epoch < epochs; epoch++) {
      const { observation, target, weight } = takeRows(scaled, shuffled(n, fold(key, epoch)), size);
      loss = 0;
      for (let start = 0; start < n; start += batchSize) {
        const end = Math.min(n, start + batchSize);
        const slope = regressionSlope(target.subarray(start, end), weight.subarray(start, end));
        loss += step(observation.subarray(start * size, end * size), slope, learningRate) * (end - start) / n;
      }
    }
  });
  return { value: { ...value, ...expressRaw(shape, trained, units) }, loss: loss * units.deviation ** 2 };
};

/** (n, key) ⇒ (permutation of 0 … n − 1), by Fisher and Yates. */
const shuffled = (n: number, key: Key): Int32Array => {
  const stream = makeStream(key);
  const order = new Int32Array(n);
  for (let i = 0; i < n; i++) order[i] = i;
  for (let i = n - 1; i > 0; i--) {
    const j = stream.integer(i + 1);
    const drawn = order[j];
    order[j] = order[i];
    order[i] = drawn;
  }
  return order;
};

const takeRows = (data: ValueData, rows: Int32Array, size: number): Required<Omit<ValueData, "output">> => {
  const observation = new Float32Array(rows.length * size);
  const target = new Float32Array(rows.length);
  const weight = new Float32Array(rows.length).fill(1);
  for (let i = 0, to = 0; i < rows.length; i++) {
    const row = rows[i];
    for (let from = row * size, end = from + size; from < end; from++, to++) observation[to] = data.observation[from];
    target[i] = data.target[row];
    if (data.weight !== undefined) weight[i] = data.weight[row];
  }
  return { observation, target, weight };
};
