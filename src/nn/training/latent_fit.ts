/**
 * Fitting stochastic dynamics and their inference network together, as a conditional variational auto-encoder.
 *
 * @module
 */
import type { ModelParams } from "../../data/parameters.ts";
import { type Key, makeStream } from "../../math/random.ts";
import type { Features } from "../networks/dynamics.ts";
import { mlpEngine } from "../passes/mlp_engine.ts";
import type { ModelMean, ModelSegments, ModelTrainOptions, TrainedModel } from "./dynamics_fit.ts";
import { type LatentLossOptions, openLatentLoss } from "./latent_gradient.ts";
import { type PlacedTraining, trainPlaced } from "./network_training.ts";
import { GROUP } from "./segment_training.ts";
import { type TransitionTable, transitionTable } from "./transition_table.ts";

/** How stochastic dynamics are trained: on single steps. */
export interface LatentTrainOptions extends ModelTrainOptions, LatentLossOptions {
  readonly batchSize: number;
}

/** Both networks in training. */
interface BothTrainings {
  readonly dynamics: PlacedTraining;
  readonly encoder: PlacedTraining;
}

/** (table of a group, its updates, one of them) ⇒ the transitions of that update. */
const minibatchOf = ({ input, target }: TransitionTable, updates: number, update: number): TransitionTable => {
  const rows = (x: Float32Array) => x.subarray(update * x.length / updates, (update + 1) * x.length / updates);
  return { input: rows(input), target: rows(target) };
};

/** (model, (n, group) ⇒ n transitions, options, features, key) ⇒ (loss of every update), which `training` takes. */
const takeUpdates = (
  model: ModelParams,
  sample: (count: number, group: number) => ModelSegments,
  options: LatentTrainOptions,
  features: Features,
  key: Key,
  { dynamics, encoder }: BothTrainings,
): Float64Array => {
  const { passes } = mlpEngine(), { updates, batchSize, learningRate, decay } = options, latent = model.latent!;
  const losses = new Float64Array(updates), { normal } = makeStream(key);
  const sizeFrom = (update: number) => Math.min(GROUP, updates - update);
  const drawFrom = (update: number) => sample(batchSize * sizeFrom(update), update / GROUP);
  const first = drawFrom(0), observationSize = first.observation.length / (2 * first.count);
  const loss = openLatentLoss(passes, model, { dynamics, encoder }, batchSize, observationSize, options);
  try {
    let table = transitionTable(model, first, features);
    for (let i = 0; i < updates; i++) {
      const at = i % GROUP;
      if (at === 0 && i > 0) table = transitionTable(model, drawFrom(i), features);
      passes.floats().fill(0, dynamics.gradient, dynamics.gradient + model.theta.length);
      passes.floats().fill(0, encoder.gradient, encoder.gradient + latent.theta.length);
      const noise = Float32Array.from({ length: batchSize * latent.size }, normal);
      losses[i] = loss.add(minibatchOf(table, sizeFrom(i - at), at), noise);
      const rate = learningRate * decay ** (i / Math.max(1, updates - 1));
      dynamics.step(rate);
      encoder.step(rate);
    }
    return losses;
  } finally {
    loss.free();
  }
};

/**
 * (model, (n, group) ⇒ n transitions, options, features, key, mean so far) ⇒ (model, loss of every update): Adam on the loss
 * of `latent_gradient.ts`; dynamics and inference network are averaged alike.
 * Fails: `OutOfMemory`, with nothing left behind.
 */
export const trainLatent = (
  model: ModelParams,
  sample: (count: number, group: number) => ModelSegments,
  options: LatentTrainOptions,
  features: Features,
  key: Key,
  before: ModelMean = { model, updates: 0 },
): TrainedModel => {
  const { passes } = mlpEngine(), { updates } = before, { averaging } = options, latent = model.latent!;
  let losses: Float64Array = new Float64Array(0), ofEncoder: ReturnType<typeof trainPlaced> | null = null;
  const ofDynamics = trainPlaced(
    passes,
    model,
    (dynamics) => {
      ofEncoder = trainPlaced(
        passes,
        latent,
        (encoder) => {
          losses = takeUpdates(model, sample, options, features, key, { dynamics, encoder });
        },
        averaging,
        { theta: before.model.latent!.theta, updates },
      );
    },
    averaging,
    { theta: before.model.theta, updates },
  );
  const { theta, adam, mean } = ofEncoder!;
  const last = { ...model, theta: ofDynamics.theta, adam: ofDynamics.adam, latent: { ...latent, theta, adam } };
  return { model: { ...last, theta: ofDynamics.mean, latent: { ...last.latent, theta: mean } }, last, losses };
};
