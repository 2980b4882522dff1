/**
 * The policy's mean for one observation in plain JS, in float64: where there are no kernels, and what they are held to.
 *
 * @module
 */
import type { NormalizerInUse, PolicyParams } from "../../data/parameters.ts";
import { NORMALIZED_BOUND } from "../networks/normalized_range.ts";

/** (observation [obs], neither clamped nor normalised) ⇒ mean [act], written into the second argument. */
export type PolicyInference = (observation: Float64Array, mean: Float64Array) => void;

const LANES = 4; // outputs computed together

/** A layer with its weights in groups of four outputs: [⌈out/4⌉, in, 4]; what exceeds `out` is zero. */
interface Layer {
  readonly weights: Float64Array;
  readonly bias: Float64Array; // [4·⌈out/4⌉]
  readonly values: Float64Array; // [4·⌈out/4⌉] after the activation
  readonly inputs: number;
}

/** (policy, normaliser) ⇒ (inference) on float64 copies of both; it owns its scratch, so it is not reentrant. */
export const makePlainInference = (
  policy: PolicyParams,
  normalizer: NormalizerInUse,
): PolicyInference => {
  const { sizes, activation } = policy.shape;
  const mean = Float64Array.from(normalizer.mean);
  const scale = Float64Array.from(normalizer.scale);
  const reach = mean.map((_, i) => normalizer.bound?.[i] ?? Infinity); // of float64, so that raw numbers are clamped
  const input = new Float64Array(sizes[0]);
  const layers = makeLayers(policy);
  const [last, actions] = [layers.length - 1, sizes[sizes.length - 1]];
  const activate = activation === "tanh" ? tanhInPlace : reluInPlace;
  return (observation, out) => {
    for (let i = 0; i < input.length; i++) {
      const seen = Math.min(reach[i], Math.max(-reach[i], observation[i]));
      input[i] = Math.min(NORMALIZED_BOUND, Math.max(-NORMALIZED_BOUND, (seen - mean[i]) * scale[i]));
    }
    let x: Float64Array = input;
    for (let l = 0; l <= last; l++) {
      affine(layers[l], x);
      x = layers[l].values;
      if (l < last) activate(x);
    }
    for (let i = 0; i < actions; i++) out[i] = x[i];
  };
};

const makeLayers = ({ shape: { sizes }, theta }: PolicyParams): Layer[] => {
  const layers: Layer[] = [];
  let offset = 0;
  for (let l = 0; l + 1 < sizes.length; l++) {
    const [inputs, outputs] = [sizes[l], sizes[l + 1]];
    const padded = Math.ceil(outputs / LANES) * LANES;
    const weights = new Float64Array(inputs * padded);
    const bias = new Float64Array(padded);
    for (let o = 0; o < outputs; o++) {
      const lane = o % LANES;
      for (let i = 0; i < inputs; i++) {
        weights[(o - lane) * inputs + i * LANES + lane] = theta[offset + i * outputs + o];
      }
      bias[o] = theta[offset + inputs * outputs + o];
    }
    layers.push({ weights, bias, values: new Float64Array(padded), inputs });
    offset += (inputs + 1) * outputs;
  }
  return layers;
};

/** (layer, x) ⇒ values = W x + b, four outputs at a time. */
const affine = ({ weights, bias, values, inputs }: Layer, x: Float64Array): void => {
  for (let o = 0, w = 0; o < bias.length; o += 4) {
    let a = bias[o];
    let b = bias[o + 1];
    let c = bias[o + 2];
    let d = bias[o + 3];
    for (let i = 0; i < inputs; i++, w += 4) {
      const v = x[i];
      a += weights[w] * v;
      b += weights[w + 1] * v;
      c += weights[w + 2] * v;
      d += weights[w + 3] * v;
    }
    values[o] = a;
    values[o + 1] = b;
    values[o + 2] = c;
    values[o + 3] = d;
  }
};

const PER_UNIT = 16; // table entries per unit of x
const END = 18; // beyond, tanh is ±1 to 1e-15
const TABLE = Float64Array.from({ length: 2 * END * PER_UNIT + 1 }, (_, i) => Math.tanh(i / PER_UNIT - END));

/**
 * x ← tanh x by a table and the addition theorem, error ≤ 1e-11, several times faster than `Math.tanh`.
 *
 *   tanh(c + r) = (tanh c + tanh r) / (1 + tanh c · tanh r),  tanh r ≈ r − r³/3 + 2r⁵/15 for |r| ≤ 1/32
 */
const tanhInPlace = (x: Float64Array): void => {
  for (let i = 0; i < x.length; i++) {
    const v = Math.min(END, Math.max(-END, x[i]));
    const at = Math.floor((v + END) * PER_UNIT + 0.5) | 0;
    const r = v - (at / PER_UNIT - END);
    const square = r * r;
    const small = r * (1 + square * (square * (2 / 15) - 1 / 3));
    const large = TABLE[at];
    x[i] = (large + small) / (1 + large * small);
  }
};

const reluInPlace = (x: Float64Array): void => {
  for (let i = 0; i < x.length; i++) x[i] = Math.max(0, x[i]);
};
