/**
 * The learned world in which rollouts are imagined: the frozen networks of one iteration; and one step of it in tensors.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { ReturnForm } from "../data/gradient.ts";
import { type Ensemble, isSimulator, type Model } from "../data/folds.ts";
import type { ModelParams, Normalizer, PolicyParams, ValueParams } from "../data/parameters.ts";
import { type ModelTensors, predictDynamics } from "../nn/networks/dynamics.ts";
import { clipActions } from "../nn/passes/clip.ts";
import { columns, tensorAlgebra } from "../nn/passes/tensor_algebra.ts";
import type { ImaginedTask } from "../tasks/task.ts";
import { featuresOf, withReward } from "./model_reward.ts";

/** What a rollout of one model is imagined with, as plain records. */
export interface World {
  /** The task as imagination sees it. */
  readonly task: ImaginedTask;
  /** π */
  readonly policy: PolicyParams;
  /** V */
  readonly value: ValueParams;
  /** f */
  readonly model: ModelParams;
  /** Normalisation of observations in use. */
  readonly normalizer: Normalizer;
}

/** The same with an ensemble of models. */
export interface EnsembleWorld extends Omit<World, "model"> {
  /** f of every member */
  readonly model: Ensemble<ModelParams>;
}

/** The same by whatever steps it: networks, or a simulator. */
export interface ImaginedWorld extends Omit<World, "model"> {
  /** f */
  readonly model: Model;
}

/** A simulator stands where a learned model is asked for, whose derivatives are known. */
export class ModelUndifferentiable extends Error {
  /** Discriminates typed errors. */
  readonly _tag = "ModelUndifferentiable";
  /** The class name, as shown. */
  override readonly name = "ModelUndifferentiable";

  /** (who asks, how G2 was to be taken) ⇒ (error with a message). */
  constructor(readonly reader: string, way = "pathDerivative") {
    super(
      `Cannot run ${reader} as imaginedGradient must be mirroredPairs where a simulator imagines, whose derivatives ` +
        `nobody knows: current value is ${way}`,
    );
  }
}

/** (world, who asks for derivatives) ⇒ the world, whose model is learned. Throws ModelUndifferentiable. */
export const learnedWorld = <W extends ImaginedWorld>(
  world: W,
  reader: string,
): Omit<W, "model"> & EnsembleWorld => {
  const { model } = world;
  if (isSimulator(model)) throw new ModelUndifferentiable(reader);
  return { ...world, model };
};

/** (world) ⇒ the world of each member, which shares all but the model. */
export const memberWorlds = <W extends EnsembleWorld>(world: W): ReadonlyArray<Omit<W, "model"> & World> =>
  world.model.members.map((model) => ({ ...world, model }));

/** (model) ⇒ width of η of its dynamics; 0 where they are deterministic, as a simulator's are. */
export const latentSize = (model: Model): number => isSimulator(model) ? 0 : model.members[0].latent?.size ?? 0;

/** 1 where x > 0, else 0; its gradient is taken as 0. */
const indicator = tf.customGrad((x) => ({
  value: tf.cast(tf.greater(x as tf.Tensor, 0), "float32"),
  gradFunc: (dy: tf.Tensor) => tf.zerosLike(dy),
})) as (x: tf.Tensor1D) => tf.Tensor1D;

/** What one imagined step gives. */
export interface ImaginedStep {
  /** [n, obs] */
  readonly next: tf.Tensor2D;
  /** [n] */
  readonly reward: tf.Tensor1D;
  /** [n] probability of going on, null where the task never terminates */
  readonly survival: tf.Tensor1D | null;
}

/** (s [n, obs], a [n, act], η [n, latent] or null) ⇒ (s′, r, survival); actions are clipped to the control range, as the environment does. */
export const imaginedStep = (
  world: Pick<World, "task" | "model"> & { readonly dynamics: ModelTensors },
  observation: tf.Tensor2D,
  action: tf.Tensor2D,
  termination: ReturnForm["termination"],
  latent: tf.Tensor2D | null = null,
): ImaginedStep => {
  const task = withReward(world.task, world.model.reward);
  const { nextObservation: next, rewardResidual } = predictDynamics(
    world.dynamics,
    featuresOf(task),
    observation,
    action,
    latent,
  );
  const s = columns(observation), a = columns(clipActions(action, task.controlRange)), nextColumns = columns(next);
  const known = task.knownReward(tensorAlgebra, s, a, nextColumns);
  const reward = rewardResidual === null ? known : tf.add(known, rewardResidual) as tf.Tensor1D;
  const alive = task.survival(tensorAlgebra, nextColumns).map(({ margin, width }): tf.Tensor1D =>
    termination === "soft" ? tf.sigmoid(tf.mul(margin, 1 / width)) : indicator(margin)
  );
  return { next, reward, survival: alive.length === 0 ? null : alive.reduce((p, q) => tf.mul(p, q)) };
};
