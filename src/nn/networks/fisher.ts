/**
 * Products of the policy's Fisher matrix with vectors, for the conjugate gradient of TRPO.
 *
 * @module
 */
import { mlpParameterCount, type PolicyParams } from "../../data/parameters.ts";
import { openArena } from "../passes/arena.ts";
import { widestLayer } from "../passes/layers.ts";
import { mlpEngine } from "../passes/mlp_engine.ts";
import { placedMlp } from "../passes/passes.ts";
import { scaleRows } from "../passes/row_loops.ts";

/** A matrix by its products, with memory that the caller gives back. */
export interface FisherProduct {
  /** (v [parameters]) ⇒ (F v + damping·v [parameters]). */
  readonly product: (v: Float32Array) => Float32Array;
  /** Frees the cached activations. */
  readonly dispose: () => void;
}

/**
 * (policy, observation [n, obs] normalised, damping) ⇒ (product).
 *
 *   F v = 1/n Σᵢ Jᵢᵀ Σ⁻¹ Jᵢ v for the parameters of μ, and exactly 2·v for logStd, J = ∂μ/∂θ
 *
 * This is the Hessian of the mean KL(old ‖ new) at new = old. One forward-mode and one reverse-mode pass on cached
 * activations: the tensor library's gradient of a gradient is wrong for tanh.
 */
export const makeFisherProduct = (
  params: PolicyParams,
  observation: Float32Array,
  damping: number,
): FisherProduct => {
  const count = mlpParameterCount(params.shape), { meanProduct, dispose } = ofMean(params, observation);
  const product = (v: Float32Array): Float32Array => {
    const out = meanProduct(v);
    for (let i = count; i < v.length; i++) out[i] = 2 * v[i];
    for (let i = 0; i < v.length; i++) out[i] += damping * v[i];
    return out;
  };
  return { product, dispose };
};

/** Products of the part of F that belongs to the parameters of μ. */
interface MeanProduct {
  readonly meanProduct: (v: Float32Array) => Float32Array;
  readonly dispose: () => void;
}

/** Rows go forward and back in chunks, so that their activations are fetched from memory once a product. */
const ofMean = ({ shape, theta }: PolicyParams, observation: Float32Array): MeanProduct => {
  const { passes } = mlpEngine();
  const { sizes } = shape, inputs = sizes[0], outputs = sizes[sizes.length - 1], parameters = theta.length;
  const n = observation.length / inputs, most = Math.min(n, passes.rows);
  const precision = Float32Array.from(theta.subarray(mlpParameterCount(shape)), (logStd) => Math.exp(-2 * logStd) / n);
  const { places: at, free } = openArena(passes, (take) => ({
    theta: take(parameters),
    direction: take(parameters),
    gradient: take(parameters),
    output: take(most * outputs),
    spare: take(2 * most * widestLayer(shape)),
    layers: sizes.slice(0, -1).map((size) => take(n * size)),
  }));
  const network = placedMlp(shape, at.theta), back = { spare: at.spare, input: null, theta: at.gradient };
  const inChunks = (pass: (layers: number[], rows: number) => void): void => {
    for (let first = 0; first < n; first += most) {
      pass(at.layers.map((place, i) => place + first * sizes[i]), Math.min(most, n - first));
    }
  };
  passes.floats().set(theta, at.theta);
  passes.floats().set(observation, at.layers[0]);
  try {
    inChunks((layers, rows) => passes.forward(network, [...layers, at.output], rows));
  } catch (error) { // a full heap
    free();
    throw error;
  }
  const meanProduct = (v: Float32Array): Float32Array => {
    passes.floats().set(v, at.direction);
    passes.floats().fill(0, at.gradient, at.gradient + parameters);
    inChunks((layers, rows) => {
      passes.tangent(network, layers, at, rows);
      scaleRows(passes.floats(), at.output, rows, precision);
      passes.backward(network, layers, at.output, rows, back);
    });
    return passes.floats().slice(at.gradient, at.gradient + parameters);
  };
  return { meanProduct, dispose: free };
};
