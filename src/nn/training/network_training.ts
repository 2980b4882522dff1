/**
 * A network in training by Adam: θ, its gradient and the moments stay where the passes run, on the heap where the kernels
 * offer it, from the first step to the last.
 *
 * @module
 */
import type { AdamState, MlpShape } from "../../data/parameters.ts";
import { adamInPlace, adamStep, copyAdam } from "./adam.ts";
import { openArena } from "../passes/arena.ts";
import { averageRate, type RunningMean } from "./average.ts";
import type { InPlacePasses } from "../passes/in_place.ts";
import { mlpEngine } from "../passes/mlp_engine.ts";
import {
  gradientPlaces,
  gradientSizes,
  networkGradient,
  type OutputSlope,
  placedGradient,
  ROWS,
} from "../passes/network_gradient.ts";

/** Parameters and moments of a network. */
export interface Trained {
  readonly theta: Float32Array; // [parameters]
  readonly adam: AdamState;
}

/** (x [n, in], slope, learning rate) ⇒ (loss before the step): one step of Adam on the loss's gradient. */
export type TrainingStep = (x: Float32Array, slope: OutputSlope, learningRate: number) => number;

/** () ⇒ θ as it stands, to be read before the next step. */
export type CurrentTheta = () => Float32Array;

/** What trains a network, step by step. */
export type TrainingLoop = (step: TrainingStep, theta: CurrentTheta) => void;

/**
 * (shape, θ and moments, most rows of a step, loop) ⇒ (θ and moments) after the steps that `loop` takes; what it was given
 * stays as it is. Fails: `OutOfMemory`, and as `loop` does, with nothing left behind.
 */
export const trainNetwork = (
  shape: MlpShape,
  start: Trained,
  rows: number,
  loop: TrainingLoop,
): Trained => {
  const { inPlace } = mlpEngine();
  return inPlace === null ? inArrays(shape, start, loop) : onHeap(inPlace, shape, start, Math.min(rows, ROWS), loop);
};

const inArrays = (shape: MlpShape, start: Trained, loop: TrainingLoop): Trained => {
  const theta = start.theta.slice();
  let adam = copyAdam(start.adam);
  loop((x, slope, learningRate) => {
    const { loss, gradient } = networkGradient(shape, theta, x, slope);
    adam = adamInPlace(theta, gradient, adam, { learningRate });
    return loss;
  }, () => theta);
  return { theta, adam };
};

const NUMBERS = 8; // room for those of a step

/** A network's parameters in training on the heap. */
export interface PlacedTraining {
  /** [parameters] place of θ */
  readonly theta: number;
  /** [parameters] place of ∂L/∂θ */
  readonly gradient: number;
  /** (learning rate): one step of Adam on the gradient as it stands, which the running mean follows. */
  readonly step: (learningRate: number) => void;
}

/**
 * (passes, θ and moments, run, decay of the mean as of `makeAverage`, mean so far) ⇒ (θ, its mean and the moments) after
 * the steps that `run` takes. Fails: `OutOfMemory`, and as `run` does, with nothing left behind.
 */
export const trainPlaced = (
  passes: InPlacePasses,
  { theta, adam }: Trained,
  run: (training: PlacedTraining) => void,
  averaging = 0,
  before: RunningMean = { theta, updates: 0 },
): Trained & { readonly mean: Float32Array } => {
  const count = theta.length,
    { places: at, free } = openArena(passes, (take) => ({
      theta: take(count),
      gradient: take(count),
      first: take(count),
      second: take(count),
      numbers: take(NUMBERS),
      mean: averaging > 0 ? take(count) : 0,
    }));
  try {
    passes.floats().set(theta, at.theta);
    passes.floats().set(adam.first, at.first);
    passes.floats().set(adam.second, at.second);
    if (averaging > 0) passes.floats().set(before.theta, at.mean);
    let { step } = adam;
    const follow = (learningRate: number): void => {
      const rate = averageRate(before.updates + step - adam.step, averaging);
      passes.adam(at, count, adamStep({ learningRate }, ++step));
      if (rate > 0) passes.average(at, count, rate);
    };
    run({ ...at, step: follow });
    const read = (place: number) => passes.floats().slice(place, place + count), last = read(at.theta);
    const mean = averaging > 0 ? read(at.mean) : last;
    return { theta: last, mean, adam: { first: read(at.first), second: read(at.second), step } };
  } finally {
    free();
  }
};

const onHeap = (
  passes: InPlacePasses,
  shape: MlpShape,
  start: Trained,
  rows: number,
  loop: TrainingLoop,
): Trained =>
  trainPlaced(passes, start, ({ theta, gradient, step }) => {
    const count = start.theta.length;
    const { places, free } = openArena(passes, (take) => {
      const [, , ...own] = gradientSizes(shape, count, rows).map((size, i) => i < 2 ? 0 : take(size));
      return gradientPlaces(shape, rows, [theta, gradient, ...own]);
    });
    try {
      loop((x, slope, learningRate) => {
        const loss = placedGradient(passes, places, x, slope, count);
        step(learningRate);
        return loss;
      }, () => passes.floats().subarray(theta, theta + count));
    } finally {
      free();
    }
  });
