/**
 * The multi-layer perceptron on tensors: forward, backward (VJP) and tangent (JVP), and the slope of a clip, by plain
 * tensor operations. Intermediates are the caller's to dispose (`tidy`).
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { MlpShape } from "../../data/parameters.ts";
import { type LayerSpan, layerSpans, skipSpan } from "./layers.ts";

/** Which gradients a backward pass computes. */
export type Wanted = "theta" | "input" | "both";

/** What a backward pass returns; null where it was not wanted. */
export interface MlpGradients {
  readonly theta: tf.Tensor1D | null; // [length of θ], zero beyond the network's parameters
  readonly input: tf.Tensor2D | null; // [n, in]
}

/** The passes through a network on tensors; `layers` are the inputs of its layers: x, then the hidden activations. */
export interface TensorPasses {
  /** (θ, x [n, in]) ⇒ (hidden activations …, output [n, out]). */
  readonly forward: (shape: MlpShape, theta: tf.Tensor1D, x: tf.Tensor2D) => tf.Tensor2D[];
  /** (θ, layers, ∂L/∂y [n, out]) ⇒ (∂L/∂θ, ∂L/∂x). */
  readonly backward: (
    shape: MlpShape,
    theta: tf.Tensor1D,
    layers: ReadonlyArray<tf.Tensor2D>,
    dy: tf.Tensor2D,
    wanted: Wanted,
  ) => MlpGradients;
  /** (y = clip(x), ∂L/∂y, bound) ⇒ (∂L/∂x): ∂L/∂y where |y| < bound, else 0. */
  readonly clipSlope: <T extends tf.Tensor>(y: T, dy: T, bound: number) => T;
}

const weightsOf = (span: Omit<LayerSpan, "bias">, theta: tf.Tensor1D): tf.Tensor2D =>
  theta.slice(span.weights, span.input * span.output).reshape([span.input, span.output]);

const biasOf = (span: LayerSpan, theta: tf.Tensor1D): tf.Tensor1D => theta.slice(span.bias, span.output);

/** (h) ⇒ derivative of the activation, by its value. */
const slopeOf = (shape: MlpShape, h: tf.Tensor2D): tf.Tensor2D =>
  shape.activation === "tanh" ? tf.sub(1, h.square()) : tf.step(h);

const forward: TensorPasses["forward"] = (shape, theta, x) => {
  const spans = layerSpans(shape), skip = skipSpan(shape);
  const outputs: tf.Tensor2D[] = [];
  let h = x;
  for (const [i, span] of spans.entries()) {
    let z: tf.Tensor2D = tf.add(tf.matMul(h, weightsOf(span, theta)), biasOf(span, theta));
    if (i + 1 === spans.length && skip !== null) z = tf.add(z, tf.matMul(x, weightsOf(skip, theta)));
    h = i + 1 === spans.length ? z : shape.activation === "tanh" ? tf.tanh(z) : tf.relu(z);
    outputs.push(h);
  }
  return outputs;
};

const backward: TensorPasses["backward"] = (shape, theta, layers, dy, wanted) => {
  const spans = layerSpans(shape);
  const pieces: tf.Tensor1D[] = [];
  let delta = dy; // ∂L/∂z of the layer at hand
  for (let i = spans.length - 1; i >= 0; i--) {
    if (wanted !== "input") {
      pieces.unshift(tf.matMul(layers[i], delta, true, false).as1D(), tf.sum(delta, 0));
    }
    if (i === 0 && wanted === "theta") break;
    const dh: tf.Tensor2D = tf.matMul(delta, weightsOf(spans[i], theta), false, true);
    delta = i === 0 ? dh : tf.mul(dh, slopeOf(shape, layers[i]));
  }
  const skip = skipSpan(shape);
  if (skip !== null && wanted !== "theta") {
    delta = tf.add(delta, tf.matMul(dy, weightsOf(skip, theta), false, true));
  }
  if (wanted === "input") return { theta: null, input: delta };
  const last = spans[spans.length - 1];
  const rest = theta.size - last.bias - last.output;
  if (rest > 0) pieces.push(tf.zeros([rest]));
  return { theta: tf.concat1d(pieces), input: wanted === "both" ? delta : null };
};

/** (θ, layers, θ̇) ⇒ (ẏ [n, out]): derivative of the output along θ̇, by plain tensor operations. */
export const tensorTangent = (
  shape: MlpShape,
  theta: tf.Tensor1D,
  layers: ReadonlyArray<tf.Tensor2D>,
  direction: tf.Tensor1D,
): tf.Tensor2D => {
  let out: tf.Tensor2D | null = null; // ż, then ḣ, of the layer at hand
  for (const [i, span] of layerSpans(shape).entries()) {
    let z: tf.Tensor2D = tf.add(tf.matMul(layers[i], weightsOf(span, direction)), biasOf(span, direction));
    if (out !== null) z = tf.add(z, tf.matMul(tf.mul(out, slopeOf(shape, layers[i])), weightsOf(span, theta)));
    out = z;
  }
  return out!;
};

const clipSlope: TensorPasses["clipSlope"] = (y, dy, bound) => tf.mul(dy, tf.step(tf.sub(bound, tf.abs(y))));

/** The passes by the tensor library's own operations. */
export const plainTensorPasses: TensorPasses = { forward, backward, clipSlope };
