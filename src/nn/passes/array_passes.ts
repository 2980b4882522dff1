/**
 * The passes without kernels: memory in a plain array, networks by the tensor library's operations, all else by loops.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { mlpParameterCount } from "../../data/parameters.ts";
import { applyAdam } from "../training/adam.ts";
import { makeArrayBlocks } from "./array_blocks.ts";
import { makeArrayColumns } from "./array_columns.ts";
import { makeArrayMemory } from "./array_memory.ts";
import type { Passes, PlacedMlp } from "./passes.ts";
import { type TensorPasses, tensorTangent, type Wanted } from "./tensor_mlp.ts";

type Floats = () => Float32Array;

/** (place, rows, columns) ⇒ a tensor of what lies there. */
const matrixAt = (f: Float32Array, place: number, rows: number, columns: number): tf.Tensor2D =>
  tf.tensor2d(f.subarray(place, place + rows * columns), [rows, columns]);

const thetaAt = (f: Float32Array, { shape }: PlacedMlp, place: number): tf.Tensor1D =>
  tf.tensor1d(f.subarray(place, place + mlpParameterCount(shape)));

/** (network, layers) ⇒ tensors of x and the hidden activations. */
const layersAt = (f: Float32Array, { shape: { sizes } }: PlacedMlp, layers: ReadonlyArray<number>, rows: number) =>
  sizes.slice(0, -1).map((size, i) => matrixAt(f, layers[i], rows, size));

/** (tensors made by `make`, visit): `visit` sees the values of each; every tensor made on the way is freed. */
const read = (make: () => tf.Tensor[], visit: (values: Float32Array, i: number) => void): void => {
  const made = tf.tidy(make);
  try {
    made.forEach((tensor, i) => visit(tensor.dataSync() as Float32Array, i));
  } finally {
    tf.dispose(made);
  }
};

const forwardBy = (tensors: TensorPasses, floats: Floats): Passes["forward"] => (network, layers, rows) => {
  const f = floats(), { shape } = network;
  read(
    () => tensors.forward(shape, thetaAt(f, network, network.theta), matrixAt(f, layers[0], rows, shape.sizes[0])),
    (values, i) => f.set(values, layers[i + 1]),
  );
};

const backwardBy = (tensors: TensorPasses, floats: Floats): Passes["backward"] => (network, layers, dy, rows, out) => {
  const f = floats(), { shape } = network, outputs = shape.sizes[shape.sizes.length - 1];
  const wanted: Wanted = out.theta === null ? "input" : out.input === null ? "theta" : "both";
  const places = [out.theta, out.input].filter((place) => place !== null);
  read(
    () => {
      const theta = thetaAt(f, network, network.theta), slope = matrixAt(f, dy, rows, outputs);
      const by = tensors.backward(shape, theta, layersAt(f, network, layers, rows), slope, wanted);
      return [by.theta, by.input].filter((tensor) => tensor !== null);
    },
    (values, i) => {
      if (places[i] !== out.theta) f.set(values, places[i]);
      else for (let j = 0; j < values.length; j++) f[places[i] + j] += values[j];
    },
  );
};

const tangentBy = (floats: Floats): Passes["tangent"] => (network, layers, at, rows) => {
  const f = floats();
  read(() => {
    const [theta, direction] = [network.theta, at.direction].map((place) => thetaAt(f, network, place));
    return [tensorTangent(network.shape, theta, layersAt(f, network, layers, rows), direction)];
  }, (values) => f.set(values, at.output));
};

/** (passes on tensors) ⇒ the passes on a plain array of their own. */
export const makeArrayPasses = (tensors: TensorPasses): Passes => {
  const { allocate, free, floats } = makeArrayMemory();
  const part = (place: number, count: number): Float32Array => floats().subarray(place, place + count);
  return {
    rows: Infinity, // each call of the tensor library costs as much as hundreds of rows
    allocate,
    free,
    floats,
    forward: forwardBy(tensors, floats),
    backward: backwardBy(tensors, floats),
    tangent: tangentBy(floats),
    blocks: makeArrayBlocks(floats),
    columns: makeArrayColumns(floats),
    adam: ({ theta, gradient, first, second }, count, step) =>
      applyAdam(part(theta, count), part(gradient, count), part(first, count), part(second, count), step),
    average: ({ mean, theta }, count, rate) => {
      const [average, now] = [part(mean, count), part(theta, count)];
      for (let i = 0; i < count; i++) average[i] += rate * (now[i] - average[i]);
    },
  };
};
