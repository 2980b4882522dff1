/**
 * A network in training by Adam: θ, its gradient and the moments stay where the passes run from the first step to the last.
 *
 * @module
 */
import type { AdamState, MlpShape } from "../../data/parameters.ts";
import { adamStep } from "./adam.ts";
import { openArena } from "../passes/arena.ts";
import { averageRate, type RunningMean } from "./average.ts";
import { mlpEngine } from "../passes/mlp_engine.ts";
import { type OutputSlope, placedGradient, takeGradient } from "../passes/network_gradient.ts";
import type { Passes } from "../passes/passes.ts";

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

const NUMBERS = 8; // room for those of a step

/** A network's parameters in training. */
export interface PlacedTraining {
  /** [parameters] place of θ */
  readonly theta: number;
  /** [parameters] place of ∂L/∂θ */
  readonly gradient: number;
  /** (learning rate): one step of Adam on the gradient as it stands, which the running mean follows. */
  readonly step: (learningRate: number) => void;
}

/**
 * (passes, θ and moments, run, decay of the mean an update, 0: no mean, mean so far) ⇒ (θ, its mean and the moments) after
 * the steps that `run` takes. Fails: `OutOfMemory`, and as `run` does, with nothing left behind.
 */
export const trainPlaced = (
  passes: Passes,
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
  const { passes } = mlpEngine(), most = Math.min(rows, passes.rows), count = start.theta.length;
  return trainPlaced(passes, start, ({ theta, gradient, step }) => {
    const { places, free } = openArena(passes, (take) => takeGradient(take, shape, { theta, gradient }, most));
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
};
