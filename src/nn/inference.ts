/**
 * The policy's mean for one observation, in plain JS: needs no tensor library, so that it runs in web workers.
 *
 * @module
 */
import type { Normalizer, PolicyParams } from "../data/parameters.ts";

const CLIP = 10; // as in `normalizer.ts`

/** (observation [obs], not normalised) ⇒ mean [act], written into the second argument. */
export type PolicyInference = (observation: Float64Array, mean: Float64Array) => void;

/** A layer with its weights row by row for one output: [out, in]. */
interface Layer {
  readonly weights: Float64Array; // [out, in]
  readonly bias: Float64Array; // [out]
  readonly values: Float64Array; // [out] after the activation
}

/** (policy, normaliser) ⇒ (inference) on float64 copies of both; it owns its scratch, so it is not reentrant. */
export const makePolicyInference = (
  policy: PolicyParams,
  normalizer: Pick<Normalizer, "mean" | "scale">,
): PolicyInference => {
  const { sizes, activation } = policy.shape;
  const mean = Float64Array.from(normalizer.mean);
  const scale = Float64Array.from(normalizer.scale);
  const input = new Float64Array(sizes[0]);
  const layers = makeLayers(policy);
  const last = layers.length - 1;
  const activate = activation === "tanh" ? tanhInPlace : reluInPlace;
  return (observation, out) => {
    for (let i = 0; i < input.length; i++) {
      input[i] = Math.min(CLIP, Math.max(-CLIP, (observation[i] - mean[i]) * scale[i]));
    }
    let x: Float64Array = input;
    for (let l = 0; l < last; l++) {
      affine(layers[l], x, layers[l].values);
      x = layers[l].values;
      activate(x);
    }
    affine(layers[last], x, out);
  };
};

const makeLayers = ({ shape: { sizes }, theta }: PolicyParams): Layer[] => {
  const layers: Layer[] = [];
  let offset = 0;
  for (let l = 0; l + 1 < sizes.length; l++) {
    const [input, output] = [sizes[l], sizes[l + 1]];
    const weights = new Float64Array(input * output);
    for (let i = 0; i < input; i++) {
      for (let o = 0; o < output; o++) weights[o * input + i] = theta[offset + i * output + o];
    }
    const bias = Float64Array.from(theta.subarray(offset + input * output, offset + (input + 1) * output));
    layers.push({ weights, bias, values: new Float64Array(output) });
    offset += (input + 1) * output;
  }
  return layers;
};

/** (layer, x) ⇒ out = W x + b, in four accumulators. */
const affine = (layer: Layer, x: Float64Array, out: Float64Array): void => {
  const { weights, bias } = layer;
  const n = x.length;
  const even = n - (n & 3);
  for (let o = 0, w = 0; o < bias.length; o++) {
    let [a, b, c, d] = [bias[o], 0, 0, 0];
    let i = 0;
    for (; i < even; i += 4, w += 4) {
      a += weights[w] * x[i];
      b += weights[w + 1] * x[i + 1];
      c += weights[w + 2] * x[i + 2];
      d += weights[w + 3] * x[i + 3];
    }
    for (; i < n; i++, w++) a += weights[w] * x[i];
    out[o] = (a + b) + (c + d);
  }
};

const tanhInPlace = (x: Float64Array): void => {
  for (let i = 0; i < x.length; i++) x[i] = Math.tanh(x[i]);
};

const reluInPlace = (x: Float64Array): void => {
  for (let i = 0; i < x.length; i++) x[i] = Math.max(0, x[i]);
};
