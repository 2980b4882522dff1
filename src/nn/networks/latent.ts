/**
 * Stochastic dynamics with a latent variable: s′ = f(s, a, η), η ~ N(0, I), and its inference network q(η | s, a, s′), which
 * says which η a real transition may have had.
 *
 * Source: MSCV, section 4.2, "latent space trajectory embedding"; Kingma and Welling 2014, Sohn et al. 2015 (conditional
 * VAE).
 *
 * @module
 */
import { type LatentParams, mlpParameterCount, type ModelParams } from "../../data/parameters.ts";
import { fold, type Key, type Stream } from "../../math/random.ts";
import { makeAdam } from "../training/adam.ts";
import { networkForward } from "../passes/network_forward.ts";
import { initializeMlp } from "./mlp.ts";

/** (model's sizes, hidden layers, size of η, key) ⇒ (latent) whose inference network starts near N(0, I). */
export const makeLatent = (
  { inputSize, outputSize }: { readonly inputSize: number; readonly outputSize: number },
  hidden: ReadonlyArray<number>,
  size: number,
  key: Key,
): LatentParams => {
  const shape = { sizes: [inputSize + outputSize, ...hidden, 2 * size], activation: "tanh" as const };
  return {
    size,
    shape,
    theta: initializeMlp(shape, fold(key, "encoder"), 0.1),
    adam: makeAdam(mlpParameterCount(shape)),
  };
};

/** Mean and log deviation of one number of η under q(η | s, a, s′). */
export interface Posterior {
  readonly mean: number;
  readonly logStd: number;
}

const LARGEST_LOG_STD = 5; // ± of q: beyond it exp would run away before the loss pulls it back

/** (outputs of the inference network, from `at` on those of a row [2·latent]; latent; number l of η) ⇒ (posterior). */
export const posteriorOf = (output: Float32Array, at: number, size: number, l: number): Posterior => ({
  mean: output[at + l],
  logStd: LARGEST_LOG_STD * Math.tanh(output[at + size + l] / LARGEST_LOG_STD),
});

/** (log deviation) ⇒ its derivative by the network's output that it is made of. */
export const posteriorSlope = (logStd: number): number => 1 - (logStd / LARGEST_LOG_STD) ** 2;

/** KL(q ‖ N(0, 1)) of one number of η: ½(m² + s² − 1) − log s. */
export const latentDivergence = ({ mean, logStd }: Posterior): number =>
  (mean * mean + Math.exp(2 * logStd) - 1) / 2 - logStd;

/**
 * η of real transitions, drawn from q.
 * (model, input [n, features + act] and target [n, out], both normalised, stream) ⇒ (η [n, latent])
 * Fails: `OutOfMemory`.
 */
export const inferLatent = (
  { latent }: Pick<ModelParams, "latent">,
  input: Float32Array,
  target: Float32Array,
  stream: Stream,
): Float32Array => {
  if (latent === undefined) return new Float32Array(0);
  const { shape, theta, size } = latent, width = shape.sizes[0], n = (input.length + target.length) / width;
  const eta = Float32Array.from({ length: n * size }, stream.normal); // ε, until η takes its place
  const known = input.length / n, both = new Float32Array(n * width);
  for (let i = 0; i < n; i++) {
    both.set(input.subarray(i * known, (i + 1) * known), i * width);
    both.set(target.subarray(i * (width - known), (i + 1) * (width - known)), i * width + known);
  }
  networkForward(shape, theta, both, (output, first) => {
    for (let at = 0, i = first * size; at < output.length; at += 2 * size) {
      for (let l = 0; l < size; l++, i++) {
        const { mean, logStd } = posteriorOf(output, at, size, l);
        eta[i] = mean + Math.exp(logStd) * eta[i];
      }
    }
  });
  return eta;
};
