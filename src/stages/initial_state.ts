/**
 * The training state before the first iteration.
 *
 * @module
 */
import { type Ensemble, oneFold } from "../data/folds.ts";
import { noControl } from "../data/gradient.ts";
import { emptyMemory } from "../data/memory.ts";
import { rewardOutputs, withReward } from "../imagination/model_reward.ts";
import { fold, type Key } from "../math/random.ts";
import { makeCritic } from "../nn/networks/critic.ts";
import type { ModelParams } from "../data/parameters.ts";
import { makeModel } from "../nn/networks/dynamics.ts";
import { makeNormalizer } from "../nn/networks/normalizer.ts";
import { makePolicy, overRange } from "../nn/networks/policy.ts";
import { makeValue } from "../nn/networks/value.ts";
import { makeEnvs } from "../rollout/envs.ts";
import type { Task } from "../tasks/task.ts";
import type { TrainState } from "./stage.ts";

/** Sizes of the networks. */
export interface NetworkOptions {
  /** Hidden layers of μ, and the initial log standard deviation of every action, in halves of its control's range. */
  readonly policy: { readonly hidden: ReadonlyArray<number>; readonly logStd: number };
  /** Hidden layers of V and of the critic Q. */
  readonly value: { readonly hidden: ReadonlyArray<number> };
  /** Hidden layers of f, and what it learns of the reward. */
  readonly model: {
    readonly hidden: ReadonlyArray<number>;
    readonly activation: "tanh" | "relu";
    readonly reward: "known" | "learned";
    /** Models of the ensemble, 1 where absent. */
    readonly members?: number;
    /** Width of η of stochastic dynamics; deterministic where 0 or absent. */
    readonly latent?: number;
    /** Predictions stay within ± this many deviations; no bound where 0 or absent. */
    readonly outputBound?: number;
  };
}

/** (task, options, key) ⇒ (ensemble), each member with parameters of its own. */
const initialModel = (task: Task, options: NetworkOptions["model"], key: Key): Ensemble<ModelParams> => {
  const { members = 1, latent: latentSize = 0, ...rest } = options,
    network = { ...rest, latentSize },
    imagined = withReward(task.imagined, options.reward);
  const sizes = {
    inputSize: imagined.featureSize + task.actionSize,
    outputSize: task.observationSize + rewardOutputs(imagined),
  };
  const others = Array.from({ length: members - 1 }, (_, i) => makeModel({ ...sizes, ...network }, fold(key, i + 1)));
  return { members: [makeModel({ ...sizes, ...network }, key), ...others] };
};

/** (task, networks, key) ⇒ (state). */
export const initialState = (task: Task, networks: NetworkOptions, key: Key): TrainState => {
  const { observationSize, actionSize } = task;
  const policy = makePolicy({ observationSize, actionSize, ...networks.policy }, fold(key, "policy"));
  return {
    policy: overRange(policy, task.controlRange),
    value: oneFold(makeValue({ observationSize, ...networks.value }, fold(key, "value"))),
    critic: oneFold(makeCritic({ observationSize, actionSize, ...networks.value }, fold(key, "critic"))),
    control: noControl,
    model: oneFold(initialModel(task, networks.model, fold(key, "model"))),
    normalizer: makeNormalizer(observationSize, task.observationBound),
    memory: emptyMemory,
    envs: makeEnvs(task, 0),
  };
};
