/**
 * Fitting stochastic dynamics and their inference network together, as a conditional variational auto-encoder.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { ModelParams } from "../../data/parameters.ts";
import { type Key, makeStream } from "../../math/random.ts";
import { adamInPlace, copyAdam } from "./adam.ts";
import { makeAverage } from "./average.ts";
import type { Features } from "../networks/dynamics.ts";
import type { ModelMean, ModelSegments, ModelTrainOptions, TrainedModel } from "./dynamics_fit.ts";
import { latentDivergence, posteriorOf } from "../networks/latent.ts";
import { mlp, mlpOfData } from "../networks/mlp.ts";
import { transitionTable } from "./transition_table.ts";

/** How stochastic dynamics are trained: on single steps. */
export interface LatentTrainOptions extends ModelTrainOptions {
  readonly batchSize: number;
  readonly latentWeight: number; // β of KL(q ‖ N(0, I))
}

/** A loss and its gradients by the parameters of both networks. */
export interface LatentGradient {
  readonly loss: number;
  readonly dynamics: Float32Array;
  readonly encoder: Float32Array;
}

/**
 * (model, input [n, features + act] and target [n, out], normalised, ε [n, latent], options) ⇒ (loss, its gradients).
 *
 *   η = m + s·ε, (m, s) = q(η | input, target),  e = f(input, η) − target
 *   loss = mean over transitions of (mean over obs of e² + α·e_residual² + β·KL(q ‖ N(0, I)))
 */
export const latentGradient = (
  model: ModelParams,
  { input, target }: { readonly input: Float32Array; readonly target: Float32Array },
  noise: Float32Array,
  observationSize: number,
  { rewardWeight, latentWeight }: Pick<LatentTrainOptions, "rewardWeight" | "latentWeight">,
): LatentGradient => {
  const latent = model.latent!, outputs = model.outputMean.length, n = target.length / outputs;
  let found: LatentGradient | null = null; // not returned by tidy, which would walk the elements of its arrays
  tf.tidy(() => {
    const x = tf.tensor2d(input, [n, input.length / n]), y = tf.tensor2d(target, [n, outputs]);
    const weights = tf.tensor1d(
      Array.from({ length: outputs }, (_, j) => (j < observationSize ? 1 / observationSize : rewardWeight)),
    );
    const both = tf.concat([x, y], 1), epsilon = tf.tensor2d(noise, [n, latent.size]);
    const lossOf = (theta: tf.Tensor, encoder: tf.Tensor): tf.Scalar => {
      const posterior = posteriorOf(mlpOfData(latent.shape, encoder as tf.Tensor1D, both));
      const eta = tf.add(posterior.mean, tf.mul(tf.exp(posterior.logStd), epsilon));
      const error = tf.sub(mlp(model.shape, theta as tf.Tensor1D, tf.concat([x, eta], 1) as tf.Tensor2D), y);
      const fit = tf.sum(tf.mul(tf.square(error), weights), 1);
      return tf.mean(tf.add(fit, tf.mul(latentDivergence(posterior), latentWeight)));
    };
    const { value, grads } = tf.valueAndGrads(lossOf)([tf.tensor1d(model.theta), tf.tensor1d(latent.theta)]);
    const [dynamics, encoder] = grads.map((gradient) => gradient.dataSync() as Float32Array);
    found = { loss: value.dataSync()[0], dynamics: dynamics.slice(), encoder: encoder.slice() };
  });
  return found!;
};

const GROUP = 64; // updates whose transitions are drawn and normalised together

/**
 * (model, (n, group) ⇒ n transitions, options, features, key, mean so far) ⇒ (model, loss of every update): Adam on
 * `latentGradient`; dynamics and inference network are averaged alike.
 */
export const trainLatent = (
  model: ModelParams,
  sample: (count: number, group: number) => ModelSegments,
  options: LatentTrainOptions,
  features: Features,
  key: Key,
  mean: ModelMean = { model, updates: 0 },
): TrainedModel => {
  const { updates, batchSize, learningRate, decay } = options, latent = model.latent!, { normal } = makeStream(key);
  const [theta, encoder] = [model.theta.slice(), latent.theta.slice()], losses = new Float64Array(updates);
  const now = { ...model, theta, latent: { ...latent, theta: encoder } };
  let [ofDynamics, ofEncoder] = [copyAdam(model.adam), copyAdam(latent.adam)];
  const averageOf = (from: Float32Array) => makeAverage(from, options.averaging, mean.updates);
  const averages = [averageOf(mean.model.theta), averageOf(mean.model.latent!.theta)] as const;
  for (let start = 0; start < updates; start += GROUP) {
    const size = Math.min(GROUP, updates - start), group = sample(batchSize * size, start / GROUP);
    const table = transitionTable(model, group, features),
      observationSize = group.observation.length / (2 * group.count);
    for (let i = 0; i < size; i++) {
      const rows = (array: Float32Array) => array.subarray(i * array.length / size, (i + 1) * array.length / size);
      const minibatch = { input: rows(table.input), target: rows(table.target) };
      const noise = Float32Array.from({ length: batchSize * latent.size }, normal);
      const found = latentGradient(now, minibatch, noise, observationSize, options);
      const rate = { learningRate: learningRate * decay ** ((start + i) / Math.max(1, updates - 1)) };
      ofDynamics = adamInPlace(theta, found.dynamics, ofDynamics, rate);
      ofEncoder = adamInPlace(encoder, found.encoder, ofEncoder, rate);
      averages[0].add(theta, start + i);
      averages[1].add(encoder, start + i);
      losses[start + i] = found.loss;
    }
  }
  const last = { ...model, theta, adam: ofDynamics, latent: { ...latent, theta: encoder, adam: ofEncoder } };
  const encoderMean = { ...last.latent, theta: averages[1].mean(encoder) };
  return { model: { ...last, theta: averages[0].mean(theta), latent: encoderMean }, last, losses };
};
