/**
 * A network in training by Adam: θ, its gradient and the moments stay where the passes run, on the heap where the kernels
 * offer it, from the first step to the last.
 *
 * @module
 */
import type { AdamState, MlpShape } from "../data/parameters.ts";
import { adamInPlace, adamStep, copyAdam } from "./adam.ts";
import type { InPlacePasses } from "./in_place.ts";
import { mlpEngine } from "./mlp_engine.ts";
import {
  gradientPlaces,
  gradientSizes,
  layOut,
  networkGradient,
  type OutputSlope,
  placedGradient,
  ROWS,
} from "./network_gradient.ts";

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

const onHeap = (
  passes: InPlacePasses,
  shape: MlpShape,
  { theta, adam }: Trained,
  rows: number,
  loop: TrainingLoop,
): Trained => {
  const count = theta.length;
  const { offsets, total } = layOut([count, count, NUMBERS, ...gradientSizes(shape, count, rows)]);
  const arena = passes.allocate(total);
  try {
    const [first, second, numbers, ...rest] = offsets.map((offset) => arena + offset);
    const places = gradientPlaces(shape, rows, rest), { network, gradient } = places;
    const trained = { theta: network.theta, gradient, first, second, numbers };
    passes.floats().set(theta, network.theta);
    passes.floats().set(adam.first, first);
    passes.floats().set(adam.second, second);
    let { step } = adam;
    loop((x, slope, learningRate) => {
      const loss = placedGradient(passes, places, x, slope, count);
      passes.adam(trained, count, adamStep({ learningRate }, ++step));
      return loss;
    }, () => passes.floats().subarray(network.theta, network.theta + count));
    const read = (place: number) => passes.floats().slice(place, place + count);
    return { theta: read(network.theta), adam: { first: read(first), second: read(second), step } };
  } finally {
    passes.free(arena);
  }
};
